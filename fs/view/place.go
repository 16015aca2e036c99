package view

import (
	"context"
	"errors"
	"iter"

	"ibfs/backupfmt"
)

// A Place is where a file or a folder lies in a backup.
type Place struct{ Domain, Path string }

// First is the first of several places that the backup has. When it has none of
// them the error wraps ErrAbsent, and names the first.
func (s *Source) First(ctx context.Context, places ...Place) (Place, error) {
	var first error
	for _, p := range places {
		_, err := s.Lookup(ctx, p.Domain, p.Path)
		switch {
		case err == nil:
			return p, nil
		case !errors.Is(err, ErrAbsent):
			return Place{}, err
		case first == nil:
			first = err
		}
	}
	return Place{}, first
}

// Children yields what lies in a folder, in the order of its names, and last an
// error if there was one; nothing where the backup has no such folder.
func (s *Source) Children(ctx context.Context, folder Place) iter.Seq2[backupfmt.Child, error] {
	return func(yield func(backupfmt.Child, error) bool) {
		x, err := s.Backup.Index(ctx)
		if err != nil {
			yield(backupfmt.Child{}, err)
			return
		}
		e, err := s.Lookup(ctx, folder.Domain, folder.Path)
		if errors.Is(err, ErrAbsent) {
			return
		} else if err != nil {
			yield(backupfmt.Child{}, err)
			return
		}
		x.Children(e, 0, func(c backupfmt.Child) bool {
			err = ctx.Err()
			return err == nil && yield(c, nil)
		})
		if err != nil {
			yield(backupfmt.Child{}, err)
		}
	}
}
