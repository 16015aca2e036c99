// Package notes is the view "Notes": each note as HTML and as Markdown, beside
// what is attached to it.
//
//	Notes/<account>/<folder>/<title>.html           self-contained
//	Notes/<account>/<folder>/<title>.md
//	Notes/<account>/<folder>/<title>.attachments/   the files, as the backup has them
//	Notes/<account>/<folder>/<title> (locked).txt   in place of a note that has a password
//	Notes/<account>/Recently deleted/               what is in the bin
//
// It knows NoteStore.sqlite of iOS 9 and later, and notes.sqlite, which earlier
// ones have.
package notes

import (
	"context"
	"errors"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows notes.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Notes" }

// Open finds out whether the backup has one of the databases.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.First(ctx, view.Place{Domain: domain, Path: dbPath}, view.Place{Domain: oldDomain, Path: oldPath}); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

// build lays out the notes of both databases. One of them that cannot be read
// costs its notes, unless there is no other.
func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	l := &layout{src: src, Layout: src.Layout(ctx)}
	var failed []error
	read := 0
	for _, of := range []struct {
		what string
		add  func(context.Context) error
	}{{"the notes", l.addNotes}, {"the notes of iOS 8 and earlier", l.addOld}} {
		err := of.add(ctx)
		switch {
		case err == nil:
			read++
		case view.Passing(err):
			return nil, err
		case !errors.Is(err, view.ErrAbsent):
			l.Lost(of.what, err)
			failed = append(failed, err)
		}
	}
	if read == 0 {
		return nil, errors.Join(failed...)
	}
	l.place()
	return l.Tree()
}

// addNotes takes what NoteStore.sqlite has.
func (l *layout) addNotes(ctx context.Context) error {
	s, err := openStore(ctx, l.src)
	if err != nil {
		return err
	}
	defer s.Close()
	if l.library, err = s.library(ctx, l.Lost); err != nil {
		return err
	}
	l.attach(ctx, l.src, l.Lost)
	for _, n := range l.notes {
		if n.title == "" && !n.locked {
			if err := s.firstLine(ctx, n); err != nil {
				return err
			}
		}
	}
	l.shelve()
	return nil
}
