package library

import (
	"context"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// maxDepth is more than any backup has: shards are one folder deep.
const maxDepth = 16

// walk does the work for each folder of a tree, beginning with ".", a few at a time
// and each after the one that it lies in. The work tells what folders are in its own.
func walk(ctx context.Context, work func(folder string) (inside []string, err error)) error {
	level := []string{"."}
	for depth := 0; len(level) > 0; depth++ {
		if depth > maxDepth {
			return fmt.Errorf("%s: folders nested too deeply", level[0])
		}
		var mu sync.Mutex // guards next
		var next []string
		err := parallel(ctx, level, func(folder string) error {
			inside, err := work(folder)
			mu.Lock()
			defer mu.Unlock()
			for _, name := range inside {
				next = append(next, path.Join(folder, name))
			}
			return err
		})
		if err != nil {
			return err
		}
		level = next
	}
	return nil
}

// entries lists an open folder, a part at a time: old backups have 100,000
// files in one. Of an entry only its name and type are to be used.
func entries(dir *os.File, yield func(iofs.DirEntry) error) error {
	// A folder that was opened through an os.Root looks at each entry by an lstat,
	// although the listing has the type: 1 µs each, and there are 500,000.
	fd, err := unix.Openat(int(dir.Fd()), ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: dir.Name(), Err: err}
	}
	list := os.NewFile(uintptr(fd), dir.Name())
	defer list.Close()
	for {
		some, err := list.ReadDir(1024)
		for _, e := range some {
			if err := yield(e); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// parallel does the work for all names, a few at a time, and stops at the
// first error or when ctx ends. Making and removing links gains from a second
// processor, and no more from many.
func parallel(ctx context.Context, names []string, work func(name string) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan string)
	var workers sync.WaitGroup
	for range min(len(names), runtime.GOMAXPROCS(0), 4) {
		workers.Go(func() {
			for name := range next {
				if err := work(name); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feed:
	for _, name := range names {
		select {
		case next <- name:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}
