package backuptest

import (
	"context"
	iofs "io/fs"
	"math"
	"os"
	"sync/atomic"
	"syscall"
)

// EndsAfter is a context of somebody who gives up: it is over once it was asked
// so many times whether it is.
func EndsAfter(ctx context.Context, looks int) *Ending {
	e := &Ending{after: int64(looks)}
	e.Context, e.end = context.WithCancel(ctx)
	return e
}

// An Ending is a context that counts how often it is asked.
type Ending struct {
	context.Context
	end   func()
	after int64
	looks atomic.Int64
}

// Looks is how often it was asked.
func (e *Ending) Looks() int { return int(e.looks.Load()) }

func (e *Ending) look() {
	if e.looks.Add(1) > e.after {
		e.end()
	}
}

// Err counts as a look.
func (e *Ending) Err() error {
	e.look()
	return e.Context.Err()
}

// Done counts as a look.
func (e *Ending) Done() <-chan struct{} {
	e.look()
	return e.Context.Done()
}

// A Disk is a folder on a disk of which one read can fail.
type Disk struct {
	iofs.FS
	reads atomic.Int64
	after atomic.Int64
}

// NewDisk is a folder whose disk is sound.
func NewDisk(dir string) *Disk {
	d := &Disk{FS: os.DirFS(dir)}
	d.FailAfter(math.MaxInt)
	return d
}

// FailAfter lets so many reads pass from now on, and the next one fail with EIO.
func (d *Disk) FailAfter(reads int) {
	d.after.Store(int64(reads))
	d.reads.Store(0)
}

// Reads is how many there were since then.
func (d *Disk) Reads() int { return int(d.reads.Load()) }

// Failed reports whether one of them has failed.
func (d *Disk) Failed() bool { return d.reads.Load() > d.after.Load() }

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
	if f.disk.reads.Add(1) == f.disk.after.Load()+1 {
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
