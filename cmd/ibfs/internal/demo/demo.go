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
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// Password opens the backups.
const Password = "demo"

// version changes with what Write writes, so that an older demo is made anew.
const version = "5"

// Write writes the backups below dir, which it makes:
//
//	<UDID>/snapshots/2026-10-18_19-42-37/
//	<UDID>/snapshots/2026-11-20_08-15-02/
func Write(dir string) error {
	if err := write(dir); err != nil {
		return fmt.Errorf("write the demo: %w", err)
	}
	return nil
}

func write(dir string) error {
	all, err := Backups()
	if err != nil {
		return err
	}
	for _, b := range all {
		folder := filepath.Join(dir, udid, "snapshots", b.Date.Local().Format("2006-01-02_15-04-05"))
		if err := backuptest.Write(folder, b); err != nil {
			return err
		}
	}
	return nil
}

// Backups are what Write writes, the older first.
func Backups() ([]backuptest.Backup, error) {
	camera, err := cameraRoll()
	if err != nil {
		return nil, err
	}
	var all []backuptest.Backup
	for _, now := range backups {
		p := phone{now: now, camera: camera}
		b, err := p.backup()
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// Folder gives the folder that holds the backups, ibfs-demo in the user's cache
// folder, and makes it where it is not there or is that of another version.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return folderIn(filepath.Join(cache, "ibfs-demo"))
}

// folderIn makes the folder of this version below base, and removes those of
// others. A folder gets its name when it is complete, so that a run that was
// broken off leaves none; two runs at once come to the same.
func folderIn(base string) (folder string, err error) {
	folder = filepath.Join(base, version)
	if _, err := os.Stat(folder); !errors.Is(err, iofs.ErrNotExist) {
		return folder, err
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", err
	}
	part, err := os.MkdirTemp(base, partPrefix)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	whole := filepath.Join(part, version)
	if err := write(whole); err != nil {
		return "", err
	}
	if err := os.Rename(whole, folder); err != nil && !errors.Is(err, iofs.ErrExist) {
		return "", err
	}
	return folder, removeOld(base)
}

const partPrefix = ".part"

// removeOld removes other versions, and parts that a broken-off run left. A
// part of the last hour may be another run's at its work.
func removeOld(base string) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == version {
			continue
		}
		if strings.HasPrefix(e.Name(), partPrefix) {
			fi, err := e.Info()
			if err != nil || time.Since(fi.ModTime()) < time.Hour {
				continue
			}
		}
		if err := os.RemoveAll(filepath.Join(base, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
