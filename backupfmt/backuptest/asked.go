package backuptest

import (
	"context"
	"sync/atomic"
)

// EndsAfter is a context of somebody who gives up: it is over once it was asked
// so many times whether it is.
func EndsAfter(ctx context.Context, looks int) *Asked {
	ctx, end := context.WithCancel(ctx)
	return After(ctx, looks, end)
}

// After is a context that calls do once it was asked so many times whether it is
// over, and is asked again.
func After(ctx context.Context, looks int, do func()) *Asked {
	return &Asked{Context: ctx, do: do, after: int64(looks)}
}

// An Asked is a context that counts how often it is asked.
type Asked struct {
	context.Context
	do    func()
	after int64
	looks atomic.Int64
}

// Looks is how often it was asked.
func (a *Asked) Looks() int { return int(a.looks.Load()) }

func (a *Asked) look() {
	if a.looks.Add(1) == a.after+1 {
		a.do()
	}
}

// Err counts as a look.
func (a *Asked) Err() error {
	a.look()
	return a.Context.Err()
}

// Done counts as a look.
func (a *Asked) Done() <-chan struct{} {
	a.look()
	return a.Context.Done()
}
