package control

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

func TestFoldersFC23(t *testing.T) {
	session, state, home := t.TempDir(), t.TempDir(), t.TempDir()
	me, err := user.LookupId(strconv.Itoa(os.Geteuid()))
	if err != nil {
		t.Skipf("this user is not in the user database: %v", err)
	}
	underHome := func(home string) string {
		if runtime.GOOS == "darwin" {
			return filepath.Join(home, "Library/Application Support/ibfs/run")
		}
		return filepath.Join(home, ".local/state/ibfs/run")
	}
	tests := []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"env -i", nil, []string{underHome(me.HomeDir)}},
		{"a login", map[string]string{"XDG_RUNTIME_DIR": session, "HOME": home}, []string{session + "/ibfs", underHome(home)}},
		{"all set", map[string]string{"XDG_RUNTIME_DIR": session, "XDG_STATE_HOME": state, "HOME": home},
			[]string{session + "/ibfs", state + "/ibfs/run", underHome(home)}},
		{"relative paths do not count", map[string]string{"XDG_RUNTIME_DIR": ".", "HOME": "home"}, []string{underHome(me.HomeDir)}},
		{"what is not there does not count", map[string]string{"XDG_RUNTIME_DIR": session + "/x", "HOME": home + "/x"}, []string{underHome(me.HomeDir)}},
		{"a file is no home", map[string]string{"HOME": "/etc/passwd"}, []string{underHome(me.HomeDir)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Folders(func(k string) string { return tt.env[k] })
			got = slices.DeleteFunc(got, func(s string) bool { return filepath.Dir(filepath.Dir(s)) == "/run/user" })
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Folders() = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestSocketNames(t *testing.T) {
	seen := map[string]string{}
	for _, mountpoint := range []string{"/", "/a", "/a/b", "/ä", "/\xff"} {
		name := socketOf(mountpoint)
		if !socketName.MatchString(name) {
			t.Errorf("List would not find %q", name)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%q and %q have one socket", mountpoint, other)
		}
		seen[name] = mountpoint
	}
}
