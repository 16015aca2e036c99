package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/cmd/internal/footprint"
	"ibfs/fs"
	"ibfs/fs/control"
	"ibfs/fs/snaptree"
	"ibfs/keybag"
)

// lookAgain is how often a mount looks for new snapshots.
const lookAgain = 3 * time.Second

// serveInBackground serves a mount as the process that Start began.
func (a *app) serveInBackground(ctx context.Context, point *mountpoint.Point, o mountOptions) error {
	kept := &daemon.Log{}
	log := slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelWarn}))
	tree, err := a.newTree(ctx, o.places, log, point)
	if err != nil {
		return err
	}
	defer tree.Close()
	child := a.background
	defer child.Secrets.Wipe()
	return a.serve(ctx, tree, point, o, child.Secrets, log, kept, func() error {
		a.background = nil // from now on nobody waits for a report
		return child.Ready()
	})
}

// serve mounts a tree, calls ready, and returns when the mount is gone: by
// whoever unmounts it, or because ctx ends. The keys are wiped then.
func (a *app) serve(ctx context.Context, tree *snaptree.Tree, point *mountpoint.Point, o mountOptions, secrets daemon.Secrets, log *slog.Logger, kept *daemon.Log, ready func() error) error {
	footprint.Keep()
	a.stay() // a second signal ends the mount in good order, too
	for id, secret := range secrets {
		if _, err := tree.Unlock(ctx, id, secret); err != nil && ctx.Err() == nil {
			log.Warn("unlock", "keybag", id, "err", err)
		}
	}
	a.tellBroken(ctx, tree)
	if err := ctx.Err(); err != nil {
		return err
	}
	h := &handler{tree: tree, point: point.Path, places: o.places, since: time.Now(), log: kept}
	socket, err := a.controlSocket(point.Path, h, log)
	if err != nil {
		return err
	}
	if socket != nil {
		defer socket.Close()
	}
	mount, err := fs.Mount(tree, point.Path, fs.Options{
		Source: strings.Join(o.places, ":"), Volume: "ibfs", AllowOther: o.allowOther, Total: tree.Totals, Logger: log,
	})
	if err != nil {
		return err
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		mount.Wait()
	}()
	ended := make(chan struct{})
	defer context.AfterFunc(ctx, func() {
		defer close(ended)
		a.end(ctx, mount, point.Path, gone, log)
	})()
	if err := ready(); err != nil {
		return errors.Join(err, mount.Unmount())
	}
	stop := lookForNew(tree, log)
	select {
	case <-gone:
	case <-ended:
	}
	stop()
	secrets.Wipe()
	err = tree.Close()
	return errors.Join(err, point.Remove()) // and now the socket closes, which tells those who wait
}

// controlSocket lets other commands reach the mount, and keeps a second one from
// the same folder: control.ErrRunning. Where none can be made the mount still
// serves, but nothing can be unlocked in it.
func (a *app) controlSocket(point string, h control.Handler, log *slog.Logger) (*control.Server, error) {
	folders, err := control.Folders(a.getenv)
	if err == nil {
		var s *control.Server
		s, err = control.Serve(folders, point, h, log)
		if err == nil || errors.Is(err, control.ErrRunning) {
			return s, err
		}
	}
	log.Warn("no control socket: ibfs unlock cannot reach this mount", "err", err)
	return nil, nil
}

// lookForNew looks for new snapshots until stop is called.
func lookForNew(tree *snaptree.Tree, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lookAgain)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := tree.Refresh(ctx); err != nil && ctx.Err() == nil {
					log.Warn("look for new backups", "err", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// handler answers other commands for a mount.
type handler struct {
	tree   *snaptree.Tree
	point  string
	places []string
	since  time.Time
	log    *daemon.Log // nil in the foreground
}

func (h *handler) Status(ctx context.Context) (control.Status, error) {
	s := control.Status{Mountpoint: h.point, PID: os.Getpid(), Version: version(), Since: h.since, Sources: h.places}
	if h.log != nil {
		s.Log = h.log.Lines()
	}
	for _, one := range h.tree.Snapshots() {
		b := control.Backup{Name: one.Device + "/" + one.Name, Path: one.Path}
		opened, err := one.Open(ctx)
		switch {
		case ctx.Err() != nil:
			return control.Status{}, ctx.Err()
		case err != nil:
			b.Problem = err.Error()
		case opened.Encrypted():
			b.Keybag, b.Locked = opened.KeybagID(), opened.Locked()
		}
		s.Backups = append(s.Backups, b)
	}
	return s, nil
}

func (h *handler) Unlock(ctx context.Context, keybagID string, secret []byte) ([]string, error) {
	opened, err := h.tree.Unlock(ctx, keybagID, backupfmt.Secret(secret))
	switch {
	case errors.Is(err, keybag.ErrWrongPassword):
		return nil, fmt.Errorf("%w: %w", control.ErrWrongSecret, err)
	case errors.Is(err, backupfmt.ErrDamaged):
		return nil, fmt.Errorf("%w: %w", control.ErrDamaged, err)
	case err != nil:
		return nil, err
	case len(opened) == 0:
		return nil, control.ErrUnknownKeybag
	}
	var names []string
	for _, s := range opened {
		names = append(names, s.Device+"/"+s.Name)
	}
	return names, nil
}
