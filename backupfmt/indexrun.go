package backupfmt

import (
	"context"
	"fmt"
	iofs "io/fs"
	"time"
)

// An indexRun builds an index, once, for all who wait for it.
type indexRun struct {
	cancel context.CancelFunc
	done   chan struct{}
	x      *Index // after done
	err    error  // after done
}

// Index is the tree of all rows. The first call builds it, which takes about
// two seconds for a million rows; so does the first after it was dropped to
// keep within the budget. The error is ErrDamaged where it would have no row. A context that ends ends the wait, not the building.
func (b *Backup) Index(ctx context.Context) (*Index, error) {
	if x := b.index.Load(); x != nil {
		b.share.Use()
		return x, nil
	}
	if err := b.ready(); err != nil {
		return nil, err
	}
	run, err := b.startIndex()
	if err != nil {
		return nil, err
	}
	select {
	case <-run.done:
		return run.x, run.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Totals are those of the index, without building one: zero while there is none.
func (b *Backup) Totals() (files int, bytes int64) {
	if x := b.index.Load(); x != nil {
		return x.Totals()
	}
	return 0, 0
}

// Damage counts the damaged places that the index has met, without building one.
func (b *Backup) Damage() (n int) {
	if x := b.index.Load(); x != nil {
		n, _ = x.Damage()
	}
	return n
}

// Glance is ErrDamaged where the manifest is not whole, as far as that shows
// without an index: it was cut, or does not begin with a row. Index.Damage has
// the rest.
func (b *Backup) Glance(ctx context.Context) error {
	if err := b.ready(); err != nil {
		return err
	}
	return b.withManifest(ctx, func(m manifest) error { return m.glance() })
}

// Prepare begins to build the index, for a caller that will soon need it.
func (b *Backup) Prepare() {
	if b.index.Load() == nil && b.ready() == nil {
		_, _ = b.startIndex() // who needs it will see what went wrong
	}
}

func (b *Backup) startIndex() (*indexRun, error) {
	b.indexMu.Lock()
	defer b.indexMu.Unlock()
	if b.closed.Load() {
		return nil, iofs.ErrClosed
	}
	if b.build != nil {
		return b.build, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := &indexRun{cancel: cancel, done: make(chan struct{})}
	b.build = run
	go func() {
		defer cancel()
		run.x, run.err = b.buildIndex(ctx)
		logMistake(b.log, "build index", run.err)
		b.indexMu.Lock()
		b.build = nil
		if run.err == nil && !b.closed.Load() {
			b.index.Store(run.x)
			b.share.Hold(run.x.Bytes())
		}
		b.indexMu.Unlock()
		close(run.done)
	}()
	return run, nil
}

func (b *Backup) buildIndex(ctx context.Context) (x *Index, err error) {
	defer guard(&err)
	began := time.Now()
	var log damageLog
	var segments []*segment
	err = b.withManifest(ctx, func(m manifest) (err error) {
		segments, err = b.scan(ctx, m)
		return err
	})
	if err == nil {
		x, err = buildIndex(ctx, segments, &log)
	}
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", b.info.DeviceName, err)
	}
	x.damage = log
	if log.count > 0 && x.Len() == 1 {
		return nil, fmt.Errorf("index %s: nothing of the manifest can be read: %w", b.info.DeviceName, log.first[0].Err)
	}
	b.sizes.Range(func(e, size any) bool {
		if n := x.find(e.(Entry)); n != nil {
			n.setExact(size.(learned).size, size.(learned).damaged)
		}
		return true
	})
	for _, d := range log.first {
		b.log.Info("manifest row", "backup", b.info.DeviceName, "row", d.Entry, "domain", d.Domain, "path", d.Path, "err", d.Err)
	}
	if log.count > 0 {
		b.log.Warn("damaged places in the manifest", "backup", b.info.DeviceName, "count", log.count, "first", log.first[0].Err)
	}
	b.log.Debug("index built", "backup", b.info.DeviceName, "rows", x.Len(), "took", time.Since(began))
	return x, nil
}
