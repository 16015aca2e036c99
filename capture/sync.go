package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibfs/capture/service"
)

// The notifications that go with a backup. Source: libimobiledevice
// tools/idevicebackup2.c.
const (
	syncWillStart = "com.apple.itunes-mobdev.syncWillStart"
	syncLock      = "com.apple.itunes-mobdev.syncLockRequest"
	syncDidStart  = "com.apple.itunes-mobdev.syncDidStart"
	syncDidFinish = "com.apple.itunes-mobdev.syncDidFinish"

	syncCancel    = "com.apple.itunes-client.syncCancelRequest"
	syncSuspend   = "com.apple.itunes-client.syncSuspendRequest"
	syncResume    = "com.apple.itunes-client.syncResumeRequest"
	domainChanged = "com.apple.mobile.backup.domain_changed"
	askPresented  = "com.apple.LocalAuthentication.ui.presented"
	askDismissed  = "com.apple.LocalAuthentication.ui.dismissed"
)

// lockFile is what hosts lock so that one syncs at a time.
const lockFile = "/com.apple.itunes.lock_sync"

// A syncer is what the phone knows of a run beside the link to its backup service:
// that a host is at work, and which.
type syncer struct {
	proxy  *service.Notifications
	afc    *service.AFC
	lock   *service.AFCFile // nil before begin
	locked bool             // by us
	told   func(Event)
	deaf   bool            // the proxy has ended
	bye    context.Context // as Phone's
}

// watch connects to the services. told is called with the notifications.
func (p *Phone) watch(ctx context.Context, told func(name string)) (*syncer, error) {
	conn, err := p.client.Service(ctx, service.NameNotifications, false)
	if err != nil {
		return nil, err
	}
	s := &syncer{proxy: service.NewNotifications(conn, told), told: p.opt.Events, bye: p.bye}
	err = s.proxy.Observe(ctx, syncCancel, syncSuspend, syncResume, domainChanged, askPresented, askDismissed)
	if err := s.without(ctx, err); err != nil {
		return nil, errors.Join(err, s.end())
	}
	conn, err = p.client.Service(ctx, service.NameAFC, false)
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	s.afc = service.NewAFC(conn)
	return s, nil
}

// begin tells the phone that a run starts, and takes the lock.
func (s *syncer) begin(ctx context.Context, patience time.Duration) (err error) {
	if err := s.post(ctx, syncWillStart); err != nil {
		return err
	}
	if s.lock, err = s.afc.Open(ctx, lockFile, service.AFCUpdate); err != nil {
		return fmt.Errorf("%w: %w", ErrNoLock, err)
	}
	if err := s.post(ctx, syncLock); err != nil {
		return err
	}
	if err := s.lock.Lock(ctx, patience); err != nil {
		return err
	}
	s.locked = true
	return s.post(ctx, syncDidStart)
}

func (s *syncer) post(ctx context.Context, name string) error {
	return s.without(ctx, s.proxy.Post(ctx, name))
}

// without goes on when the proxy has ended: a run can do without it, but then
// nothing is heard of what the phone asks. One whose phone is gone ends elsewhere.
func (s *syncer) without(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if !s.deaf {
		s.deaf = true
		s.told(Event{Warning: fmt.Sprintf("look at the phone: when it asks for its passcode, it will not be told here (%v)", err)})
	}
	return nil
}

// end gives back what begin took, however the run has ended. What fails here says
// nothing of the run.
func (s *syncer) end() error {
	ctx, cancel := context.WithTimeout(s.bye, goodbye)
	defer cancel()
	var errs []error
	if s.locked {
		errs = append(errs, s.lock.Unlock(ctx))
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close(ctx))
	}
	if s.locked { // else what goes on is another host's
		errs = append(errs, s.proxy.Post(ctx, syncDidFinish))
	}
	if s.afc != nil {
		errs = append(errs, s.afc.Close())
	}
	return errors.Join(append(errs, s.proxy.Close(ctx))...)
}
