package main

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/library"
)

// TestProof: what the phone sent is thrown away where it is no good, and not for
// what is wrong with this computer.
func TestProof(t *testing.T) {
	b := backuptest.Sample()
	b.Password, b.Rounds = "secret", backuptest.Rounds{SHA256: 10, SHA1: 10}
	blob := func(dir string) string {
		id := backuptest.FileID(b.Files[0].Domain, b.Files[0].Path)
		return filepath.Join(dir, id[:2], id)
	}
	damage := func(name string, at int64) error {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(make([]byte, 4096), at)
		return errors.Join(err, f.Close())
	}
	for name, c := range map[string]struct {
		spoil func(dir string) error
		files bool // none can be opened once the blobs are looked at
		want  error
	}{
		"sound":               {},
		"no manifest":         {spoil: func(dir string) error { return os.Remove(filepath.Join(dir, "Manifest.db")) }, want: capture.ErrBadTree},
		"a cut manifest":      {spoil: func(dir string) error { return os.Truncate(filepath.Join(dir, "Manifest.db"), 4096) }, want: capture.ErrBadTree},
		"a keybag of noise":   {spoil: func(dir string) error { return damage(filepath.Join(dir, "Manifest.plist"), 0) }, want: capture.ErrBadTree},
		"a blob that is gone": {spoil: func(dir string) error { return os.Remove(blob(dir)) }, want: capture.ErrBadTree},
		"a folder for a blob": {spoil: func(dir string) error { return errors.Join(os.Remove(blob(dir)), os.Mkdir(blob(dir), 0o700)) }, want: capture.ErrBadTree},
		"a blob of zeros":     {spoil: func(dir string) error { return damage(blob(dir), 0) }, want: capture.ErrBadTree},
		"too many open files": {files: true, want: errUnread},
		"the disk went away":  {spoil: os.RemoveAll, want: backupfmt.ErrFolderGone},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, b)
			if c.spoil != nil {
				if err := c.spoil(dir); err != nil {
					t.Fatal(err)
				}
			}
			var limit unix.Rlimit
			if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
				t.Fatal(err)
			}
			arrived := func(iofs.FileMode) bool {
				if c.files {
					_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 0, Max: limit.Max})
				}
				return true
			}
			a := &app{stderr: io.Discard, noKeyring: true}
			p := &proof{app: a, show: a.showRun("Anna", &backupTask, true), password: []byte("secret")}
			got, err := p.verify(t.Context(), dir, arrived)
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
				t.Fatal(err)
			}
			if !errors.Is(err, c.want) || c.want != capture.ErrBadTree && errors.Is(err, capture.ErrBadTree) || err == nil && got != library.VerifiedAll {
				t.Errorf("%v, %v; want %v", got, err, c.want)
			}
			gaveUp, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := p.verify(gaveUp, dir, arrived); errors.Is(err, capture.ErrBadTree) && c.want != capture.ErrBadTree {
				t.Errorf("given up: %v", err)
			}
		})
	}
}

// givenUp is a context that has ended, which nobody who waits is told.
type givenUp struct{ context.Context }

func (givenUp) Err() error { return context.Canceled }

// The password is wiped also where the run ends before it begins.
func TestPasswordIsWipedWhenGivenUp(t *testing.T) {
	a := &app{stderr: io.Discard, noKeyring: true, getenv: os.Getenv}
	a.password.File = passwordFile(t, "secret\n")
	p := &proof{app: a, show: a.showRun("Anna", &backupTask, true)}
	if err := p.prepare(givenUp{t.Context()}, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(p.password) != len("secret") || strings.Trim(string(p.password), "\x00") != "" {
		t.Errorf("%d bytes are left as they were", len(p.password))
	}
}
