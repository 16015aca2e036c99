package backuptest

import (
	"context"
	iofs "io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// EndsAfter is a context of somebody who gives up: it is over once it was asked
// so many times whether it is.
func EndsAfter(ctx context.Context, looks int) context.Context {
	e := &ending{}
	e.Context, e.end = context.WithCancel(ctx)
	e.left.Store(int64(looks))
	return e
}

type ending struct {
	context.Context
	end  func()
	left atomic.Int64
}

func (e *ending) look() {
	if e.left.Add(-1) < 0 {
		e.end()
	}
}

func (e *ending) Err() error {
	e.look()
	return e.Context.Err()
}

func (e *ending) Done() <-chan struct{} {
	e.look()
	return e.Context.Done()
}

// A Disk is a folder on a disk of which one read can fail.
type Disk struct {
	iofs.FS
	left atomic.Int64
}

// NewDisk is a folder whose disk is sound.
func NewDisk(dir string) *Disk { return &Disk{FS: os.DirFS(dir)} }

// FailAfter lets so many reads pass, and the next one fail with EIO.
func (d *Disk) FailAfter(reads int) { d.left.Store(int64(reads) + 1) }

// Failed reports whether that read has failed.
func (d *Disk) Failed() bool { return d.left.Load() <= 0 }

// Open opens a file whose reads are counted.
func (d *Disk) Open(name string) (iofs.File, error) {
	f, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &diskFile{f.(*os.File), d}, nil
}

type diskFile struct {
	*os.File
	disk *Disk
}

func (f *diskFile) fails() error {
	if f.disk.left.Add(-1) == 0 {
		return &iofs.PathError{Op: "read", Path: f.Name(), Err: syscall.EIO}
	}
	return nil
}

func (f *diskFile) Read(p []byte) (int, error) {
	if err := f.fails(); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *diskFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fails(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}
