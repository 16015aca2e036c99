package main

import (
	"context"
	"errors"
	"log/slog"
	"os/signal"
	"time"

	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/fs"
)

// lastTry is how long a mount that was told to end waits for those who use it
// before it goes from under them.
const lastTry = 2 * time.Second

// end ends a mount whose process was told to end by a signal, and returns when
// that process can go: the mount is gone, or a further signal does not wait for
// those who still use it.
func (a *app) end(ctx context.Context, mount *fs.Server, point string, gone <-chan struct{}, log *slog.Logger) {
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), endings()...)
	defer stop()
	switch err := a.takeAway(ctx, mount, point); {
	case errors.Is(err, fs.ErrHeld):
		return // it shows elsewhere alone, and ends with this process
	case err != nil:
		log.Error("end the mount", "err", err)
	}
	select {
	case <-gone:
	case <-ctx.Done():
	}
}

// takeAway unmounts. A mount in use it takes from its folder after a while, or
// when ctx ends: it ends when its last user closes what is open.
func (a *app) takeAway(ctx context.Context, mount *fs.Server, point string) error {
	err := mount.Unmount()
	if !errors.Is(err, fs.ErrBusy) {
		return err
	}
	users := "a program that cannot be seen"
	if holders, _ := mountpoint.Holders(ctx, point); len(holders) > 0 {
		users = holdersText(holders)
	}
	a.warn("%s is in use: %s; it ends when that is closed, or at the next Ctrl-C", point, users)
	again := time.NewTicker(lastTry / 10)
	defer again.Stop()
	ctx, stop := context.WithTimeout(ctx, lastTry)
	defer stop()
	for {
		select {
		case <-again.C:
			if err := mount.Unmount(); !errors.Is(err, fs.ErrBusy) {
				return err
			}
		case <-ctx.Done():
			return mount.Detach()
		}
	}
}
