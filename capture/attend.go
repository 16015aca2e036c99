package capture

import (
	"context"
	"errors"
	"sync"
	"time"

	"ibfs/capture/devicelink"
	"ibfs/capture/lockdown"
	"ibfs/capture/mobilebackup2"
)

// serviceName is the phone's backup service.
const serviceName = "com.apple.mobilebackup2"

// unlockPause is between two looks whether the phone is unlocked.
const unlockPause = 2 * time.Second

// A task is what is asked of the backup service.
type task func(context.Context, *syncer, *mobilebackup2.Client, teller) error

// A teller takes where a task stands, with what it has moved in its own direction.
type teller func(mobilebackup2.Progress, devicelink.Count)

// attended does a task while the wishes of the phone are heard: that the
// passcode be entered, that the run end. With alone it also knows that a host is
// at work, and no other is. However the task ends, the phone is told.
func (p *Phone) attended(ctx context.Context, alone bool, do task) error {
	defer p.hurry(ctx)()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := p.attend(ctx, alone, do, &attendance{events: p.opt.Events, cancel: cancel})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

func (p *Phone) attend(ctx context.Context, alone bool, do task, a *attendance) error {
	s, err := p.watch(ctx, a.told)
	if err != nil {
		return err
	}
	defer func() {
		if err := s.end(); err != nil { // FC-37
			p.opt.Log.Debug("end of the run", "err", err)
		}
	}()
	client, err := p.link(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if alone {
		if err := s.begin(ctx, p.opt.Lock); err != nil {
			return err
		}
	}
	return do(ctx, s, client, a.progress)
}

// link opens a link to the backup service, with the escrow bag, so that a phone
// that is locked can be backed up. One that takes no bag has to be unlocked.
func (p *Phone) link(ctx context.Context) (*mobilebackup2.Client, error) {
	until := time.Now().Add(p.opt.Wait)
	for {
		conn, err := p.client.Service(ctx, serviceName, true)
		if err == nil {
			return mobilebackup2.Start(ctx, conn, mobilebackup2.Options{Log: p.opt.Log, Patience: p.opt.Patience})
		}
		if !errors.Is(err, lockdown.ErrPasscodeLocked) || time.Now().After(until) {
			return nil, err
		}
		p.opt.Events(Event{Step: Connecting, Need: NeedUnlock})
		select {
		case <-time.After(unlockPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// An attendance turns what the phone tells into events.
type attendance struct {
	events func(Event)
	cancel context.CancelCauseFunc

	mu   sync.Mutex // guards the rest, and keeps the events in order
	last Event      // of the task, without its need
	asks bool       // the phone shows its passcode prompt
}

// told is called with the phone's notifications, beside the run.
func (a *attendance) told(name string) {
	switch name {
	case syncCancel:
		a.cancel(ErrCancelled)
	case askPresented:
		a.asked(true)
	case askDismissed:
		a.asked(false)
	}
}

// asked tells that the phone asks for its passcode, or no longer does, in whatever
// step the task is.
func (a *attendance) asked(asks bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asks = asks
	e := a.last
	if e.Step == "" {
		e.Step = Waiting
	}
	if asks {
		e.Need = NeedPasscode
	}
	a.events(e)
}

var steps = map[string]Step{
	"waiting": Waiting, "sending": Sending, "receiving": Receiving, "arranging": Arranging, "finished": Arranging,
}

func (a *attendance) progress(p mobilebackup2.Progress, moved devicelink.Count) {
	e := Event{Step: steps[string(p.Phase)], Percent: p.Percent, Files: int64(moved.Files), Bytes: moved.Bytes}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = e
	if a.asks && e.Step == Waiting {
		e.Need = NeedPasscode
	}
	a.events(e)
}
