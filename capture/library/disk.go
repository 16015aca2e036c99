package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

const (
	dirMode    = 0o700
	fileMode   = 0o600 // of a file that is not published
	sealedMode = 0o400 // of one that is: other trees may share its data

	// tempPrefix is of names that are no part of any backup.
	tempPrefix = ".ibfs-"
)

// A disk does every change to a library, so that a test can make each of them
// fail, or end the process before it.
type disk struct {
	before func(op, name string) error
}

func (k disk) do(op, name string, change func() error) error {
	if k.before != nil {
		if err := k.before(op, name); err != nil {
			return fmt.Errorf("%s %s: %w", op, name, Explain(err))
		}
	}
	for {
		err := change()
		if err == nil {
			return nil
		}
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if _, told := errors.AsType[*os.PathError](err); told {
			return Explain(err)
		}
		if _, told := errors.AsType[*os.LinkError](err); told {
			return Explain(err)
		}
		return fmt.Errorf("%s %s: %w", op, name, Explain(err))
	}
}

// mkdir makes a folder that may be there already.
func (k disk) mkdir(root *os.Root, name string) error {
	return k.do("mkdir", name, func() error {
		err := root.Mkdir(name, dirMode)
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	})
}

func (k disk) rename(root *os.Root, from, to string) error {
	return k.do("rename", from, func() error { return root.Rename(from, to) })
}

// remove removes a file that may be gone already.
func (k disk) remove(root *os.Root, name string) error {
	return k.do("remove", name, func() error {
		err := root.Remove(name)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
}

// sync makes the names in a folder durable.
func (k disk) sync(root *os.Root, name string) error {
	return k.do("fsync", name, func() error {
		dir, err := root.Open(name)
		if err != nil {
			return err
		}
		defer dir.Close()
		err = dir.Sync()
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
			return nil // a file system that has no such thing for folders
		}
		return err
	})
}

// writeJSON puts a file in the place of another, durably and at once.
func (k disk) writeJSON(root *os.Root, name string, value any) error {
	data, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	temp := path.Join(path.Dir(name), tempPrefix+path.Base(name))
	err = k.do("write", temp, func() error {
		f, err := root.OpenFile(temp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|unix.O_NOFOLLOW, fileMode)
		if err != nil {
			return err
		}
		_, err = f.Write(append(data, '\n'))
		return errors.Join(err, f.Sync(), f.Close())
	})
	if err != nil {
		return err
	}
	if err := k.rename(root, temp, name); err != nil {
		return err
	}
	return k.sync(root, path.Dir(name))
}

const maxJSON = 1 << 20

func readJSON(root *os.Root, name string, value any) error {
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("read %s: not a regular file", name))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxJSON))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf("read %s: %w: %w", name, ErrDamaged, err)
	}
	return nil
}
