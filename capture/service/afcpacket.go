package service

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"

	"ibfs/capture/plist"
)

// Operations of AFC.
const (
	afcStatus     = 0x01
	afcData       = 0x02
	afcRemovePath = 0x08
	afcMakeDir    = 0x09
	afcFileOpen   = 0x0d
	afcFileOpened = 0x0e
	afcFileRead   = 0x0f
	afcFileWrite  = 0x10
	afcFileClose  = 0x14
	afcFileLock   = 0x1b
)

const (
	afcMagic  = "CFA6LPAA"
	afcHeader = 40
	maxAFC    = 1 << 20 // of an answer; reads ask for 64 KiB
)

// ErrWouldBlock says that another host holds the lock.
var ErrWouldBlock = errors.New("another computer or a sync is using the phone")

// An AFCError is the status of an operation that failed. It answers errors.Is
// for ErrNotExist, ErrPermission and ErrExist of io/fs, and for ErrWouldBlock.
type AFCError uint64

// The statuses that mean something here.
const (
	afcOK         AFCError = 0
	afcNotFound   AFCError = 8
	afcDenied     AFCError = 10
	afcExists     AFCError = 16
	afcWouldBlock AFCError = 19
)

func (e AFCError) Error() string {
	if kind := e.Unwrap(); kind != nil {
		return kind.Error()
	}
	return fmt.Sprintf("AFC status %d", uint64(e))
}

// Unwrap is the error that the status stands for, or nil.
func (e AFCError) Unwrap() error {
	switch e {
	case afcNotFound:
		return iofs.ErrNotExist
	case afcDenied:
		return iofs.ErrPermission
	case afcExists:
		return iofs.ErrExist
	case afcWouldBlock:
		return ErrWouldBlock
	}
	return nil
}

// appendAFC appends a packet to b.
//
// Wire: magic, then four little-endian uint64: length of all, length of header
// and fixed part, number (the answer has that of its request), operation. Then
// the fixed part, then the payload. Source: libimobiledevice afc.h.
func appendAFC(b []byte, number, op uint64, fixed, payload []byte) []byte {
	b = append(b, afcMagic...)
	this := uint64(afcHeader + len(fixed))
	for _, n := range []uint64{this + uint64(len(payload)), this, number, op} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return append(append(b, fixed...), payload...)
}

// readAFC reads a packet and returns what follows its header: fixed part and
// payload in one, as an answer has but one of them. Lengths that do not fit, or
// above 1 MiB, give ErrProtocol before anything is allocated; a cut stream gives
// io.EOF or io.ErrUnexpectedEOF.
func readAFC(r io.Reader) (number, op uint64, body []byte, err error) {
	var head [afcHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, nil, err
	}
	field := func(i int) uint64 { return binary.LittleEndian.Uint64(head[8+8*i:]) }
	whole, this := field(0), field(1)
	if string(head[:8]) != afcMagic || this < afcHeader || this > whole || whole > maxAFC {
		return 0, 0, nil, fmt.Errorf("%w: an AFC header with lengths %d and %d", ErrProtocol, whole, this)
	}
	body, err = plist.ReadBody(r, int64(whole-afcHeader))
	return field(2), field(3), body, err
}
