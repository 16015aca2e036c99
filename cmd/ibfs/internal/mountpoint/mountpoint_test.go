package mountpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// folders makes a place with an empty folder, a full one, a file and links.
func folders(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"empty", "full/inner", "backups/anna"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"link": "empty", "ring": "ring", "dangling": "made", "away": dir + "/full"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheck(t *testing.T) {
	dir := folders(t)
	at := func(point, typ string) []Mount {
		return []Mount{{ID: 7, Parent: 1, Point: dir + "/" + point, Type: typ}}
	}
	tests := []struct {
		name, path string
		backups    []string
		table      []Mount
		want       Point
		err        error
		hint       string
	}{
		{name: "an empty folder", path: "empty", want: Point{Path: "empty"}},
		{name: "a slash too many", path: "empty/", want: Point{Path: "empty"}},
		{name: "by way of a link", path: "link", want: Point{Path: "empty"}},
		{name: "not there yet", path: "new", want: Point{Path: "new", Missing: true}},
		{name: "not there yet, by way of a link", path: "dangling/", err: errMissing, hint: "the link leads to"},
		{name: "its parent is not there either", path: "x/new", err: errMissing, hint: dir + "/x first"},
		{name: "a file", path: "file", err: errNotFolder, hint: "empty folder"},
		{name: "below a file", path: "file/new", err: syscall.ENOTDIR, hint: "reached"},
		{name: "a ring of links", path: "ring", err: syscall.ELOOP, hint: "reached"},
		{name: "not empty", path: "full", err: errNotEmpty, hint: "ibfs makes it"},
		{name: "inside the backups", path: "backups/anna/x", backups: []string{"backups"}, err: errOverlap, hint: "outside"},
		{name: "the backups themselves", path: "backups", backups: []string{"backups"}, err: errOverlap, hint: "outside"},
		{name: "around the backups", path: "backups", backups: []string{"backups/anna"}, err: errOverlap, hint: "beside"},
		{name: "inside, by way of a link", path: "away/new", backups: []string{"full"}, err: errOverlap, hint: "outside"},
		{name: "backups by way of a link", path: "full/new", backups: []string{"away"}, err: errOverlap, hint: "outside"},
		{name: "beside, with a name that begins alike", path: "full2", backups: []string{"full"}, want: Point{Path: "full2", Missing: true}},
		{name: "backups that are not there", path: "empty", backups: []string{"none"}, want: Point{Path: "empty"}},
		{name: "ours", path: "empty", table: at("empty", "fuse.ibfs"), err: ErrMounted, hint: "ibfs unmount " + dir + "/empty"},
		{name: "another's", path: "empty", table: at("empty", "ext4"), err: errOccupied, hint: "another folder"},
		{name: "another FUSE", path: "empty", table: at("empty", "fuse.sshfs"), err: errOccupied, hint: "another folder"},
		{name: "a mount below does not matter", path: "empty", table: at("empty/x", "ext4"), want: Point{Path: "empty"}},
		{name: "automounter FC-30", path: "empty", table: at("empty", "autofs"), want: Point{Path: "empty"}},
		{name: "automounter is not entered FC-30", path: "full", table: at("full", "autofs"), want: Point{Path: "full"}},
		{name: "a real mount over the automounter's FC-30", path: "empty",
			table: append([]Mount{{ID: 8, Parent: 7, Point: dir + "/empty", Type: "fuse.ibfs"}}, at("empty", "autofs")...), err: ErrMounted, hint: "unmount"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, b := range tt.backups {
				tt.backups[i] = filepath.Join(dir, b)
			}
			got, err := check(dir+"/"+tt.path, tt.backups, tt.table)
			if tt.err == nil {
				tt.want.Path = filepath.Join(dir, tt.want.Path)
				if err != nil || *got != tt.want {
					t.Fatalf("check() = %+v, %v; want %+v", got, err, tt.want)
				}
				return
			}
			var told *Error
			if !errors.Is(err, tt.err) || !errors.As(err, &told) || !strings.Contains(told.Hint(), tt.hint) {
				t.Fatalf("check() = %v with %+v, want %v with a hint of %q", err, told, tt.err, tt.hint)
			}
			if !errors.Is(tt.err, errOverlap) && strings.Count(err.Error(), dir+"/"+filepath.Clean(tt.path)) > 1 {
				t.Errorf("%q names the path twice", err)
			}
		})
	}
}

func TestCheckWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may enter every folder")
	}
	dir := folders(t)
	if err := os.Chmod(dir+"/full", 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir+"/full", 0o700)
	for _, path := range []string{"full", "full/inner"} {
		_, err := check(filepath.Join(dir, path), nil, nil)
		var told *Error
		if !errors.Is(err, syscall.EACCES) || !errors.As(err, &told) {
			t.Errorf("check(%s) = %v", path, err)
		}
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	p, err := check(dir+"/new", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Make(); !errors.Is(err, errMissing) || !errors.Is(err, syscall.EACCES) {
		t.Errorf("Make() = %v", err)
	}
}

func TestMakeAndRemove(t *testing.T) {
	dir := folders(t)
	tests := []struct {
		name, path string
		fill       bool
		stays      bool
	}{
		{"made and removed", "new", false, false},
		{"made, but not empty any more", "newer", true, true},
		{"was there before", "empty", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := check(filepath.Join(dir, tt.path), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Make(); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(p.Path); err != nil || !info.IsDir() {
				t.Fatalf("after Make: %v", err)
			}
			if tt.fill {
				if err := os.WriteFile(filepath.Join(p.Path, "x"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := p.Remove(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := os.Stat(p.Path); (err == nil) != tt.stays {
				t.Errorf("after Remove: %v", err)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"/home/anna/iphone": "/home/anna/iphone",
		"/a b":              `'/a b'`,
		"/it's $HOME":       `'/it'\''s $HOME'`,
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}
