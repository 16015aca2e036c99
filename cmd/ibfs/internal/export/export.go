// Package export copies a part of a tree into a folder of the host.
//
// It goes on where a name, a file or a folder cannot be copied, and says at the
// end what that was. It writes below the folder it was given alone, each file
// beside and then renamed, and never over a file of another name.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"ibfs/fs/vtree"
)

// Progress is how far an export is. The total grows as folders are read.
type Progress struct{ Bytes, TotalBytes int64 }

// A Report says what was done.
type Report struct {
	Copied  int       `json:"copied"`  // files and links
	Present int       `json:"present"` // were there already
	Bytes   int64     `json:"bytes"`   // copied
	Renamed []Renamed `json:"renamed"`
	Damaged []Failure `json:"damaged"` // copied as far as they can be read
	Failed  []Failure `json:"failed"`
}

// Renamed is an entry that has another name in the export.
type Renamed struct {
	Path string `json:"path"` // in the tree, from where the export begins
	Name string `json:"name"` // in the folder
}

// Failure is an entry that could not be copied.
type Failure struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// Run copies the entry id, and all below it, into the folder to. The error is
// the context's, or one that leaves nothing more to do, as a full disk.
func Run(ctx context.Context, tree vtree.Tree, id vtree.ID, to string, show func(Progress)) (Report, error) {
	e := exporter{ctx: ctx, tree: tree, show: show, buf: make([]byte, 1<<20)}
	e.report.Renamed, e.report.Damaged, e.report.Failed = []Renamed{}, []Failure{}, []Failure{}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return e.report, err
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return e.report, err
	}
	defer root.Close()
	e.root = root
	if e.foldsCase, err = foldsCase(root); err != nil {
		return e.report, err
	}
	attr, err := tree.Attr(ctx, id)
	if err != nil {
		return e.report, err
	}
	if attr.Mode.IsDir() {
		err = e.folder(".", "", id)
	} else {
		err = e.entry(".", "", &namer{}, child{path.Base(vtree.Path(ctx, tree, id)), id, attr.Mode.Type()})
	}
	return e.report, err
}

type exporter struct {
	ctx       context.Context
	tree      vtree.Tree
	root      *os.Root
	foldsCase bool // the folder takes names that differ by case for one
	show      func(Progress)
	done      Progress
	report    Report
	buf       []byte
}

type child struct {
	name string
	id   vtree.ID
	typ  iofs.FileMode
}

// folder copies what is in a folder of the tree, named by src for reports,
// into the folder dst of the export, which is there.
func (e *exporter) folder(dst, src string, id vtree.ID) error {
	var all []child
	err := e.tree.ReadDir(e.ctx, id, 0, func(name string, id vtree.ID, m iofs.FileMode) bool {
		all = append(all, child{name, id, m})
		return true
	})
	if err != nil {
		return e.failed(src, err)
	}
	names := namer{foldsCase: e.foldsCase}
	for _, c := range all {
		if !c.typ.IsDir() {
			if a, err := e.tree.Attr(e.ctx, c.id); err == nil {
				e.done.TotalBytes += a.Size
			}
		}
	}
	for _, c := range all {
		if err := e.entry(dst, src, &names, c); err != nil {
			return err
		}
	}
	return nil
}

// entry copies one entry, under its own name or, where that is refused, under
// one that is not.
func (e *exporter) entry(dst, src string, names *namer, c child) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	src = path.Join(src, c.name)
	name := names.own(c.name)
	err := e.put(path.Join(dst, name), src, c)
	if refused(err) {
		name = names.escaped(c.name)
		err = e.put(path.Join(dst, name), src, c)
	}
	if err != nil {
		return e.failed(src, err)
	}
	if name != c.name {
		e.report.Renamed = append(e.report.Renamed, Renamed{src, name})
	}
	return nil
}

// failed notes an entry that could not be copied. It returns the errors that
// end the export.
func (e *exporter) failed(src string, err error) error {
	if e.ctx.Err() != nil {
		return e.ctx.Err()
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("export %s: %w", src, err)
	}
	e.report.Failed = append(e.report.Failed, Failure{src, err.Error()})
	return nil
}

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
	return e.putFile(dst, src, c.id, attr)
}

func (e *exporter) putFolder(dst, src string, id vtree.ID, attr vtree.Attr) error {
	if err := e.root.Mkdir(dst, 0o777); err != nil && !errors.Is(err, iofs.ErrExist) {
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

// timeFits reports that a file has the time that it would be given.
func timeFits(there, want time.Time) bool { return want.IsZero() || there.Sub(want).Abs() < sameTime }

// sameTime is within what the coarsest file system keeps, FAT's two seconds.
const sameTime = 2 * time.Second

func (e *exporter) putFile(dst, src string, id vtree.ID, attr vtree.Attr) error {
	there, err := e.root.Lstat(dst)
	if err == nil && there.Mode().IsRegular() && there.Size() == attr.Size && timeFits(there.ModTime(), attr.ModTime) {
		e.report.Present++
		e.progress(attr.Size)
		return nil
	}
	f, err := e.tree.Open(e.ctx, id)
	if err != nil {
		return err
	}
	defer f.Close()
	if d, ok := f.(interface{ Damage() error }); ok && d.Damage() != nil {
		e.report.Damaged = append(e.report.Damaged, Failure{src, d.Damage().Error()})
	}
	beside := path.Join(path.Dir(dst), partName)
	if err := e.copy(beside, f); err != nil {
		_ = e.root.Remove(beside)
		return err
	}
	e.setTime(beside, attr.ModTime)
	if err := e.root.Rename(beside, dst); err != nil {
		_ = e.root.Remove(beside)
		return err
	}
	e.report.Copied++
	return nil
}

// partName is what a file is written as until it is whole.
const partName = ".ibfs-export.part"

func (e *exporter) copy(beside string, f vtree.File) error {
	out, err := e.root.Create(beside)
	if err != nil {
		return err
	}
	in := io.NewSectionReader(f, 0, f.Size())
	for done := int64(0); ; {
		n, err := io.ReadFull(in, e.buf)
		if n > 0 {
			if _, err := out.Write(e.buf[:n]); err != nil {
				out.Close()
				return err
			}
			e.report.Bytes += int64(n)
			e.progress(int64(n))
		}
		done += int64(n)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = out.Close()
			if err == nil && done != f.Size() {
				err = fmt.Errorf("it ends after %d of %d bytes", done, f.Size())
			}
			return err
		}
		if err == nil {
			err = e.ctx.Err()
		}
		if err != nil {
			out.Close()
			return err
		}
	}
}

func (e *exporter) progress(n int64) {
	e.done.Bytes += n
	if e.show != nil {
		e.show(e.done)
	}
}

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

// foldsCase finds out whether a folder takes names that differ by case for
// one, by the name of a file of its own.
func foldsCase(root *os.Root) (bool, error) {
	f, err := root.Create(partName)
	if err != nil {
		return false, err
	}
	f.Close()
	defer func() { _ = root.Remove(partName) }()
	_, err = root.Lstat(strings.ToUpper(partName))
	return err == nil, nil
}
