//go:build linux

package main

import (
	"context"
	"path/filepath"
	"syscall"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// mountPlain shows one host file as go-fuse does when nothing is done to it:
// the peer that ibfs is held against. Its reads are spliced from the host's
// file, unless s says otherwise; all other options are go-fuse's own.
func mountPlain(s setup) (r report, unmount func() error, err error) {
	root := &plainFolder{file: filepath.Join(s.Source, s.Plain)}
	m, err := fusefs.Mount(s.Mountpoint, root, &fusefs.Options{MountOptions: fuse.MountOptions{DisableSplice: s.NoSplice}})
	if err != nil {
		return r, nil, err
	}
	return r, m.Unmount, nil
}

// emptyRequest is how long the kernel and plain go-fuse take for one request
// that has nothing to do.
func (b *bencher) emptyRequest(ctx context.Context) (float64, error) {
	const requests = 20_000
	seconds, err := b.with(ctx, setup{Source: b.inputs.dir, Plain: "none"}, func(m *mount) (float64, error) {
		return timed(func() error {
			var st syscall.Statfs_t
			for range requests {
				if err := syscall.Statfs(m.point, &st); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return seconds / requests, err
}

// plainFolder holds one file, called "file".
type plainFolder struct {
	fusefs.Inode
	file string
}

var _ fusefs.NodeOnAdder = (*plainFolder)(nil)

func (d *plainFolder) OnAdd(ctx context.Context) {
	d.AddChild("file", d.NewPersistentInode(ctx, &plainFile{path: d.file}, fusefs.StableAttr{}), false)
}

type plainFile struct {
	fusefs.Inode
	path string
}

var (
	_ fusefs.NodeGetattrer = (*plainFile)(nil)
	_ fusefs.NodeOpener    = (*plainFile)(nil)
)

func (f *plainFile) Getattr(_ context.Context, _ fusefs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	var st syscall.Stat_t
	err := syscall.Stat(f.path, &st)
	out.FromStat(&st)
	return fusefs.ToErrno(err)
}

func (f *plainFile) Open(context.Context, uint32) (fusefs.FileHandle, uint32, syscall.Errno) {
	fd, err := syscall.Open(f.path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	return plainHandle(fd), fuse.FOPEN_KEEP_CACHE, fusefs.ToErrno(err)
}

// plainHandle is a descriptor. It has no PassthroughFd, so that root does not
// read past the mount.
type plainHandle int

var (
	_ fusefs.FileReader   = plainHandle(0)
	_ fusefs.FileReleaser = plainHandle(0)
)

func (h plainHandle) Read(_ context.Context, buf []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	return fuse.ReadResultFd(uintptr(h), offset, len(buf)), fusefs.OK
}

func (h plainHandle) Release(context.Context) syscall.Errno {
	return fusefs.ToErrno(syscall.Close(int(h)))
}
