package usbmux

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"syscall"
)

// What a caller can act on.
var (
	ErrNotRunning = errors.New("usbmuxd is not running")
	ErrAddress    = errors.New("no address of usbmuxd")
	ErrPermission = errors.New("no permission to talk to usbmuxd")
	ErrOldDaemon  = errors.New("usbmuxd is too old")
	ErrProtocol   = errors.New("usbmuxd sent what it should not")
	ErrNoDevice   = errors.New("no such device")
	ErrRefused    = errors.New("the device refuses the port")
	ErrNotPaired  = errors.New("no pair record")
	ErrBadRecord  = errors.New("malformed pair record")
	ErrRequest    = errors.New("usbmuxd refuses the request")
)

// The numbers of a Result. What resultNoDevice means depends on the request: for
// those of pair records it is ENOENT.
const (
	resultNoDevice   = 2
	resultRefused    = 3
	resultBadVersion = 6
)

// resultError is the error of a Result to a request of that name.
func resultError(request string, number int64) error {
	kind := ErrRequest
	switch {
	case number == 0:
		return nil
	case number == resultNoDevice && aboutRecord(request):
		kind = ErrNotPaired
	case number == resultNoDevice && request == connectRequest:
		kind = ErrNoDevice
	case number == resultRefused && request == connectRequest:
		kind = ErrRefused
	case number == resultBadVersion:
		kind = ErrOldDaemon
	}
	return fmt.Errorf("%w (result %d)", kind, number)
}

func aboutRecord(request string) bool {
	return request == readRecordRequest || request == saveRecordRequest
}

// dialError tells why the daemon cannot be reached.
func dialError(addr Address, err error) error {
	kind := ErrNotRunning
	switch {
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		kind = ErrPermission
	case errors.Is(err, iofs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
	default:
		return fmt.Errorf("connect to usbmuxd at %s: %w", addr, err)
	}
	return fmt.Errorf("connect to usbmuxd at %s: %w: %w", addr, kind, err)
}
