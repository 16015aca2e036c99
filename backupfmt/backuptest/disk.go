package backuptest

import (
	iofs "io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// A Disk is a folder on a disk that can fail. It may be used by several goroutines
// at once.
type Disk struct {
	iofs.FS
	reads  atomic.Int64
	failed atomic.Bool
	fault  atomic.Pointer[Fault]
}

// A Fault tells which reads fail, of n bytes at a place of a file; -1 is the place
// where the last one ended. To open a file counts as a read of no bytes. What fails
// does so with EIO.
type Fault func(name string, off int64, n int) bool

// NewDisk is a folder whose disk is sound.
func NewDisk(dir string) *Disk {
	d := &Disk{FS: os.DirFS(dir)}
	d.Mend()
	return d
}

// Fail makes reads fail from now on.
func (d *Disk) Fail(f Fault) {
	d.reads.Store(0)
	d.failed.Store(false)
	d.fault.Store(&f)
}

// Mend makes the disk sound.
func (d *Disk) Mend() { d.Fail(func(string, int64, int) bool { return false }) }

// Unplug makes all reads fail.
func (d *Disk) Unplug() { d.Fail(func(string, int64, int) bool { return true }) }

// FailAfter lets so many reads pass from now on, and some after them fail.
func (d *Disk) FailAfter(pass, fail int) {
	var n atomic.Int64
	d.Fail(func(string, int64, int) bool { at := int(n.Add(1)); return at > pass && at-pass <= fail })
}

// Reads is how many there were since the last change.
func (d *Disk) Reads() int { return int(d.reads.Load()) }

// Failed reports whether one of them has failed.
func (d *Disk) Failed() bool { return d.failed.Load() }

// Open opens a file whose reads may fail.
func (d *Disk) Open(name string) (iofs.File, error) {
	if err := d.read("open", name, -1, 0); err != nil {
		return nil, err
	}
	f, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &diskFile{f.(*os.File), name, d}, nil
}

func (d *Disk) read(op, name string, off int64, n int) error {
	d.reads.Add(1)
	if !(*d.fault.Load())(name, off, n) {
		return nil
	}
	d.failed.Store(true)
	return &iofs.PathError{Op: op, Path: name, Err: syscall.EIO}
}

type diskFile struct {
	*os.File
	name string
	disk *Disk
}

func (f *diskFile) Read(p []byte) (int, error) {
	if err := f.disk.read("read", f.name, -1, len(p)); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *diskFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.disk.read("read", f.name, off, len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}
