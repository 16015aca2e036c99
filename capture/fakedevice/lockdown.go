package fakedevice

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"

	"howett.net/plist"
)

// lockdownPort is where lockdownd listens.
const lockdownPort = 62078

// lockdown is one connection to lockdownd.
type lockdown struct {
	phone   *Phone
	network bool
	raw     net.Conn
	conn    net.Conn // raw, or TLS over it in a session
	session string   // its ID; "" without one
	host    *pairing // whose session it is
}

// A lockdownError is what a reply has for Error.
type lockdownError string

func (e lockdownError) Error() string { return string(e) }

type lockdownRequest struct {
	Request    string
	Domain     string
	Key        string
	Value      any
	PairRecord map[string]any
	HostID     string
	SessionID  string
	Service    string
	EscrowBag  []byte
}

// serveLockdown answers one connection to lockdownd.
func (p *Phone) serveLockdown(_ context.Context, conn net.Conn, network bool) error {
	l := &lockdown{phone: p, network: network, raw: conn, conn: conn}
	defer func() { p.endTLS(l.conn) }()
	for {
		if idle := p.failing().Idle; idle > 0 {
			if err := conn.SetReadDeadline(time.Now().Add(idle)); err != nil {
				return err
			}
		}
		var req lockdownRequest
		if _, err := readPlist(l.conn, maxMessage, &req); err != nil {
			return err
		}
		if wait := p.failing().Answers; wait != nil {
			wait()
		}
		reply, err := l.answer(req)
		if err != nil {
			p.record("lockdown", "%s: %v", req.Request, err)
			reply = map[string]any{"Error": err.Error()}
		}
		reply["Request"] = req.Request
		if err := writePlist(l.conn, plist.XMLFormat, reply); err != nil {
			return err
		}
		switch {
		case req.Request == "Goodbye":
			return nil
		case err != nil:
		case req.Request == "StartSession":
			if l.conn, err = p.startTLS(l.raw, l.host); err != nil {
				return err
			}
		case req.Request == "StopSession":
			if err := l.leaveTLS(); err != nil {
				return err
			}
		}
	}
}

// answer is the reply to a request but for its name.
func (l *lockdown) answer(req lockdownRequest) (map[string]any, error) {
	switch req.Request {
	case "QueryType":
		return map[string]any{"Type": "com.apple.mobile.lockdown"}, nil
	case "GetValue":
		value, err := l.phone.value(req.Domain, req.Key, l.host != nil)
		if err != nil {
			return nil, err
		}
		reply := map[string]any{"Value": value}
		if req.Key != "" {
			reply["Key"] = req.Key
		}
		if req.Domain != "" {
			reply["Domain"] = req.Domain
		}
		return reply, nil
	case "SetValue":
		if l.host == nil {
			return nil, lockdownError("SessionInactive")
		}
		return map[string]any{}, l.phone.setValue(req.Domain, req.Key, req.Value)
	case "Pair":
		return l.pair(req.PairRecord)
	case "ValidatePair", "Unpair":
		return l.known(req)
	case "StartSession":
		return l.startSession(req)
	case "StopSession":
		if l.host == nil || req.SessionID != l.session {
			return nil, lockdownError("SessionInactive")
		}
		return map[string]any{}, nil
	case "StartService":
		return l.startService(req)
	case "Goodbye":
		return map[string]any{}, nil
	}
	return nil, lockdownError("InvalidRequest")
}

func (l *lockdown) startSession(req lockdownRequest) (map[string]any, error) {
	if l.host != nil {
		return nil, lockdownError("SessionActive")
	}
	host := l.phone.pairing(req.HostID)
	if host == nil {
		return nil, lockdownError("InvalidHostID")
	}
	l.host, l.session = host, newUUID()
	l.phone.record("lockdown", "StartSession")
	return map[string]any{"SessionID": l.session, "EnableSessionSSL": true}, nil
}

// leaveTLS goes back to the clear after StopSession: the client ends TLS, then
// the phone does.
func (l *lockdown) leaveTLS() error {
	if _, err := io.Copy(io.Discard, l.conn); err != nil {
		return err
	}
	if err := l.conn.(*tls.Conn).CloseWrite(); err != nil {
		return err
	}
	l.conn, l.host, l.session = l.raw, nil, ""
	return l.raw.SetWriteDeadline(time.Time{}) // CloseWrite left one in the past
}

// startService allots a port to a service. Only backups care for the escrow
// bag: with it they start while the phone is at its lock screen.
func (l *lockdown) startService(req lockdownRequest) (map[string]any, error) {
	p := l.phone
	if l.host == nil {
		return nil, lockdownError("SessionInactive")
	}
	serve, ok := handlers()[req.Service]
	if !ok {
		return nil, lockdownError("InvalidService")
	}
	bag := len(req.EscrowBag) > 0
	switch {
	case bag && !bytes.Equal(req.EscrowBag, l.host.escrowBag):
		return nil, lockdownError("MissingValue")
	case !bag && p.Locked() && req.Service == "com.apple.mobilebackup2":
		return nil, lockdownError("PasswordProtected")
	case p.spend(func(f *Faults) *int { return &f.ServiceLimit }):
		return nil, lockdownError("ServiceLimit")
	}
	p.record("lockdown", "StartService %s, escrow bag: %t", req.Service, bag)
	return map[string]any{
		"Service":          req.Service,
		"Port":             p.allot(&started{name: req.Service, host: l.host, serve: serve}),
		"EnableServiceSSL": true,
	}, nil
}
