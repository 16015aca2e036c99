package mountpoint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxHolders is how many holders are looked for: nobody reads more.
const maxHolders = 10

// Holders looks for the processes that use a mount, as far as /proc shows them
// to this user. Hidden says that there are processes of others, which it could
// not look into. It asks the mount itself nothing, so that it ends also when
// the mount hangs.
func Holders(ctx context.Context, point string) (found []Holder, hidden bool) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, true
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, true
	}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if ctx.Err() != nil || len(found) == maxHolders {
			return found, true
		}
		how, err := use(filepath.Join("/proc", name), point)
		switch {
		case how != "":
			found = append(found, Holder{PID: pid, Name: program(pid), How: how})
		case os.IsPermission(err):
			hidden = true
		}
	}
	return found, hidden
}

// program is the name of a process, which it may have chosen itself.
func program(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return "?"
	}
	return strings.TrimSuffix(string(b), "\n")
}

var linkWords = map[string]string{
	"cwd":  "has its current folder there",
	"root": "has its root folder there",
	"exe":  "runs from there",
}

// use says how a process uses a mount, by the names that the kernel has for
// what it holds.
func use(proc, point string) (string, error) {
	for _, link := range []string{"cwd", "root", "exe"} {
		target, err := os.Readlink(filepath.Join(proc, link))
		if err != nil {
			if os.IsPermission(err) {
				return "", err
			}
			continue // a thread of the kernel, or gone
		}
		if within(target, point) {
			return linkWords[link], nil
		}
	}
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if target, err := os.Readlink(filepath.Join(proc, "fd", f.Name())); err == nil && within(target, point) {
			return "has open " + inside(target, point), nil
		}
	}
	return mapped(filepath.Join(proc, "maps"), point)
}

// mapped looks for files of the mount that a process has in its memory without
// having them open.
//
// Line: addresses, permissions, offset, device, inode, and from the first
// slash on the file. Source: proc_pid_maps(5).
func mapped(maps, point string) (string, error) {
	b, err := os.ReadFile(maps)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		_, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "/")
		if file = "/" + file; ok && within(file, point) {
			return "has mapped " + inside(file, point), nil
		}
	}
	return "", nil
}

// inside is a path as it is called within the mount.
func inside(path, point string) string {
	if path == point {
		return "the folder itself"
	}
	return strings.TrimPrefix(path, point+"/")
}
