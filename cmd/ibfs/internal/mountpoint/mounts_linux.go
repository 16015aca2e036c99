package mountpoint

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func mounts() ([]Mount, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseMountinfo(f)
}

// parseMountinfo reads the kernel's table, a line a mount, the later ones over
// the earlier: id, parent, major:minor, root, path, options, optional fields,
// "-", type, source, options. Spaces and the like in names are octal escapes.
//
// Source: proc(5).
func parseMountinfo(r io.Reader) ([]Mount, error) {
	var all []Mount
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		before, after, ok := strings.Cut(lines.Text(), " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !ok || len(head) < 5 || len(tail) < 2 {
			continue
		}
		m := Mount{Path: unescape(head[4]), Type: tail[0], Source: unescape(tail[1])}
		var major, minor uint32
		if _, err := fmt.Sscanf(head[2], "%d:%d", &major, &minor); err == nil {
			m.Device = unix.Mkdev(major, minor)
		}
		all = append(all, m)
	}
	return all, lines.Err()
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
