//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// profileEnv names a folder for a profile of each mount process. It is for
// those who work on ibfs: profiling costs time.
const profileEnv = "IBFS_BENCH_PROFILE"

// A mount is a process that serves one mount, as its parent sees it.
type mount struct {
	report
	point string
	cmd   *exec.Cmd
	stdin io.Closer
}

// mount starts a mount process and returns when it can be read.
func (b *bencher) mount(ctx context.Context, s setup) (m *mount, err error) {
	b.mounts++
	s.Mountpoint = filepath.Join(b.inputs.dir, fmt.Sprintf("mount-%d", b.mounts))
	if err := os.Mkdir(s.Mountpoint, 0o755); err != nil {
		return nil, err
	}
	if dir := os.Getenv(profileEnv); dir != "" {
		s.Profile = filepath.Join(dir, fmt.Sprintf("mount-%d", b.mounts))
	}
	m = &mount{point: s.Mountpoint}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	m.cmd = exec.Command(self, serveCommand)
	m.cmd.Stderr = os.Stderr
	stdin, err := m.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	m.stdin = stdin
	stdout, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("mount %s: %w", s.Source, err), m.end())
		}
	}()
	stop := context.AfterFunc(ctx, func() { stdin.Close() })
	defer stop()
	if err := json.NewEncoder(stdin).Encode(s); err != nil {
		return nil, err
	}
	if err := json.NewDecoder(stdout).Decode(&m.report); err != nil {
		return nil, err
	}
	if m.Err != "" {
		return nil, errors.New(m.Err)
	}
	return m, nil
}

// at is a path in the snapshot.
func (m *mount) at(elem ...string) string {
	return filepath.Join(append([]string{m.point, m.Snapshot}, elem...)...)
}

// end unmounts and waits until the process is gone.
func (m *mount) end() error {
	m.stdin.Close()
	const patience = time.Minute
	late := time.AfterFunc(patience, func() { _ = m.cmd.Process.Kill() })
	defer late.Stop()
	if err := m.cmd.Wait(); err != nil {
		return fmt.Errorf("end mount %s: %w", m.point, err)
	}
	return os.Remove(m.point)
}

// with mounts, calls f and unmounts.
func (b *bencher) with(ctx context.Context, s setup, f func(*mount) (float64, error)) (float64, error) {
	m, err := b.mount(ctx, s)
	if err != nil {
		return 0, err
	}
	seconds, err := f(m)
	return seconds, errors.Join(err, m.end())
}
