// Package demo makes the backups that a newcomer sees first: two encrypted ones
// of a phone that never was, some weeks apart, with photos, messages, contacts
// and apps of people that nobody is.
//
// Everything is drawn and written here, so that no person's data is in it, and
// it is the same each time. Each kind of data is a file of this package; see
// kinds.
package demo

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"

	"ibfs/backupfmt/backuptest"
)

// Password opens the backups.
const Password = "demo"

// version changes with what Write writes, so that an older demo is made anew.
const version = "1"

// Write writes the backups below dir, which it makes:
//
//	<UDID>/snapshots/2026-10-18_19-42-37/
//	<UDID>/snapshots/2026-11-20_08-15-02/
func Write(dir string) error {
	camera, err := cameraRoll()
	if err != nil {
		return fmt.Errorf("make demo: %w", err)
	}
	for _, now := range backups {
		p := phone{now: now, camera: camera}
		b, err := p.backup()
		if err != nil {
			return fmt.Errorf("make demo: %w", err)
		}
		folder := filepath.Join(dir, udid, "snapshots", now.Format("2006-01-02_15-04-05"))
		if err := backuptest.Write(folder, b); err != nil {
			return fmt.Errorf("make demo: %w", err)
		}
	}
	return nil
}

// Folder gives the folder that holds the backups, ibfs-demo in the user's cache
// folder, and makes it where it is not there or is that of another version.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("make demo: %w", err)
	}
	return folderIn(filepath.Join(cache, "ibfs-demo"))
}

// folderIn makes the folder of this version below base. It gets its name when
// it is complete; two processes may do so at once.
func folderIn(base string) (string, error) {
	folder := filepath.Join(base, version)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	} else if !errors.Is(err, iofs.ErrNotExist) {
		return "", fmt.Errorf("make demo: %w", err)
	}
	if err := os.RemoveAll(base); err != nil { // of another version
		return "", fmt.Errorf("make demo: %w", err)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("make demo: %w", err)
	}
	beside, err := os.MkdirTemp(base, ".making-")
	if err != nil {
		return "", fmt.Errorf("make demo: %w", err)
	}
	defer os.RemoveAll(beside)
	if err := Write(beside); err != nil {
		return "", err
	}
	if err := os.Rename(beside, folder); err != nil && !errors.Is(err, iofs.ErrExist) {
		return "", fmt.Errorf("make demo: %w", err)
	}
	return folder, nil
}
