//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"runtime/pprof"
	"time"

	"ibfs/cmd/internal/footprint"
	"ibfs/fs"
	"ibfs/fs/snaptree"
	"ibfs/fs/view/all"
)

// serveCommand makes this program a mount. It reads a setup from its standard
// input, writes a report when the mount can be read, and ends with its input.
const serveCommand = "serve"

// A setup says what a mount process shows.
type setup struct {
	Source     string // a backup, or with Plain the folder of a file
	Mountpoint string

	ReadAhead     int // KiB, 0 for the kernel's own
	NoPassthrough bool

	Plain    string // name of a file to show as go-fuse alone does
	NoSplice bool   // with Plain

	Profile string // file names begin so; empty: none
}

// A report is what a mount process says when it can be read.
type report struct {
	Snapshot string  // folder of the snapshot below the mountpoint
	Waited   float64 // seconds from the unlocking on
	Err      string  // why there is no mount
}

func serve(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt) // the parent ends, and with it the input
	var s setup
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return fmt.Errorf("read setup: %w", err)
	}
	stop, err := profile(s.Profile)
	if err != nil {
		return err
	}
	mount := mountBackup
	if s.Plain != "" {
		mount = mountPlain
	}
	r, unmount, err := mount(s)
	if err != nil {
		r.Err = err.Error()
	}
	if err := json.NewEncoder(out).Encode(r); err != nil || r.Err != "" {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	return errors.Join(stop(), unmount())
}

// mountBackup does what ibfs mount does, with the password given.
func mountBackup(s setup) (r report, unmount func() error, err error) {
	footprint.Keep()
	ctx := context.Background()
	tree, err := snaptree.New(ctx, snaptree.Options{Places: []string{s.Source}, Views: all.Views})
	if err != nil {
		return r, nil, err
	}
	all := tree.Snapshots()
	if len(all) != 1 {
		return r, nil, fmt.Errorf("%d snapshots in %s, want 1", len(all), s.Source)
	}
	locks, err := tree.Locks(ctx)
	if err != nil {
		return r, nil, err
	}
	var unlocked time.Time
	for _, l := range locks {
		secret, err := l.Backup.Derive(ctx, []byte(password))
		if err != nil {
			return r, nil, err
		}
		unlocked = time.Now()
		if _, err := tree.Unlock(ctx, l.KeybagID, secret); err != nil {
			return r, nil, err
		}
	}
	m, err := fs.Mount(tree, s.Mountpoint, fs.Options{
		Source: s.Source, ReadAhead: s.ReadAhead, NoPassthrough: s.NoPassthrough,
	})
	if err != nil {
		return r, nil, err
	}
	r.Snapshot = path.Join(all[0].Device, all[0].Name)
	if len(locks) > 0 {
		r.Waited = time.Since(unlocked).Seconds()
	}
	return r, func() error { return errors.Join(m.Unmount(), tree.Close()) }, nil
}

// profile starts one of the processor; stop writes it, and one of the memory.
func profile(prefix string) (stop func() error, err error) {
	if prefix == "" {
		return func() error { return nil }, nil
	}
	cpu, err := os.Create(prefix + ".cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := os.Create(prefix + ".heap")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		return errors.Join(pprof.WriteHeapProfile(heap), heap.Close(), cpu.Close())
	}, nil
}
