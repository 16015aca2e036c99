//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/backupfmt/backuptest/judge"
)

// targetMount reads the large file through dissect's mount and through ours,
// and a piece of the larger one far from its beginning.
func (b *bencher) targetMount(ctx context.Context) error {
	if !b.peers {
		return nil
	}
	const what, far = "  target-mount: read, encrypted", "  target-mount: 64 KiB at 4 GiB"
	program := filepath.Join(judge.Tools(), "judges-python/bin/target-mount")
	if _, err := exec.LookPath(program); err != nil {
		b.table.add(row{what: what, measured: notInstalled})
		b.table.add(row{what: far, measured: notInstalled})
		return nil //nolint:nilerr // the table says so
	}
	dir, err := b.inputs.large(ctx, true)
	if err != nil {
		return err
	}
	took, err := b.compare(ctx, b.readBulk(setup{Source: dir}), func(ctx context.Context) (float64, error) {
		return b.withTargetMount(ctx, program, dir, func(camera string) (float64, error) {
			return readWhole(filepath.Join(camera, bulkFile.Path), b.bulk)
		})
	})
	if err != nil {
		return err
	}
	b.table.add(row{what: what, measured: speed(b.bulk, took[1].median()), ratio: times(took[0].over(took[1]), "ibfs")})

	piece := func(name string) (float64, error) {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		return timed(func() error {
			_, err := f.ReadAt(make([]byte, pieceSize), farAway)
			return err
		})
	}
	video := backuptest.LargeVideo
	ours, err := b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) { return piece(m.at(inSnapshot(video))) })
	if err != nil {
		return err
	}
	theirs, err := b.withTargetMount(ctx, program, dir, func(camera string) (float64, error) {
		return piece(filepath.Join(camera, video.Path))
	})
	if err != nil {
		return err
	}
	b.table.add(row{what: far + ", once", measured: duration(theirs), ratio: times(theirs/ours, fmt.Sprintf("ibfs (%s)", duration(ours)))})
	return nil
}

// withTargetMount calls f with the folder that CameraRollDomain is in a mount
// of dissect's.
func (b *bencher) withTargetMount(ctx context.Context, program, backup string, f func(camera string) (float64, error)) (seconds float64, err error) {
	point, err := os.MkdirTemp(b.inputs.dir, "target-mount-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(point)) }()
	var said firstLine
	cmd := exec.Command(program, "-q", "-L", "itunes", "-Kv", password, "-o", "foreground,allow_other=False", backup, point)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	defer func() {
		unmount := exec.Command("fusermount3", "-u", point).Run()
		late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		<-gone //nolint:errcheck // it was ended, and has no success to tell
		if err == nil && unmount != nil {
			err = fmt.Errorf("unmount %s: %w", point, unmount)
		}
	}()
	camera := filepath.Join(point, "fs/private/var/mobile")
	for {
		if _, err := os.Stat(camera); err == nil {
			return f(camera)
		}
		select {
		case err := <-gone:
			gone <- err
			return 0, fmt.Errorf("target-mount ended: %w: %s", err, said)
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
