package mountpoint

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

func (m Mount) ours() bool { return m.Type == fuseType }

func mounts() ([]Mount, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	return parseMountinfo(b), nil
}

// parseMountinfo reads the kernel's table of mounts. A line of another shape
// is left out.
//
// Line: mount number, parent's number, major:minor, root, mountpoint, options,
// any number of further fields, "-", type, source, options of the file system.
// Space, tab, newline and backslash are octal, as \040.
//
// Source: proc_pid_mountinfo(5).
func parseMountinfo(b []byte) []Mount {
	var table []Mount
	for line := range bytes.Lines(b) {
		before, after, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " - ")
		left, right := strings.Fields(before), strings.Split(after, " ")
		if !ok || len(left) < 6 || len(right) < 2 {
			continue
		}
		id, err1 := strconv.Atoi(left[0])
		parent, err2 := strconv.Atoi(left[1])
		if err1 != nil || err2 != nil {
			continue
		}
		table = append(table, Mount{ID: id, Parent: parent, Point: unescape(left[4]), Type: unescape(right[0]), Source: unescape(right[1]), Owner: owner(right[len(right)-1])})
	}
	return table
}

// owner is the user that the options of a FUSE mount name.
func owner(options string) (uid int) {
	for o := range strings.SplitSeq(options, ",") {
		if id, ok := strings.CutPrefix(o, "user_id="); ok {
			uid, _ = strconv.Atoi(id)
		}
	}
	return uid
}

// unescape undoes the kernel's \ooo.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
