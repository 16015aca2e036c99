package vtree_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"testing"

	"ibfs/fs/vtree"
)

func links(t *testing.T) *vtree.Static {
	s := vtree.NewStatic(1, vtree.Meta{})
	dir := must(s.AddDir(1, "dir", vtree.Meta{}))(t)
	must(s.AddFile(dir, "file", vtree.Bytes([]byte("content")), vtree.Meta{}))(t)
	for name, target := range map[string]string{
		"to dir": "dir", "to file": "dir/file", "through": "to dir/file", "out": "../x", "absolute": "/etc/passwd",
		"loop": "loop", "up and down": "dir/../dir/file", "nowhere": "gone", "dotted": "./dir//file",
	} {
		must(s.AddLink(1, name, target, vtree.Meta{}))(t)
	}
	return s
}

func TestFSFollowsLinksWithinTheTree(t *testing.T) {
	fsys := vtree.FS(t.Context(), links(t))
	for name, want := range map[string]error{
		"to file": nil, "to dir/file": nil, "through": nil, "up and down": nil, "dotted": nil,
		"out": iofs.ErrNotExist, "absolute": iofs.ErrNotExist, "nowhere": iofs.ErrNotExist,
		"loop": vtree.ErrLoop, "to file/x": vtree.ErrNotDir, "../x": iofs.ErrInvalid, "dir//file": iofs.ErrInvalid,
	} {
		t.Run(name, func(t *testing.T) {
			b, err := iofs.ReadFile(fsys, name)
			if !errors.Is(err, want) || err == nil && string(b) != "content" {
				t.Errorf("%q, %v; want %v", b, err, want)
			}
			if want == nil {
				info, err := iofs.Lstat(fsys, name)
				if err != nil {
					t.Fatal(err)
				}
				_, err = iofs.ReadLink(fsys, name)
				if isLink := info.Mode().Type() == iofs.ModeSymlink; isLink != (err == nil) {
					t.Errorf("lstat says %v, readlink %v", info.Mode(), err)
				}
			}
		})
	}
}

func TestFSFileSeeks(t *testing.T) {
	f := must(vtree.FS(t.Context(), links(t)).Open("dir/file"))(t)
	defer f.Close()
	s := f.(io.ReadSeeker)
	if n, err := s.Seek(-4, io.SeekEnd); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if b := must(io.ReadAll(s))(t); string(b) != "tent" {
		t.Errorf("%q", b)
	}
	if _, err := s.Seek(-1, io.SeekStart); !errors.Is(err, iofs.ErrInvalid) {
		t.Error(err)
	}
	b := make([]byte, 3)
	if _, err := f.(io.ReaderAt).ReadAt(b, 1); err != nil || string(b) != "ont" {
		t.Errorf("%q, %v", b, err)
	}
}

// short claims more bytes than it has.
type short struct{ *bytes.Reader }

func (short) Size() int64                                  { return 10 }
func (short) Close() error                                 { return nil }
func (s shortContent) Size(context.Context) (int64, error) { return 10, nil }
func (s shortContent) Open(context.Context) (vtree.File, error) {
	return short{bytes.NewReader([]byte("12345"))}, nil
}

type shortContent struct{}

func TestFSTellsOfContentThatEndsEarly(t *testing.T) {
	s := vtree.NewStatic(1, vtree.Meta{})
	must(s.AddFile(1, "f", shortContent{}, vtree.Meta{}))(t)
	if _, err := iofs.ReadFile(vtree.FS(t.Context(), s), "f"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestPath(t *testing.T) {
	r, s := rows(t), vtree.NewStatic(3<<30, vtree.Meta{})
	if err := s.Hang(s.Root(), "Chat", r, 1, iofs.ModeDir, vtree.Meta{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{".": "/", "Chat": "/Chat", "Chat/Deep/up": "/Chat/Deep/up"} {
		id := must(vtree.Find(t.Context(), s, name, false))(t)
		if got := vtree.Path(t.Context(), s, id); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := vtree.Path(t.Context(), s, 99); got != "/#63" {
		t.Errorf("an unknown number: %q", got)
	}
}
