// Package view is what a view is: the part of a backup that one small package
// turns into one folder of ordinary files. It holds what views need of a backup:
// files and databases that are read with bounds, whatever is written in them
// (Source, Database, Row), names, times, the people of the address book, and the
// Layout that a view's folder is made of.
//
// It also shows the rows of a backup themselves as a Tree (Manifest), because
// every view refers to them. It knows no FUSE and no single view.
package view

import (
	"context"
	"errors"

	"ibfs/fs/vtree"
)

// A View turns part of a backup into one folder at the root of a snapshot.
type View interface {
	// Name is the folder's name, such as "Photos".
	Name() string

	// Open returns the folder's tree. It is cheap: it finds its sources (see
	// Source.Lookup) and leaves the queries to the first listing (see
	// Source.Lazy). The error wraps ErrAbsent when this backup does not hold the
	// data, and the folder is left out.
	Open(ctx context.Context, s *Source) (vtree.Tree, error)
}

// ErrAbsent says that a backup does not hold the data of a view.
var ErrAbsent = errors.New("this backup holds no such data")
