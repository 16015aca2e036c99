package export

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"syscall"
	"time"

	"ibfs/fs/vtree"
)

// put makes dst what an entry of the tree is. The error is errTaken where dst
// is another and stays.
func (e *exporter) put(dst, src string, c child) error {
	attr, err := e.tree.Attr(e.ctx, c.id)
	if err != nil {
		return err
	}
	switch {
	case c.typ.IsDir():
		return e.putFolder(dst, src, c.id, attr)
	case c.typ == iofs.ModeSymlink:
		return e.putLink(dst, c.id)
	}
	return e.putFile(dst, src, c, attr)
}

func (e *exporter) putFolder(dst, src string, id vtree.ID, attr vtree.Attr) error {
	if err := e.root.Mkdir(dst, 0o777); errors.Is(err, iofs.ErrExist) {
		if there, err := e.root.Stat(dst); err != nil {
			return err
		} else if !there.IsDir() && e.opt.Keep {
			return errTaken
		} else if !there.IsDir() {
			return fmt.Errorf("%s is there and no folder", dst)
		}
	} else if err != nil {
		return err
	}
	if err := e.folder(dst, src, id); err != nil {
		return err
	}
	e.setTime(dst, attr.ModTime)
	return nil
}

func (e *exporter) putLink(dst string, id vtree.ID) error {
	target, err := e.tree.ReadLink(e.ctx, id)
	if err != nil {
		return err
	}
	if there, err := e.root.Readlink(dst); err == nil && there == target {
		e.report.Present++
		return nil
	}
	if err := e.root.Symlink(target, dst); err != nil {
		return err
	}
	e.report.Copied++
	return nil
}

func (e *exporter) putFile(dst, src string, c child, attr vtree.Attr) error {
	original := e.original(c.id)
	photo := c.made && original
	there, err := e.root.Lstat(dst)
	switch {
	case err == nil && e.present(there, dst, c, attr):
		e.report.Present++
		e.tellAgain(src, c.id)
		e.progress(attr.Size)
	case e.ctx.Err() != nil: // perhaps before all of it was compared
		return e.ctx.Err()
	case err == nil && photo:
		return errTaken
	case photo && errors.Is(err, iofs.ErrNotExist) && c.left.rename(e, dst, c, attr):
		e.report.Present++
		e.tellAgain(src, c.id)
		e.progress(attr.Size)
	case original && errors.Is(err, iofs.ErrNotExist) && e.link(dst, c.id):
		e.report.Linked++
		e.progress(attr.Size)
	default:
		if !c.made {
			there = nil
		}
		if err := e.copyFile(dst, src, c.id, attr, there); err != nil {
			return err
		}
		e.report.Copied++
	}
	if original {
		e.places[c.id] = dst
	}
	return nil
}

// present reports that what is at dst need not be copied. Under the phone's own
// name a file of one size and time is the same. A name of the tree's making may
// have been another's: of two photos of one size and second the ends tell them
// apart, without reading all of an export again. A text of the tree's can change
// without either.
func (e *exporter) present(there iofs.FileInfo, dst string, c child, attr vtree.Attr) bool {
	if !there.Mode().IsRegular() || there.Size() != attr.Size {
		return false
	}
	switch fits := timeFits(there.ModTime(), attr.ModTime); {
	case fits && !c.made:
		return true
	case fits && e.original(c.id):
		return e.same(dst, c.id, attr, endSize)
	}
	return e.same(dst, c.id, attr, attr.Size)
}

// endSize is how much of a photo's beginning and end is compared, in bytes.
const endSize = 64 << 10

// link makes dst another name of an original that is there, and says whether it
// could.
func (e *exporter) link(dst string, id vtree.ID) bool {
	place, ok := e.places[id]
	return ok && e.root.Link(place, dst) == nil
}

// timeFits reports that a file has the time that it would be given.
func timeFits(there, want time.Time) bool {
	return want.IsZero() || there.Sub(want).Abs() < sameTime
}

// sameTime is within what the coarsest file system keeps, FAT's two seconds.
const sameTime = 2 * time.Second

// setTime sets a time that is known. A file system that keeps no such time
// still has the content.
func (e *exporter) setTime(name string, t time.Time) {
	if !t.IsZero() {
		_ = e.root.Chtimes(name, t, t)
	}
}

// refused reports that a file system does not take a name.
func refused(err error) bool {
	for _, e := range []error{syscall.EINVAL, syscall.EILSEQ, syscall.ENAMETOOLONG, syscall.ENOENT} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
