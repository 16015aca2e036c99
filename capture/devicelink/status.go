package devicelink

import (
	"errors"
	iofs "io/fs"
	"syscall"

	"ibfs/capture/devicelink/bplist"
)

// codes are the numbers that DeviceLink has for errors.
var codes = []struct {
	is   error
	code int64
}{
	{iofs.ErrNotExist, -6},
	{iofs.ErrExist, -7},
	{syscall.ENOTDIR, -8},
	{syscall.EISDIR, -9},
	{syscall.ELOOP, -10},
	{syscall.EIO, -11},
	{syscall.ENOSPC, -15},
	{syscall.EDQUOT, -15},
}

const (
	codeOther = -1
	codeMulti = -13 // the payload tells each file's own
)

// Code is the number by which the phone is told of an error; 0 is none.
//
// Source: libimobiledevice tools/idevicebackup2.c, errno_to_device_error.
func Code(err error) int64 {
	if err == nil {
		return 0
	}
	for _, c := range codes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return codeOther
}

// text is what the phone is told beside the number: no path of this machine.
func text(err error) string {
	var number syscall.Errno
	switch {
	case err == nil:
		return emptyParameter
	case errors.Is(err, errUnsupported), errors.Is(err, errCannotPurge):
		return err.Error()
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, iofs.ErrNotExist):
		return syscall.ENOENT.Error()
	case errors.Is(err, ErrRefused):
		return ErrRefused.Error()
	}
	return "operation failed"
}

// answer sends the answer to a request: what became of it, and a payload.
func (c *Conn) answer(err error, payload any) error {
	return c.send("DLMessageStatusResponse", Code(err), text(err), payload)
}

// answerDict answers with a dictionary that is already in the encoder.
func (c *Conn) answerDict(code int64, text string, payload bplist.Ref) error {
	e := &c.enc
	return c.flush(e.Array(e.String("DLMessageStatusResponse"), e.Int(code), e.String(text), payload))
}
