package backuptest

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
)

// WriteUnpacked writes what another program makes of b when it unpacks it: a
// folder for each domain with the files in it under their own names, the
// property lists, no index (FC-07). Links, and rows whose names are unsound,
// are left out.
func WriteUnpacked(dir string, b Backup) error {
	if err := writeUnpacked(dir, b.withDefaults()); err != nil {
		return fmt.Errorf("write unpacked backup %s: %w", dir, err)
	}
	return nil
}

func writeUnpacked(dir string, b Backup) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for f := range b.Rows() {
		if name := path.Join(f.Domain, f.Path); iofs.ValidPath(name) && !f.IsLink() {
			if err := unpack(root, name, f); err != nil {
				return err
			}
		}
	}
	keys, err := newKeyring(b)
	if err != nil {
		return err
	}
	return writePlists(root, b, keys, nil)
}

func unpack(root *os.Root, name string, f File) error {
	if f.IsDir() {
		return root.MkdirAll(name, 0o755)
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := root.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f.Open())
	return errors.Join(err, out.Close())
}
