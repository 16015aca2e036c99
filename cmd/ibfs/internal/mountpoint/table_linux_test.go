package mountpoint

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const aTable = `22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw
28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
40 28 0:35 / /home/anna/my\040phone ro,nosuid,nodev,relatime - fuse.ibfs /backups,\040of\134anna ro,user_id=1000
41 28 0:36 /sub /mnt rw master:1 propagate_from:2 unbindable - autofs systemd-1 rw,fd=5
broken
1 x 0:1 / /x rw - ext4 a b
50 28 0:37 / /y rw -
51 28 0:38 / /empty\040source rw - tmpfs  rw
`

func TestParseMountinfo(t *testing.T) {
	want := []Mount{
		{22, 28, "/proc", "proc", "proc", 0},
		{28, 1, "/", "ext4", "/dev/sda1", 0},
		{40, 28, "/home/anna/my phone", "fuse.ibfs", `/backups, of\anna`, 1000},
		{41, 28, "/mnt", "autofs", "systemd-1", 0},
		{51, 28, "/empty source", "tmpfs", "", 0},
	}
	if got := parseMountinfo([]byte(aTable)); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTheTableHere(t *testing.T) {
	for _, path := range []string{"/", "/proc"} {
		if m, mounted, err := At(path); err != nil || !mounted || m.Point != path {
			t.Errorf("At(%s) = %+v, %v, %v", path, m, mounted, err)
		}
	}
	if m, mounted, err := At(t.TempDir()); mounted || err != nil {
		t.Errorf("a new folder is a mount: %+v, %v", m, err)
	}
}

func TestTopmost(t *testing.T) {
	table := []Mount{{5, 1, "/a", "third", "", 0}, {3, 1, "/a", "first", "", 0}, {4, 3, "/a", "second", "", 0}, {6, 4, "/a", "top", "", 0}, {7, 6, "/a/b", "below", "", 0}}
	tests := []struct {
		name  string
		table []Mount
		want  string
	}{
		{"in order", table[1:], "top"},
		{"not in order", []Mount{table[3], table[2], table[1]}, "top"},
		{"none has a number, as on macOS", []Mount{{0, 0, "/a", "first", "", 0}, {0, 0, "/a", "top", "", 0}}, "top"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := topmost(tt.table, "/a"); !ok || got.Type != tt.want {
				t.Errorf("topmost() = %+v, want %s", got, tt.want)
			}
		})
	}
	if got, ok := topmost(table, "/c"); ok {
		t.Errorf("topmost() = %+v, want none", got)
	}
}

func FuzzMountinfo(f *testing.F) {
	f.Add(aTable)
	f.Add(`1 2 0:1 / /\134040\ rw - t \0 x`)
	f.Add("1 2 0:1 / / rw - \\777\n")
	f.Fuzz(func(t *testing.T, s string) {
		escape := strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace
		table := parseMountinfo([]byte(s))
		if n := strings.Count(s, " - "); len(table) > n {
			t.Fatalf("%d mounts of %d lines", len(table), n)
		}
		var again strings.Builder
		for _, m := range table {
			fmt.Fprintf(&again, "%d %d 0:1 / %s rw - %s %s rw,user_id=%d\n", m.ID, m.Parent, escape(m.Point), escape(m.Type), escape(m.Source), m.Owner)
		}
		for i, got := range parseMountinfo([]byte(again.String())) {
			if got != table[i] && !strings.ContainsAny(table[i].Point, "\v\f\r\u0085\u00a0") {
				t.Fatalf("%+v is read back as %+v", table[i], got)
			}
		}
	})
}
