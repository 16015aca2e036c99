package view

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"log/slog"
	"sync"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/vtree"
)

// A Source is what the views of one snapshot are made from. Its methods may be
// called side by side.
type Source struct {
	Backup *backupfmt.Backup // unlocked
	Zone   *time.Location    // for local times where the data names no zone
	Log    *slog.Logger      // what only a developer wants to know; the rest is Layout.Lost

	cache    *vtree.Cache
	budget   *backupfmt.Budget
	contacts contacts

	mu     sync.Mutex
	shares []*backupfmt.Share // guarded by mu; of the views' trees
}

// Options are what the views of all snapshots share. The zero value is useful.
type Options struct {
	Zone   *time.Location    // default: UTC
	Log    *slog.Logger      // default: nowhere
	Cache  *vtree.Cache      // of rendered files; default: one of its own
	Budget *backupfmt.Budget // that the views' trees count to; default: without limit
}

// NewSource makes the source of a backup that is unlocked, or has no password.
func NewSource(b *backupfmt.Backup, o Options) *Source {
	s := &Source{Backup: b, Zone: o.Zone, Log: o.Log, cache: o.Cache, budget: o.Budget, contacts: contacts{gate: NewGate()}}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.cache == nil {
		s.cache = vtree.NewCache(0)
	}
	return s
}

// Close takes the views' trees out of the budget, for a snapshot that is gone.
func (s *Source) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, share := range s.shares {
		share.Free()
	}
}

// share is a share of the budget, or nil where there is none.
func (s *Source) share(drop func()) *backupfmt.Share {
	if s.budget == nil {
		return nil
	}
	share := s.budget.Share(drop)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shares = append(s.shares, share)
	return share
}

// Lookup finds a row. The error wraps ErrAbsent when the backup has none. It
// asks the manifest for each while the index is not there: who looks for many
// waits for Backup.Index first.
func (s *Source) Lookup(ctx context.Context, domain, path string) (backupfmt.Entry, error) {
	e, err := s.Backup.Lookup(ctx, domain, path)
	return e, absent(err, domain, path)
}

// absent makes a row that is not there the absence of a view's data.
func absent(err error, domain, path string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, iofs.ErrNotExist):
		return fmt.Errorf("%w: no %s in %s", ErrAbsent, path, domain)
	}
	return fmt.Errorf("%s in %s: %w", path, domain, err)
}

// Withheld is the absence of data that phones leave out of a backup without a
// password, and says so of such a backup.
func (s *Source) Withheld(err error) error {
	if s.Backup.Encrypted() || !errors.Is(err, ErrAbsent) {
		return err
	}
	return fmt.Errorf("%w: since iOS 13 phones leave it out of a backup without a password", ErrAbsent)
}

// Read reads a whole file of at most limit bytes. The errors wrap ErrAbsent
// when the backup has no such row, and backupfmt.ErrNoBlob when it has the row
// alone.
func (s *Source) Read(ctx context.Context, domain, path string, limit int64) ([]byte, error) {
	e, err := s.Lookup(ctx, domain, path)
	if err != nil {
		return nil, err
	}
	b, err := s.ReadEntry(ctx, e, limit)
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", path, domain, err)
	}
	return b, nil
}

// ErrTooLong is a file that is longer than its reader wants.
var ErrTooLong = errors.New("too long")

// ReadEntry is Read for a row that is known.
func (s *Source) ReadEntry(ctx context.Context, e backupfmt.Entry, limit int64) ([]byte, error) {
	f, err := s.Backup.Open(ctx, e)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > limit {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrTooLong, f.Size(), limit)
	}
	return io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
}

// Render is the content of a file that a view makes: the same bytes each time,
// made when its size is first asked for and kept for a while. f must be pure
// but for what it reads, and end when its context does. Where a part could not be
// read, its error is a vtree.Partial beside the rest.
func (s *Source) Render(f func(context.Context) ([]byte, error)) vtree.Content {
	return s.cache.Render(func(ctx context.Context) (b []byte, err error) {
		defer Guard(s.Log, "render a file", &err)
		return f(ctx)
	})
}

// RenderAll is Render for n files that are made together, such as a page and a
// text of the same messages.
func (s *Source) RenderAll(n int, f func(context.Context) ([][]byte, error)) []vtree.Content {
	return s.cache.RenderAll(n, func(ctx context.Context) (all [][]byte, err error) {
		defer Guard(s.Log, "render files", &err)
		return f(ctx)
	})
}
