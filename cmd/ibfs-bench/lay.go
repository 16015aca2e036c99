//go:build linux

package main

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lengths are those of a folder's files.
func lengths(dir string) ([]int64, error) {
	var all []int64
	err := filepath.WalkDir(dir, func(_ string, e iofs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			all = append(all, info.Size())
		}
		return err
	})
	return all, err
}

// lay makes files of these lengths in the folders of a backup. No host that keeps what
// a phone sends can do less.
func lay(dir string, lengths []int64) error {
	for i := range 256 {
		if err := os.Mkdir(fmt.Sprintf("%s/%02x", dir, i), 0o700); err != nil {
			return err
		}
	}
	piece := make([]byte, 32<<10) // see pieceSize in capture/mobilebackup2
	for i, left := range lengths {
		fd, err := unix.Open(fmt.Sprintf("%s/%02x/%040x", dir, i%256, i), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("make a file: %w", err)
		}
		for err == nil && left > 0 {
			var n int
			n, err = unix.Write(fd, piece[:min(left, int64(len(piece)))])
			left -= int64(n)
		}
		if err := errors.Join(err, unix.Close(fd)); err != nil {
			return fmt.Errorf("make a file: %w", err)
		}
	}
	return nil
}
