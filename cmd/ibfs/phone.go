package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/capture"
	"ibfs/capture/library"
	"ibfs/capture/usbmux"
)

var (
	errNoPhone     = errors.New("no phone is connected")
	errNoSuchPhone = errors.New("none of the phones")
	errWhichPhone  = errors.New("which phone?")
	errNoLibrary   = errors.New("there is no folder to keep backups in")
	errNoDisk      = errors.New("the folder that the library is to be made in is not there")
)

// phoneOptions are those of the commands that talk to a phone or write to the
// library.
type phoneOptions struct {
	device  string  // a UDID, the beginning of one, or a name; "" for the one that is there
	library string  // "" for the usual place
	wait    waiting // for somebody to do something at the phone
	anyKey  bool
	anew    bool // pair anew
}

func (a *app) deviceFlags(c *cobra.Command, o *phoneOptions) {
	f := c.Flags()
	f.StringVar(&o.device, "device", "", "the phone's `name` or UDID; needed when several are connected")
	o.wait = waiting(2 * time.Minute)
	a.completesDevices(c)
	f.Var(&o.wait, "wait", "how long to wait for somebody to unlock the phone or to tap Trust")
	f.BoolVar(&o.anyKey, "any-device-key", false, "do not check that the phone has the key that it was paired with")
	// It is for the day on which a new kind of phone is refused.
	_ = f.MarkHidden("any-device-key")
}

func (o *phoneOptions) libraryFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.library, "library", "", "`folder` that keeps the snapshots (default: $IBFS_LIBRARY, else the usual place)")
}

// A waiting is the value of --wait: a duration above 0.
type waiting time.Duration

func (w *waiting) String() string { return time.Duration(*w).String() }

func (*waiting) Type() string { return "duration" }

func (w *waiting) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = errors.New("it must be above 0, such as 2m")
	}
	*w = waiting(d)
	return err
}

func (a *app) mux() (*usbmux.Mux, error) {
	addr, err := usbmux.ParseAddress(a.getenv(usbmux.AddressVariable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", usbmux.AddressVariable, err)
	}
	return usbmux.New(addr, a.logger()), nil
}

func (a *app) captureOptions(mux *usbmux.Mux, o phoneOptions) capture.Options {
	return capture.Options{Mux: mux, Log: a.logger(), Wait: time.Duration(o.wait), AnyKey: o.anyKey, Anew: o.anew}
}

// connect starts a session with the phone that the options name. What its owner
// has to do meanwhile is told, and so is all that happens in it later.
func (a *app) connect(ctx context.Context, o phoneOptions, task *phoneTask) (*capture.Phone, *runShow, error) {
	mux, err := a.mux()
	if err != nil {
		return nil, nil, err
	}
	found, err := a.choose(ctx, mux, o.device, false)
	if err != nil {
		return nil, nil, err
	}
	return a.connectTo(ctx, mux, found[0], o, task)
}

// connectTo is connect for a phone that has been found.
func (a *app) connectTo(ctx context.Context, mux *usbmux.Mux, c connected, o phoneOptions, task *phoneTask) (*capture.Phone, *runShow, error) {
	show := a.showRun(c.title(), task, false)
	co := a.captureOptions(mux, o)
	co.Events = show.event
	p, err := capture.Connect(ctx, c.dev, co)
	show.done()
	if err != nil {
		return nil, nil, connectTask.failed(c.title(), err)
	}
	return p, show, nil
}

// about says which phone or snapshot an error is about.
func about(name string, err error) error { return fmt.Errorf("%s: %w", printable(name), err) }

// libraryDir is the folder that keeps the snapshots.
func (a *app) libraryDir(o phoneOptions) (string, error) {
	dir := o.library
	if dir == "" {
		dir = backupfmt.DefaultLibrary(runtime.GOOS, home(a.getenv), a.getenv)
	}
	if dir == "" {
		return "", errNoLibrary
	}
	return filepath.Abs(dir)
}

// makeLibrary opens the library, which it makes where there is none. Of a path that
// a person named it makes the last folder alone: more is missing of it where a disk
// is not mounted.
func (a *app) makeLibrary(o phoneOptions) (*library.Library, error) {
	dir, err := a.libraryDir(o)
	if err != nil {
		return nil, err
	}
	lo := library.Options{Logger: a.logger()}
	lib, err := library.Open(dir, lo)
	switch {
	case errors.Is(err, iofs.ErrPermission):
		return nil, fmt.Errorf("%w: %w", library.ErrReadOnly, err)
	case !errors.Is(err, iofs.ErrNotExist) && !errors.Is(err, library.ErrNotLibrary):
		return lib, err
	}
	if o.library != "" || a.getenv("IBFS_LIBRARY") != "" {
		if _, err := os.Stat(filepath.Dir(dir)); err != nil {
			return nil, fmt.Errorf("library %s: %w", dir, errNoDisk)
		}
	}
	if lib, err = library.Create(dir, lo); err == nil {
		a.say("A new library is made in %s.", dir)
	}
	return lib, err
}
