package library

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"sync"

	"golang.org/x/sys/unix"
)

// Usage is what some snapshots take together.
type Usage struct {
	Files int64
	Bytes int64 // of all of their files
	Own   int64 // of those that nothing else in the library has: what removing them all frees
	Exact bool  // with reflinks the file system alone knows what is shared: Own is at most that much then
}

// Usage looks at every file of the snapshots, about a second for 500,000.
func (d *Device) Usage(ctx context.Context, snapshots ...Snapshot) (Usage, error) {
	root, err := os.OpenRoot(d.Dir())
	if err != nil {
		return Usage{}, fmt.Errorf("what snapshots take: %w", err)
	}
	defer root.Close()
	c := counting{seen: map[inode]links{}}
	c.u.Exact = true
	var last state
	if err := readJSON(root, stateName, &last); err != nil && !errors.Is(err, iofs.ErrNotExist) {
		d.lib.log.Debug("what the working tree was cloned from is not known", "err", err)
	}
	for _, s := range snapshots {
		c.u.Exact = c.u.Exact && s.Way != Reflink
		if err := c.tree(ctx, root, path.Join(snapshotsDir, s.Name), true); err != nil {
			return Usage{}, fmt.Errorf("what snapshot %s takes: %w", s.Name, err)
		}
		if s.Name != last.Base {
			continue
		}
		// The working tree goes with the snapshot that it was cloned from.
		for _, name := range d.trees() {
			if err := c.tree(ctx, root, name, false); err != nil && !errors.Is(err, iofs.ErrNotExist) {
				return Usage{}, fmt.Errorf("what the working tree takes: %w", err)
			}
		}
	}
	return c.sum(), nil
}

type inode struct{ dev, ino uint64 }

// links are the names of one file: how many there are, and how many were found.
type links struct {
	all, found uint64
	size       int64
}

type counting struct {
	mu   sync.Mutex // guards the rest
	u    Usage
	seen map[inode]links
}

// sum ends the counting: a file of many names goes with the last of them.
func (c *counting) sum() Usage {
	for _, l := range c.seen {
		if l.found >= l.all {
			c.u.Own += l.size
		}
	}
	return c.u
}

// tree counts a tree; one that is not shown only has its links counted.
func (c *counting) tree(ctx context.Context, root *os.Root, name string, shown bool) error {
	tree, err := root.OpenRoot(name)
	if err != nil {
		return err
	}
	defer tree.Close()
	return walk(ctx, func(at string) (inside []string, err error) {
		dir, err := tree.Open(at)
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		err = entries(dir, func(e iofs.DirEntry) error {
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case e.IsDir():
				inside = append(inside, e.Name())
				return nil
			case !e.Type().IsRegular():
				return nil
			}
			var st unix.Stat_t
			if err := unix.Fstatat(int(dir.Fd()), e.Name(), &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
				return &os.PathError{Op: "stat", Path: e.Name(), Err: err}
			}
			c.count(&st, shown)
			return nil
		})
		return inside, err
	})
}

func (c *counting) count(st *unix.Stat_t, shown bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if shown {
		c.u.Files++
		c.u.Bytes += st.Size
	}
	if st.Nlink == 1 {
		if shown {
			c.u.Own += st.Size
		}
		return
	}
	key := inode{uint64(st.Dev), st.Ino} //nolint:unconvert // the types differ by system
	l := c.seen[key]
	l.all, l.size, l.found = uint64(st.Nlink), st.Size, l.found+1 //nolint:unconvert // the same
	c.seen[key] = l
}
