package view

import (
	"context"
	"errors"
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
