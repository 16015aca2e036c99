//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A cost is what a capture took, in seconds.
type cost struct {
	wall    float64
	cpu     float64 // of the host
	phone   float64 // of the phone's process
	settled float64 // until all was on the disk
}

// costs are those of one candidate, run after run.
type costs struct{ wall, cpu, busy, settled series }

func (c *costs) add(x cost) {
	c.wall, c.cpu = append(c.wall, x.wall), append(c.cpu, x.cpu)
	c.busy, c.settled = append(c.busy, x.phone/x.wall), append(c.settled, x.settled)
}

func (c *costs) String() string {
	return fmt.Sprintf("%s, %s of processor; on the disk after %s; the phone busy for %.0f %%",
		duration(c.wall.median()), duration(c.cpu.median()), duration(c.settled.median()), 100*c.busy.median())
}

// over are the ratios to another candidate.
func (c *costs) over(other *costs, name string) string {
	return fmt.Sprintf("%s, %.2f until on the disk; processor %s",
		times(other.wall.over(c.wall), "as fast as "+name), other.settled.over(c.settled), times(c.cpu.over(other.cpu), "its"))
}

// observe is what a capture into a folder takes, in which nothing waits to be written
// before: else the one that waits for the disk would wait for what others left.
func observe(c *cable, dir string, take func(dir string) (cost, error)) (cost, error) {
	f, err := os.Open(dir)
	if err != nil {
		return cost{}, err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return cost{}, err
	}
	before, err := processorTime(c.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	x, err := take(dir)
	if err != nil {
		return cost{}, err
	}
	after, err := processorTime(c.cmd.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	x.phone = after - before
	settling, err := timed(func() error { return unix.Syncfs(int(f.Fd())) })
	x.settled = x.wall + settling
	return x, err
}

// processorTime is what a process has used so far, in seconds.
func processorTime(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// proc_pid_stat(5): the name of the program, in brackets, is field 2; the times in
	// user and in kernel mode are 14 and 15, in ticks of 10 ms.
	_, fields, _ := strings.Cut(string(stat), ") ")
	var user, system int64
	if f := strings.Fields(fields); len(f) > 12 {
		_, err = fmt.Sscan(f[11]+" "+f[12], &user, &system)
	} else {
		err = fmt.Errorf("read /proc/%d/stat: %d fields", pid, len(f))
	}
	return float64(user+system) / 100, err
}

// spend runs a program for its time and its share of the processors.
func spend(cmd *exec.Cmd) (cost, error) {
	var stderr firstLine
	cmd.Stderr = &stderr
	wall, err := timed(cmd.Run)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, stderr)
	}
	s := cmd.ProcessState
	return cost{wall: wall, cpu: (s.UserTime() + s.SystemTime()).Seconds()}, nil
}
