package vtree

import (
	"errors"
	"io"
	iofs "io/fs"
)

// openFile is a File with a position. A content that ends before its size is
// io.ErrUnexpectedEOF, not an end.
type openFile struct {
	File
	info *fileInfo
	pos  int64
}

var _ io.ReadSeeker = (*openFile)(nil)

func (o *openFile) Stat() (iofs.FileInfo, error) { return o.info, nil }

func (o *openFile) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if o.pos >= o.Size() {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), o.Size()-o.pos)]
	n, err := o.ReadAt(p, o.pos)
	o.pos += int64(n)
	switch {
	case n == len(p):
		err = nil
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (o *openFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.pos
	case io.SeekEnd:
		offset += o.Size()
	}
	if offset < 0 {
		return 0, &iofs.PathError{Op: "seek", Path: o.info.name, Err: iofs.ErrInvalid}
	}
	o.pos = offset
	return offset, nil
}

// openDir is a folder with a position in its listing.
type openDir struct {
	fs   *treeFS
	info *fileInfo
	path string
	pos  int
}

func (o *openDir) Stat() (iofs.FileInfo, error) { return o.info, nil }
func (o *openDir) Close() error                 { return nil }

func (o *openDir) Read([]byte) (int, error) {
	return 0, &iofs.PathError{Op: "read", Path: o.path, Err: ErrIsDir}
}

func (o *openDir) ReadDir(n int) ([]iofs.DirEntry, error) {
	if n <= 0 {
		n = -1
	}
	list, err := o.fs.list(o.info.id, o.pos, n)
	o.pos += len(list)
	if err != nil {
		return list, &iofs.PathError{Op: "readdir", Path: o.path, Err: err}
	}
	if n > 0 && len(list) == 0 {
		return nil, io.EOF
	}
	return list, nil
}
