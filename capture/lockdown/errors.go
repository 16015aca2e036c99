package lockdown

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"ibfs/capture/deadline"
	"ibfs/capture/usbmux"
)

// What a caller can act on.
var (
	ErrNotPaired       = usbmux.ErrNotPaired // also: the phone forgot this computer
	ErrTrustPending    = errors.New("the phone asks whether to trust this computer")
	ErrTrustDenied     = errors.New("the phone's owner tapped Don't Trust")
	ErrPasscodeLocked  = errors.New("the phone is locked")
	ErrPairOverNetwork = errors.New("the phone pairs by cable only")
	ErrManaged         = errors.New("the phone is managed and its profile forbids it")
	ErrRestoreMode     = errors.New("the phone is in restore mode")
	ErrAsleep          = errors.New("the phone is asleep or out of reach")
	ErrNoAnswer        = errors.New("the phone did not answer in time")
	ErrOtherPhone      = errors.New("it is not the phone that was paired")
	ErrOtherKey        = fmt.Errorf("%w: it has another key", ErrOtherPhone) // also: the phone after a repair
	ErrEscrowBag       = errors.New("the phone does not take the pair record's escrow bag")
	ErrNoValue         = errors.New("the phone has no such value")
	ErrProhibited      = errors.New("the phone does not allow it")
	ErrNoService       = errors.New("the phone does not offer the service")
	ErrTooMany         = errors.New("too many services are running on the phone")
	ErrProtocol        = errors.New("the phone sent what it should not")
)

// kinds are the codes of lockdownd that a caller can act on.
var kinds = map[string]error{
	"InvalidHostID":                       ErrNotPaired,
	"PairingDialogResponsePending":        ErrTrustPending,
	"UserDeniedPairing":                   ErrTrustDenied,
	"PasswordProtected":                   ErrPasscodeLocked,
	"EscrowLocked":                        ErrPasscodeLocked,
	"PairingProhibitedOverThisConnection": ErrPairOverNetwork,
	"MCProtected":                         ErrManaged,
	"MCChallengeRequired":                 ErrManaged,
	"MissingValue":                        ErrNoValue,
	"GetProhibited":                       ErrProhibited,
	"SetProhibited":                       ErrProhibited,
	"ServiceProhibited":                   ErrNoService,
	"InvalidService":                      ErrNoService,
	"ServiceLimit":                        ErrTooMany,
}

// An Error is what lockdownd answers a request with. It answers errors.Is for
// the errors above.
type Error struct {
	Request string
	Code    string // such as "InvalidHostID"
}

func (e *Error) Error() string { return fmt.Sprintf("%s: the phone answers %s", e.Request, e.Code) }

func (e *Error) Unwrap() error { return kinds[e.Code] }

func newError(request, code string) *Error {
	return &Error{request, strings.ToValidUTF8(fmt.Sprintf("%.64s", code), "")}
}

// isCode tells whether err is one of these answers of lockdownd.
func isCode(err error, codes ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}

// isAlert tells whether the other end refused TLS. crypto/tls has a type for
// alerts, but does not export it.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// isDrop tells whether the phone let the connection go, or never took it.
func isDrop(err error) bool {
	return deadline.Gone(err) || errors.Is(err, usbmux.ErrRefused) || errors.Is(err, deadline.ErrSilent)
}

// ended tells whether a context is the reason of err.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
