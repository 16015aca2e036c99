package view

import "context"

// A Gate lets one in at a time. Unlike with a mutex, waiting for it ends when a
// context does: a program that is interrupted while another builds what it
// wants goes its way.
type Gate chan struct{}

// NewGate makes a gate that is open.
func NewGate() Gate { return make(Gate, 1) }

// Enter waits until nobody else is in, or until ctx ends.
func (g Gate) Enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	default:
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave lets the next one in.
func (g Gate) Leave() { <-g }
