package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"sync"

	"ibfs/capture/deadline"
)

// afcPiece is how much is read or written at once.
const afcPiece = 64 << 10

// AFC is a connection to the phone's media folder. Its methods may be called
// side by side. Locks and open files end with the connection.
type AFC struct {
	conn net.Conn

	mu     sync.Mutex // guards the rest, and the conversation
	number uint64     // of the last packet
	broken error      // the conversation is out of step
}

// NewAFC returns AFC over a connection.
func NewAFC(conn net.Conn) *AFC { return &AFC{conn: conn} }

// Close closes the connection.
func (a *AFC) Close() error { return a.conn.Close() }

// ask sends a request and reads its answer, which has the operation want.
func (a *AFC) ask(ctx context.Context, want, op uint64, fixed, payload []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.broken != nil {
		return nil, a.broken
	}
	a.number++
	done := deadline.Set(ctx, a.conn.SetDeadline, answerTimeout)
	got, body, err := a.exchange(op, fixed, payload)
	if err = done(err); err != nil {
		a.broken = err
		return nil, err
	}
	if got == want && want != afcStatus {
		return body, nil
	}
	if got != afcStatus || len(body) < 8 {
		a.broken = fmt.Errorf("%w: AFC answers %#x with %#x", ErrProtocol, op, got)
		return nil, a.broken
	}
	if status := AFCError(binary.LittleEndian.Uint64(body)); status != afcOK {
		return nil, status
	}
	if want != afcStatus {
		a.broken = fmt.Errorf("%w: AFC answers %#x without data", ErrProtocol, op)
		return nil, a.broken
	}
	return nil, nil
}

func (a *AFC) exchange(op uint64, fixed, payload []byte) (got uint64, body []byte, err error) {
	if _, err := a.conn.Write(appendAFC(nil, a.number, op, fixed, payload)); err != nil {
		return 0, nil, err
	}
	number, got, body, err := readAFC(a.conn)
	if err == nil && number != a.number {
		err = fmt.Errorf("%w: AFC answers packet %d with %d", ErrProtocol, a.number, number)
	}
	return got, body, err
}

// askPath asks for an operation on a path.
func (a *AFC) askPath(ctx context.Context, want, op uint64, before []byte, path string) ([]byte, error) {
	if strings.Contains(path, "\x00") {
		return nil, afcNotFound
	}
	return a.ask(ctx, want, op, append(append(before, path...), 0), nil)
}

// Mkdir makes a folder, with those above it.
func (a *AFC) Mkdir(ctx context.Context, path string) error {
	if _, err := a.askPath(ctx, afcStatus, afcMakeDir, nil, path); err != nil {
		return fmt.Errorf("AFC mkdir %s: %w", path, err)
	}
	return nil
}

// Remove removes a file or an empty folder.
func (a *AFC) Remove(ctx context.Context, path string) error {
	if _, err := a.askPath(ctx, afcStatus, afcRemovePath, nil, path); err != nil {
		return fmt.Errorf("AFC remove %s: %w", path, err)
	}
	return nil
}
