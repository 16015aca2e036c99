// Package export copies a part of a tree into a folder of the host.
//
// It goes on where a name, a file or a folder cannot be copied, and says at the
// end what that was. It writes below the folder it was given alone, each file
// beside and then renamed, and removes nothing but what it left half done.
package export

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"syscall"

	"ibfs/fs/vtree"
)

// Options say how files are put into a folder that may hold some already. The
// zero value makes the folder's files those of the tree.
type Options struct {
	// Original reports a file of the backup itself that the tree may show at
	// several places, by one number: a photo, by its date and in its albums. The
	// first becomes a copy, the others hard links to it where the folder's file
	// system has such. Nil: none is.
	Original func(vtree.ID) bool

	// Keep loses nothing that has a name of the tree's making. An original that
	// differs from what has its name gets a number, so that what the phone no
	// longer has stays, also when another photo has its name by now. Any other file
	// is brought up to date; where the new version could say less than the one
	// before, that is kept under a name of its own. What lies in a folder that is an
	// original itself has the phone's own names, and is brought up to date.
	Keep bool

	// Show is told how far the export is. Nil: nobody is.
	Show func(Progress)
}

// Progress is how far an export is. The total grows as folders are read.
type Progress struct{ Bytes, TotalBytes int64 }

// A Report says what was done.
type Report struct {
	Copied   int       `json:"copied"`  // files and symbolic links
	Linked   int       `json:"linked"`  // hard links, to what was copied or present
	Present  int       `json:"present"` // were there already
	Bytes    int64     `json:"bytes"`   // copied
	Renamed  []Renamed `json:"renamed"`
	Numbered []Renamed `json:"numbered"` // because another file has the name and stays
	Kept     []Renamed `json:"kept"`     // an earlier version, beside the one that is there now
	Damaged  []Failure `json:"damaged"`  // copied, or present, as far as they can be read
	Failed   []Failure `json:"failed"`
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
func Run(ctx context.Context, tree vtree.Tree, id vtree.ID, to string, opt Options) (Report, error) {
	e := exporter{ctx: ctx, tree: tree, opt: opt, part: partName(), places: map[vtree.ID]string{}, buf: make([]byte, 1<<20), other: make([]byte, 1<<20)}
	e.report = Report{Renamed: []Renamed{}, Numbered: []Renamed{}, Kept: []Renamed{}, Damaged: []Failure{}, Failed: []Failure{}}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return e.report, err
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return e.report, err
	}
	defer root.Close()
	e.root = root
	if e.foldsCase, err = foldsCase(root, e.part); err != nil {
		return e.report, err
	}
	attr, err := tree.Attr(ctx, id)
	if err != nil {
		return e.report, err
	}
	if attr.Mode.IsDir() {
		err = e.folder(".", "", id)
	} else {
		err = e.entry(".", "", &namer{}, child{name: path.Base(vtree.Path(ctx, tree, id)), id: id, typ: attr.Mode.Type()})
	}
	return e.report, err
}

type exporter struct {
	ctx       context.Context
	tree      vtree.Tree
	opt       Options
	root      *os.Root
	foldsCase bool                // the folder takes names that differ by case for one
	part      string              // what a file is written as until it is whole
	places    map[vtree.ID]string // where in the folder an original is
	done      Progress
	report    Report
	buf       []byte
	other     []byte // what buf is compared with
}

type child struct {
	name string
	id   vtree.ID
	typ  iofs.FileMode
	made bool // its name is the tree's making, and nothing that has it is lost

	left *leftovers // of its folder
}

// folder copies what is in a folder of the tree, named by src for reports,
// into the folder dst of the export, which is there.
func (e *exporter) folder(dst, src string, id vtree.ID) error {
	var all []child
	made := e.opt.Keep && !e.original(id)
	left := &leftovers{dir: dst, named: map[string]bool{}}
	err := e.tree.ReadDir(e.ctx, id, 0, func(name string, id vtree.ID, m iofs.FileMode) bool {
		all = append(all, child{name, id, m, made, left})
		left.named[name] = true
		return true
	})
	if err != nil {
		return e.failed(src, err)
	}
	e.removeParts(dst)
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

// entry copies one entry, under its own name or, where that is refused or
// another's, under one that is not.
func (e *exporter) entry(dst, src string, names *namer, c child) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	src = path.Join(src, c.name)
	wanted, escaped := c.name, false
	for {
		name := names.free(wanted, c.typ.IsDir())
		err := e.put(path.Join(dst, name), src, c)
		switch {
		case refused(err) && !escaped:
			wanted, escaped = escapedName(c.name), true
		case errors.Is(err, errTaken): // the next one is numbered
		case err != nil:
			return e.failed(src, err)
		default:
			e.told(Renamed{src, name}, c, escaped)
			return nil
		}
	}
}

// told notes the name that an entry got, if it is not its own.
func (e *exporter) told(r Renamed, c child, escaped bool) {
	switch {
	case r.Name == c.name:
	case c.made && e.original(c.id) && !escaped:
		e.report.Numbered = append(e.report.Numbered, r)
	default:
		e.report.Renamed = append(e.report.Renamed, r)
	}
}

// errTaken is a name that something else has, which is kept.
var errTaken = errors.New("another has this name")

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

func (e *exporter) original(id vtree.ID) bool { return e.opt.Original != nil && e.opt.Original(id) }

func (e *exporter) progress(n int64) {
	e.done.Bytes += n
	if e.opt.Show != nil {
		e.opt.Show(e.done)
	}
}
