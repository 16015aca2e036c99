package vtree

import (
	"cmp"
	"context"
	"errors"
	iofs "io/fs"
	"slices"
	"strings"
	"time"
)

// FS shows a tree as an io/fs file system, for ls, cat, export and tests: with
// sorted listings, links that are followed within the tree, and open files that
// are also io.ReaderAt and io.Seeker. Names need not be UTF-8. FileInfo.Sys is
// the entry's ID. When ctx ends, so does each call.
func FS(ctx context.Context, t Tree) iofs.FS { return &treeFS{ctx, t} }

type treeFS struct {
	ctx context.Context // io/fs has no other place for it
	t   Tree
}

var (
	_ iofs.ReadDirFS  = (*treeFS)(nil)
	_ iofs.StatFS     = (*treeFS)(nil)
	_ iofs.ReadLinkFS = (*treeFS)(nil)
)

func (f *treeFS) Open(name string) (iofs.File, error) {
	info, err := f.info("open", name, true)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return &openDir{fs: f, info: info, path: name}, nil
	}
	file, err := f.t.Open(f.ctx, info.id)
	if err != nil {
		return nil, &iofs.PathError{Op: "open", Path: name, Err: err}
	}
	// Opening is what makes the size exact.
	info.attr.Size = file.Size()
	return &openFile{File: file, info: info}, nil
}

func (f *treeFS) ReadDir(name string) ([]iofs.DirEntry, error) {
	info, err := f.info("readdir", name, true)
	if err != nil {
		return nil, err
	}
	list, err := f.list(info.id, 0, -1)
	slices.SortFunc(list, func(a, b iofs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	if err != nil {
		return list, &iofs.PathError{Op: "readdir", Path: name, Err: err}
	}
	return list, nil
}

func (f *treeFS) Stat(name string) (iofs.FileInfo, error)  { return f.stat("stat", name, true) }
func (f *treeFS) Lstat(name string) (iofs.FileInfo, error) { return f.stat("lstat", name, false) }

func (f *treeFS) stat(op, name string, follow bool) (iofs.FileInfo, error) {
	info, err := f.info(op, name, follow)
	if err != nil {
		return nil, err
	}
	return info, nil
}

func (f *treeFS) ReadLink(name string) (string, error) {
	id, err := f.find(name, false)
	if err != nil {
		return "", &iofs.PathError{Op: "readlink", Path: name, Err: err}
	}
	text, err := f.t.ReadLink(f.ctx, id)
	if errors.Is(err, ErrNoLink) {
		err = iofs.ErrInvalid
	}
	if err != nil {
		return "", &iofs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return text, nil
}

func (f *treeFS) info(op, name string, follow bool) (*fileInfo, error) {
	id, err := f.find(name, follow)
	if err != nil {
		return nil, &iofs.PathError{Op: op, Path: name, Err: err}
	}
	attr, err := f.t.Attr(f.ctx, id)
	if err != nil {
		return nil, &iofs.PathError{Op: op, Path: name, Err: err}
	}
	return &fileInfo{name[strings.LastIndexByte(name, '/')+1:], id, attr}, nil
}

func (f *treeFS) find(name string, follow bool) (ID, error) {
	if !validPath(name) {
		return 0, iofs.ErrInvalid
	}
	return Find(f.ctx, f.t, name, follow)
}

// list is up to n entries of a folder from a position on; all when n < 0.
func (f *treeFS) list(dir ID, from, n int) ([]iofs.DirEntry, error) {
	var list []iofs.DirEntry
	err := f.t.ReadDir(f.ctx, dir, from, func(name string, id ID, typ iofs.FileMode) bool {
		list = append(list, &dirEntry{f, name, id, typ.Type()})
		return len(list) != n
	})
	return list, err
}

// validPath is iofs.ValidPath for names that need not be UTF-8.
func validPath(name string) bool {
	if name == "." {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

type fileInfo struct {
	name string
	id   ID
	attr Attr
}

func (i *fileInfo) Name() string        { return i.name }
func (i *fileInfo) Size() int64         { return i.attr.Size }
func (i *fileInfo) Mode() iofs.FileMode { return i.attr.Mode }
func (i *fileInfo) ModTime() time.Time  { return i.attr.ModTime }
func (i *fileInfo) IsDir() bool         { return i.attr.Mode.IsDir() }
func (i *fileInfo) Sys() any            { return i.id }

type dirEntry struct {
	fs   *treeFS
	name string
	id   ID
	typ  iofs.FileMode
}

func (e *dirEntry) Name() string        { return e.name }
func (e *dirEntry) IsDir() bool         { return e.typ.IsDir() }
func (e *dirEntry) Type() iofs.FileMode { return e.typ }

func (e *dirEntry) Info() (iofs.FileInfo, error) {
	attr, err := e.fs.t.Attr(e.fs.ctx, e.id)
	if err != nil {
		return nil, &iofs.PathError{Op: "lstat", Path: e.name, Err: err}
	}
	return &fileInfo{e.name, e.id, attr}, nil
}

func (e *dirEntry) String() string { return iofs.FormatDirEntry(e) }
