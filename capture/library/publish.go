package library

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"time"
)

// PublishOptions are for [Incoming.Publish].
type PublishOptions struct {
	// Taken is the instant of the backup, which names the snapshot. It must be set.
	Taken time.Time

	// Verify looks whether the tree in dir is a good backup, and says how much
	// of it was proved. It must be set; its error ends the publishing, and the
	// tree stays. Where it asks [Incoming.Arrived] what need not be proved again,
	// no more counts as proved than was of the snapshot before.
	Verify func(ctx context.Context, dir string) (Verified, error)

	Progress func(Progress) // nil: nobody is told
}

// Publish makes the tree a snapshot. Everything is on the disk before the one
// rename that makes it seen; with an error there is no new snapshot, and the
// tree stays for the next run. The Incoming is closed by it when it succeeds.
//
// When the snapshot is there and only its last fsync failed, there is both a
// Snapshot and an error.
func (i *Incoming) Publish(ctx context.Context, opt PublishOptions) (Snapshot, error) {
	s, err := i.publish(ctx, opt)
	if err != nil {
		return s, fmt.Errorf("publish snapshot: %w", err)
	}
	return s, nil
}

func (i *Incoming) publish(ctx context.Context, opt PublishOptions) (Snapshot, error) {
	w := i.w
	if opt.Taken.IsZero() {
		return Snapshot{}, errors.New("the instant of the backup is not known")
	}
	verified, err := opt.Verify(ctx, i.Dir())
	if err != nil {
		return Snapshot{}, fmt.Errorf("verify: %w", err)
	}
	if i.relied.Load() && i.base != VerifiedAll {
		verified = VerifiedVisible
	}
	if err := i.markSealing(); err != nil {
		return Snapshot{}, err
	}
	sealed, err := i.seal(ctx, opt.Progress)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Record: Record{
		Schema: schema, Taken: opt.Taken.UTC(), Published: time.Now().UTC(), Base: i.Base, Way: i.Way, Verified: verified,
		Files: sealed.files.Load(), Bytes: sealed.bytes.Load(), OwnBytes: sealed.own.Load(),
	}}
	if s.Name, err = w.freeName(opt.Taken); err != nil {
		return Snapshot{}, err
	}
	to := path.Join(snapshotsDir, s.Name)
	s.Path = filepath.Join(w.d.Dir(), to)
	if err := w.disk.writeJSON(w.root, to+recordSuffix, s.Record); err != nil {
		return Snapshot{}, err
	}
	if err := w.disk.do("syncfs", incomingDir, func() error { return syncVolume(i.volume) }); err != nil {
		return Snapshot{}, err
	}
	if err := ctx.Err(); err != nil {
		return Snapshot{}, err
	}
	if err := w.disk.rename(w.root, w.workDir(), to); err != nil {
		return Snapshot{}, err
	}
	err = errors.Join(w.disk.sync(w.root, snapshotsDir), w.disk.sync(w.root, incomingDir))
	return s, errors.Join(err, w.disk.remove(w.root, stateName), i.Close())
}

// markSealing leaves word that files are being sealed, before the first is.
func (i *Incoming) markSealing() error {
	if i.state.Sealing {
		return nil
	}
	marked := i.state
	marked.Sealing = true
	if err := i.w.disk.writeJSON(i.w.root, stateName, marked); err != nil {
		return err
	}
	i.state = marked
	return nil
}

// freeName is the name for a snapshot of an instant; of two of one name the
// second gets a number.
func (w *Writer) freeName(at time.Time) (string, error) {
	base := snapshotName(at, w.d.lib.zone)
	for n, name := 2, base; ; n, name = n+1, fmt.Sprintf("%s_%d", base, n) {
		taken, err := exists(w.root, path.Join(snapshotsDir, name))
		if err != nil || !taken {
			return name, err
		}
	}
}
