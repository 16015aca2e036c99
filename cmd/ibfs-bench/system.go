//go:build linux

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machine says in one line what this was measured on.
func machine() string {
	var u unix.Utsname
	_ = unix.Uname(&u) // it does not fail
	who := "a plain user"
	if os.Geteuid() == 0 {
		who = "root"
	}
	return fmt.Sprintf("%d × %s, Linux %s, %s, as %s",
		runtime.NumCPU(), processor(), unix.ByteSliceToString(u.Release[:]), runtime.Version(), who)
}

func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	name, _ := field(info, "model name\t:")
	return cmp.Or(name, runtime.GOARCH)
}

// load is the load average of the last minute and of the last five.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(b)); len(f) > 2 {
		return f[0] + " " + f[1]
	}
	return "unknown"
}

// memory is what a process has in RAM, now and at most, in bytes.
func memory(pid int) (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for key, value := range map[string]*int64{"VmRSS:": &now, "VmHWM:": &peak} {
		text, ok := field(status, key)
		kib, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
		if !ok || err != nil {
			return 0, 0, fmt.Errorf("no %s in /proc/%d/status", key, pid)
		}
		*value = kib << 10
	}
	return now, peak, nil
}

// field is what stands behind key on the first line that begins with it.
func field(text []byte, key string) (string, bool) {
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(key)); ok {
			return string(bytes.TrimSpace(rest)), true
		}
	}
	return "", false
}

// readAhead is how far the kernel reads ahead in the file system of a path, in
// KiB.
func readAhead(path string) (int, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, fmt.Errorf("stat %s: %w", path, err)
	}
	b, err := os.ReadFile(fmt.Sprintf("/sys/class/bdi/%d:%d/read_ahead_kb", unix.Major(st.Dev), unix.Minor(st.Dev)))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}

// free is how many bytes the file system of a folder has for us.
func free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

// readsAtRandom tells the kernel not to read ahead in a file.
func readsAtRandom(f *os.File) error {
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM)
}
