package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"slices"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/devicelink"
	"ibfs/capture/library"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/usbmux"
)

// BackupOptions say how a backup is made and where it goes.
type BackupOptions struct {
	Library *library.Library

	// Full makes the phone send everything.
	Full bool

	// Verify looks whether the tree in dir is a good backup. arrived tells, by the
	// mode of a file of the tree, whether it came since the tree was begun. An error
	// that wraps ErrBadTree says that it is none: it is discarded, and the next run
	// starts from the newest snapshot. Any other says that it could not be told: the
	// next run goes on from the tree.
	Verify func(ctx context.Context, dir string, arrived func(iofs.FileMode) bool) (library.Verified, error)

	// Reserve is how many bytes of the volume stay free; 0 is one GiB.
	Reserve uint64
}

// Backup takes a backup of the phone and publishes it as a snapshot. After any
// error nothing published has changed, and the next run goes on from what came,
// unless that is ErrBadTree.
//
// The error is one of this package, of mobilebackup2 or of library.
func (p *Phone) Backup(ctx context.Context, o BackupOptions) (Report, error) {
	began := p.opt.Now()
	device, err := o.Library.Device(p.UDID)
	if err != nil {
		return Report{}, err
	}
	w, err := device.Lock(ctx)
	if err != nil {
		return Report{}, err
	}
	defer w.Close()
	r := &run{Phone: p, o: o}
	if r.report.Encrypted, err = p.Encrypted(ctx); err != nil {
		return Report{}, err
	}
	if err := p.remember(w, r.report.Encrypted); err != nil {
		return Report{}, err
	}
	in, err := w.Incoming(ctx, library.IncomingOptions{Progress: r.hosts, Reserve: cmp.Or(o.Reserve, mobilebackup2.DefaultReserve)})
	if err != nil {
		return Report{}, err
	}
	defer in.Close()
	r.report.Way, r.report.Resumed = in.Way, in.Resumed
	if copied := copied(in); copied != "" {
		p.opt.Events(Event{Step: Cloning, Warning: copied})
	}
	if err := r.fill(ctx, in, began); err != nil {
		return r.report, p.explain(ctx, err)
	}
	if err := r.publish(ctx, device, in); err != nil {
		return r.report, err
	}
	r.report.Took = p.opt.Now().Sub(began)
	p.opt.Events(Event{Step: Done, Percent: 100, Files: int64(r.report.Files), Bytes: r.report.Bytes})
	return r.report, nil
}

// copied tells when the tree takes up more of the disk than it should have to.
func copied(in *library.Incoming) string {
	switch {
	case in.Resumed || in.Base == "":
		return ""
	case in.Way == library.Copy: // FC-40
		return "the library's file system has neither reflinks nor hard links, so that each snapshot takes its full size"
	case in.Copied > 0: // FC-39
		return fmt.Sprintf("%d files were copied: the library's file system allows no more links to them", in.Copied)
	}
	return ""
}

// remember keeps what the library knows of the device up to date.
func (p *Phone) remember(w *library.Writer, encrypted bool) error {
	anew, err := w.SetInfo(func(i *library.Info) {
		i.Name, i.ProductType, i.ProductVersion = p.Name, p.ProductType, p.ProductVersion
		i.Paired, i.Encrypted = true, &encrypted
	})
	if anew && err == nil {
		p.opt.Events(Event{Step: Connecting, Warning: "device.json in the library was damaged, and is made anew"})
	}
	return err
}

// A run is a backup that is being made.
type run struct {
	*Phone
	o      BackupOptions
	report Report
}

// fill makes the phone back itself up into the tree.
func (r *run) fill(ctx context.Context, in *library.Incoming, at time.Time) (err error) {
	tree, err := mobilebackup2.OpenTree(ctx, in.Root, r.UDID, mobilebackup2.TreeOptions{Reserve: r.o.Reserve})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	r.opt.Events(Event{Step: Preparing})
	return r.attended(ctx, true, func(ctx context.Context, s *syncer, client *mobilebackup2.Client, tell teller) error {
		info, err := r.writeInfo(ctx, tree, s, at)
		if err != nil {
			return err
		}
		result, err := client.Backup(ctx, r.UDID, tree, mobilebackup2.BackupOptions{
			Full: r.o.Full, Progress: func(p mobilebackup2.Progress) { tell(p, p.Received) },
		})
		r.report.Files, r.report.Bytes = result.Received.Files, result.Received.Bytes
		r.report.Warnings, r.report.MoreWarnings = result.Warnings, result.MoreWarnings
		if errors.Is(err, mobilebackup2.ErrHost) {
			return library.Explain(err)
		}
		if err != nil {
			return err
		}
		return r.keepInfo(ctx, tree, info)
	})
}

// publish makes the tree a snapshot, if it is a good backup.
func (r *run) publish(ctx context.Context, device *library.Device, in *library.Incoming) error {
	r.opt.Events(Event{Step: Verifying})
	taken, err := r.instant(device)
	if err != nil {
		return err
	}
	snap, err := in.Publish(ctx, library.PublishOptions{
		Taken: taken,
		Verify: func(ctx context.Context, dir string) (library.Verified, error) {
			if err := r.readManifest(in.Root); err != nil {
				return "", err
			}
			return r.o.Verify(ctx, dir, in.Arrived)
		},
		Progress: r.hosts,
	})
	if errors.Is(err, ErrBadTree) {
		// The phone takes what it sent for good, and would not send it again.
		return errors.Join(err, in.Discard(ctx))
	}
	r.report.Snapshot = snap
	if err != nil && snap.Name != "" {
		r.opt.Events(Event{Step: Publishing, Warning: fmt.Sprintf("the snapshot is there, but the disk has not confirmed it: %v", err)})
		return nil
	}
	return err
}

// readManifest looks whether Manifest.plist is one, without which no phone takes a backup
// back, and whether what came is encrypted, whatever the phone said before.
func (r *run) readManifest(tree *os.Root) error {
	manifest, err := readList(tree, r.UDID+"/Manifest.plist")
	if errors.Is(err, ErrNoSource) {
		return fmt.Errorf("%w: %w", ErrBadTree, err)
	}
	if err != nil {
		return err
	}
	encrypted := manifest.Bool("IsEncrypted")
	switch {
	case encrypted && !r.report.Encrypted:
		r.opt.Events(Event{Step: Verifying, Warning: "this backup is encrypted, although the phone said that its backups are not"})
	case !encrypted && r.report.Encrypted:
		r.opt.Events(Event{Step: Verifying, Warning: "this backup is not encrypted, although the phone said that its backups are"})
	}
	r.report.Encrypted = encrypted
	return nil
}

// hosts tells of the library's steps.
func (r *run) hosts(p library.Progress) {
	e := Event{Step: Cloning, Files: p.Files, Of: p.Of, Bytes: p.Bytes}
	if p.Step == library.Publishing {
		e.Step = Publishing
	}
	if p.Of > 0 {
		e.Percent = 100 * float64(p.Files) / float64(p.Of)
	}
	r.opt.Events(e)
}

// An unpluggedError is an ErrUnplugged: what failed then is whatever was under way.
type unpluggedError struct{ cause error }

func (e *unpluggedError) Error() string   { return ErrUnplugged.Error() }
func (e *unpluggedError) Unwrap() []error { return []error{ErrUnplugged, e.cause} }

// explainPause is how long the daemon may take to notice that a phone is gone
// whose connections have ended.
const explainPause = 300 * time.Millisecond

// explain says of an error whether the phone is gone, or with it the daemon that
// it was reached by. A connection that broke is devicelink.ErrClosed else.
func (p *Phone) explain(ctx context.Context, err error) error {
	var answer *mobilebackup2.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &answer) || errors.Is(err, mobilebackup2.ErrHost) || errors.Is(err, ErrCancelled) || errors.Is(err, ErrUnplugged) {
		return err
	}
	broken := errors.Is(err, devicelink.ErrClosed) || deadline.Gone(err)
	there := p.there(ctx)
	if there && broken {
		select {
		case <-time.After(explainPause):
			there = p.there(ctx)
		case <-ctx.Done():
			return err
		}
	}
	switch {
	case !there:
		p.opt.Log.Debug("the phone is gone", "err", err)
		return &unpluggedError{err}
	case broken && !errors.Is(err, devicelink.ErrClosed):
		return fmt.Errorf("%w: %w", devicelink.ErrClosed, err)
	}
	return err
}

// there says whether the daemon still knows the phone. One that cannot be asked
// in time knows none.
func (p *Phone) there(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	all, err := p.opt.Mux.Devices(ctx)
	return err == nil && slices.ContainsFunc(all, func(d usbmux.Device) bool { return usbmux.SameUDID(d.UDID, p.dev.UDID) })
}
