// Package service talks to the small services of a phone that stand beside a
// backup, one file each: the notification proxy, AFC (files, with the lock that
// keeps two hosts from one phone), the installation proxy, icons, diagnostics and
// the heartbeat.
//
// Each takes the connection that lockdown.Client.Service gave, which is the
// caller's to close. All but AFC speak in frames with a property list.
package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/plist"
)

// The names by which lockdownd starts the services.
const (
	NameNotifications = "com.apple.mobile.notification_proxy"
	NameAFC           = "com.apple.afc"
	NameInstallation  = "com.apple.mobile.installation_proxy"
	NameSpringboard   = "com.apple.springboardservices"
	NameDiagnostics   = "com.apple.mobile.diagnostics_relay"
	NameHeartbeat     = "com.apple.mobile.heartbeat"
)

// ErrProtocol says that the phone sent what it should not.
var ErrProtocol = errors.New("the phone sent what it should not")

const (
	answerTimeout = 30 * time.Second
	maxMessage    = 1 << 20
)

// send sends a message of XML.
func send(ctx context.Context, conn net.Conn, message map[string]any) error {
	body, err := plist.XML(message)
	if err != nil {
		return err
	}
	done := deadline.Set(ctx, conn.SetWriteDeadline, answerTimeout)
	return done(plist.WriteFrame(conn, body))
}

// receive reads a message of at most limit bytes, which has to come within wait, and
// says how long it was.
func receive(ctx context.Context, conn net.Conn, limit int, wait time.Duration) (message plist.Dict, length int, err error) {
	done := deadline.Set(ctx, conn.SetReadDeadline, wait)
	body, err := plist.ReadFrame(conn, limit)
	if err = done(err); err != nil {
		return nil, 0, err
	}
	message, err = plist.DecodeDict(body)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return message, len(body), nil
}

// ask sends a message and reads its answer.
func ask(ctx context.Context, conn net.Conn, message map[string]any, limit int) (plist.Dict, error) {
	if err := send(ctx, conn, message); err != nil {
		return nil, err
	}
	answer, _, err := receive(ctx, conn, limit, answerTimeout)
	if err != nil {
		return nil, err
	}
	if text := answer.String("Error"); text != "" {
		return nil, fmt.Errorf("the phone answers %.100q", text)
	}
	return answer, nil
}
