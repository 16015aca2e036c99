package mountpoint

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Holder is a process that uses a mount.
type Holder struct {
	PID  int
	Name string
}

// Holders finds the processes that keep a mount busy: with a file open or
// mapped in it, or with a folder of it as their own. It sees what this user may.
func Holders(m Mount) []Holder {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []Holder
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil || pid == os.Getpid() || !holds(pid, m) {
			continue
		}
		name, _ := os.ReadFile(filepath.Join("/proc", d.Name(), "comm"))
		found = append(found, Holder{pid, strings.TrimSpace(string(name))})
	}
	return found
}

func holds(pid int, m Mount) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	links := []string{filepath.Join(dir, "cwd"), filepath.Join(dir, "root"), filepath.Join(dir, "exe")}
	if fds, err := os.ReadDir(filepath.Join(dir, "fd")); err == nil {
		for _, fd := range fds {
			links = append(links, filepath.Join(dir, "fd", fd.Name()))
		}
	}
	if maps, err := os.ReadDir(filepath.Join(dir, "map_files")); err == nil {
		for _, f := range maps {
			links = append(links, filepath.Join(dir, "map_files", f.Name()))
		}
	}
	return slices.ContainsFunc(links, func(link string) bool {
		target, err := os.Readlink(link)
		if err != nil || target != m.Path && !strings.HasPrefix(target, m.Path+"/") {
			return false
		}
		// A path alone may be of what the mount covers.
		var st unix.Stat_t
		return unix.Stat(link, &st) != nil || st.Dev == m.Device
	})
}
