package view

import (
	"context"
	"errors"

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

// Files calls each for the files that lie in a folder, in the order of their
// names; for none where the backup has no such folder.
func (s *Source) Files(ctx context.Context, folder Place, each func(backupfmt.Child)) error {
	x, err := s.Backup.Index(ctx)
	if err != nil {
		return err
	}
	e, err := s.Lookup(ctx, folder.Domain, folder.Path)
	if errors.Is(err, ErrAbsent) {
		return nil
	} else if err != nil {
		return err
	}
	x.Children(e, 0, func(c backupfmt.Child) bool {
		if c.Type.IsRegular() {
			each(c)
		}
		return ctx.Err() == nil
	})
	return ctx.Err()
}
