//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"ibfs/backupfmt/backuptest"
)

// password is that of every encrypted input.
const password = "benchmark"

// bulkFile is the one large file that is read from start to end.
var bulkFile = backuptest.File{Domain: "CameraRollDomain", Path: "Media/DCIM/100APPLE/IMG_0001.MOV"}

var blobKinds = map[string]backuptest.Blob{
	"hole": backuptest.Hole, "tiny": backuptest.Tiny, "absent": backuptest.Absent,
}

// bytesPerRow is what a row takes on the disk with its blob: a block, and its
// part of the manifest and of the one that it is encrypted from.
const bytesPerRow = 6 << 10

// inputs are the backups that are measured, each written when it is first
// asked for.
type inputs struct {
	dir    string
	blobs  string
	bulk   int64
	keep   bool
	remove bool // dir itself, at the end
	log    io.Writer
	made   map[string]string // folder by name
}

func newInputs(o options, log io.Writer) (*inputs, error) {
	in := &inputs{dir: o.dir, blobs: o.blobs, bulk: o.bulk, keep: o.keep, log: log, made: map[string]string{}}
	if o.dir != "" {
		return in, os.MkdirAll(o.dir, 0o755)
	}
	var err error
	in.remove = true
	in.dir, err = os.MkdirTemp("", "ibfs-bench-")
	return in, err
}

// close removes what was written, unless it is to be kept.
func (in *inputs) close() error {
	if in.keep {
		return nil
	}
	fmt.Fprintln(in.log, "ibfs-bench: removing the backups")
	var errs []error
	for _, dir := range in.made {
		errs = append(errs, os.RemoveAll(dir))
	}
	if in.remove {
		errs = append(errs, os.RemoveAll(in.dir))
	}
	return errors.Join(errs...)
}

// get is the folder of an input. One that is there already was finished: it
// gets its name last.
func (in *inputs) get(ctx context.Context, name, size string, b backuptest.Backup) (string, error) {
	dir := filepath.Join(in.dir, name)
	if _, ok := in.made[name]; ok {
		return dir, nil
	}
	if _, err := os.Stat(dir); err != nil || !in.keep {
		fmt.Fprintf(in.log, "ibfs-bench: writing %s: %s\n", name, size)
		part := dir + ".part"
		in.made[name+".part"] = part
		if err := errors.Join(os.RemoveAll(part), os.RemoveAll(dir)); err != nil {
			return "", err
		}
		if b.Stream != nil {
			b.Stream = until(ctx, b.Stream)
		}
		if err := backuptest.Write(part, b); err != nil {
			return "", err
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := os.Rename(part, dir); err != nil {
			return "", err
		}
	}
	in.made[name] = dir
	return dir, warm(dir)
}

// until ends files when ctx does.
func until(ctx context.Context, files iter.Seq[backuptest.File]) iter.Seq[backuptest.File] {
	return func(yield func(backuptest.File) bool) {
		for f := range files {
			if ctx.Err() != nil || !yield(f) {
				return
			}
		}
	}
}

// warm brings a folder into the host's page cache: what its files are, and what
// is in them; of one with a hole its end.
func warm(dir string) error {
	return filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Blocks*512 < info.Size() {
			_, err = f.Seek(-1, io.SeekEnd)
		}
		_, copyErr := io.Copy(io.Discard, f)
		return errors.Join(err, copyErr)
	})
}

// scale is an encrypted backup of n rows, and what there is of its blobs.
func (in *inputs) scale(ctx context.Context, n int) (dir, blobs string, err error) {
	blobs = in.blobs
	if blobs == "auto" {
		blobs = "hole"
		room, err := free(in.dir)
		if err != nil {
			return "", "", err
		}
		if room < 2*int64(n)*bytesPerRow {
			blobs = "absent"
		}
	}
	size := "a manifest of " + megabytes(int64(n)*1000)
	if blobs != "absent" {
		size += fmt.Sprintf(", and %d files", n*4/5)
	}
	if n >= fullRows {
		size += "; this takes minutes"
	}
	dir, err = in.get(ctx, fmt.Sprintf("rows-%d-%s", n, blobs), size,
		backuptest.Backup{Password: password, Stream: backuptest.Scale(n, blobKinds[blobs])})
	return dir, blobs, err
}

// large is a backup with one large file and a larger hole.
func (in *inputs) large(ctx context.Context, encrypted bool) (string, error) {
	name, b := "large-clear", backuptest.Backup{}
	if encrypted {
		name, b.Password = "large-encrypted", password
	}
	f := bulkFile
	f.Size = in.bulk
	f.Source = func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), in.bulk) }
	b.Files = []backuptest.File{f, backuptest.LargeVideo}
	return in.get(ctx, name, megabytes(in.bulk), b)
}

// single is a backup of one file that memory can hold twice.
func (in *inputs) single(ctx context.Context) (string, error) {
	const size = 32 << 20
	f := bulkFile
	f.Size = size
	f.Source = func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{2}), size) }
	return in.get(ctx, "single", megabytes(size), backuptest.Backup{Password: password, Files: []backuptest.File{f}})
}

// slow is a small backup with the rounds of a real one.
func (in *inputs) slow(ctx context.Context) (string, error) {
	return in.get(ctx, "real-rounds", "small", backuptest.Backup{
		Password: password, Rounds: backuptest.RealRounds,
		Files: []backuptest.File{{Domain: "HomeDomain", Path: "Library/file", Content: []byte("content")}},
	})
}

// mixed is a backup whose every file can be read: thousands of small ones, and
// some of a photo's size.
func (in *inputs) mixed(ctx context.Context) (string, error) {
	const rows, photos, photoSize = 5000, 64, 2 << 20
	b := backuptest.Backup{Password: password}
	for i := range photos {
		b.Files = append(b.Files, backuptest.File{
			Domain: "MediaDomain", Path: fmt.Sprintf("Media/photo%d.jpg", i), Size: photoSize,
			Source: func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{byte(i)}), photoSize) },
		})
	}
	b.Stream = func(yield func(backuptest.File) bool) {
		for f := range backuptest.Scale(rows, backuptest.Whole) {
			if f.Path != backuptest.LargeVideo.Path && !yield(f) {
				return
			}
		}
	}
	return in.get(ctx, "mixed", megabytes(photos*photoSize), b)
}
