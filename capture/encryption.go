package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibfs/capture/mobilebackup2"
)

// After a change the phone refuses connections for some seconds.
const (
	settlePause = time.Second
	settleTries = 30
)

// ChangePassword changes the password of the phone's backups: from old to
// replacement, or, with one of them empty, turns encryption on or off. It ends
// when the phone says that it is so. Phones since iOS 13 ask for the passcode
// first.
//
// The error wraps ErrEncrypted or ErrClear, before anything is asked of the
// phone, when there is nothing to turn on, off or change, and
// mobilebackup2.ErrWrongPassword when old is wrong. ErrUnconfirmed says that the
// phone agreed, and that nothing more is known.
func (p *Phone) ChangePassword(ctx context.Context, old, replacement []byte) error {
	on, err := p.Encrypted(ctx)
	switch {
	case err != nil:
		return err
	case on && len(old) == 0:
		return ErrEncrypted
	case !on && len(old) > 0:
		return ErrClear
	}
	p.opt.Events(Event{Step: Preparing})
	err = p.attended(ctx, false, func(ctx context.Context, _ *syncer, c *mobilebackup2.Client, _ teller) error {
		p.opt.Events(Event{Step: Waiting})
		return c.ChangePassword(ctx, p.UDID, old, replacement)
	})
	if err != nil {
		return p.explain(ctx, err)
	}
	if err := p.settled(ctx, len(replacement) > 0); err != nil {
		return err
	}
	p.opt.Events(Event{Step: Done, Percent: 100})
	return nil
}

// settled waits until the phone says whether its backups are encrypted as they
// should be now.
func (p *Phone) settled(ctx context.Context, want bool) error {
	var last error
	for range settleTries {
		on, err := p.Encrypted(ctx)
		if err == nil && on == want {
			return nil
		}
		if last = err; errors.Is(err, ErrUnplugged) {
			break
		}
		select {
		case <-time.After(settlePause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrUnconfirmed, ctx.Err())
		}
	}
	if last != nil {
		return fmt.Errorf("%w: %w", ErrUnconfirmed, last)
	}
	return ErrUnchanged
}
