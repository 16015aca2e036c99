package usbmux

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// AddressVariable is the environment variable that other programs take the
// daemon's address from.
const AddressVariable = "USBMUXD_SOCKET_ADDRESS"

// An Address says where the daemon listens. The zero Address is the platform's
// own, /var/run/usbmuxd.
type Address struct {
	network, where string
}

var platformAddress = Address{"unix", "/var/run/usbmuxd"}

// ParseAddress reads the value of USBMUXD_SOCKET_ADDRESS in any form that a
// client of the daemon knows: UNIX:/path (libusbmuxd), /path (pymobiledevice3,
// go-ios), unix:/path, unix:///path, host:port, [v6]:port, tcp://host:port. An
// empty one is the zero Address. The error wraps ErrAddress.
func ParseAddress(s string) (Address, error) {
	if s == "" {
		return Address{}, nil
	}
	if len(s) >= 5 && strings.EqualFold(s[:5], "unix:") {
		path := strings.TrimPrefix(s[5:], "//")
		if !isPath(path) {
			return Address{}, fmt.Errorf("%q: %w: no absolute path after %q", s, ErrAddress, s[:5])
		}
		return Address{"unix", path}, nil
	}
	if isPath(s) {
		return Address{"unix", s}, nil
	}
	where := s
	if len(s) >= 6 && strings.EqualFold(s[:6], "tcp://") {
		where = s[6:]
	}
	host, port, err := net.SplitHostPort(where)
	if err != nil || host == "" || strings.ContainsAny(host, "/ \x00") {
		return Address{}, fmt.Errorf("%q: %w: neither a socket's path nor host:port", s, ErrAddress)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Address{}, fmt.Errorf("%q: %w: %q is no port", s, ErrAddress, port)
	}
	return Address{"tcp", where}, nil
}

func isPath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.Contains(s, "\x00")
}

func (a Address) orPlatform() Address {
	if a == (Address{}) {
		return platformAddress
	}
	return a
}

// String is the path or host:port.
func (a Address) String() string { return a.orPlatform().where }
