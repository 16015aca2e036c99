package library

import (
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInfo(t *testing.T) {
	d := device(t, newLibrary(t))
	if i, err := d.Info(); err != nil || i.UDID != testUDID || i.Name != "" {
		t.Errorf("before anything: %+v, %v", i, err)
	}
	w := lock(t, d)
	yes := true
	if _, err := w.SetInfo(func(i *Info) { i.Name, i.Paired, i.Encrypted = "Anna's iPhone", true, &yes }); err != nil {
		t.Fatal(err)
	}
	// Another version adds something that this one does not know.
	name := filepath.Join(d.Dir(), infoName)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(data), "{", `{"retention": {"daily": 7},`, 1)
	if err := os.WriteFile(name, []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SetInfo(func(i *Info) { i.ProductType, i.Encrypted = "iPhone13,2", nil }); err != nil {
		t.Fatal(err)
	}
	i, err := d.Info()
	if err != nil || i.Name != "Anna's iPhone" || !i.Paired || i.Encrypted != nil || i.ProductType != "iPhone13,2" || i.Schema != schema {
		t.Errorf("got %+v, %v", i, err)
	}
	if data, err := os.ReadFile(name); err != nil || !strings.Contains(string(data), `"daily": 7`) {
		t.Errorf("lost what a newer version wrote: %s, %v", data, err)
	}
	if err := os.WriteFile(name, []byte(`{"schema": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Info(); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer schema: %v", err)
	}
	if _, err := w.SetInfo(func(*Info) {}); !errors.Is(err, ErrNewer) {
		t.Errorf("writing over a newer schema: %v", err)
	}
	for _, damage := range []string{"", "{", "\x00\x00", `{"name": 7}`, `{"schema": "one"}`, "[]"} {
		if err := os.WriteFile(name, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Info(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", damage, err)
		}
		anew, err := w.SetInfo(func(i *Info) { i.Name = "Ben's iPad" })
		if i, err2 := d.Info(); err != nil || err2 != nil || !anew || i.Name != "Ben's iPad" || i.UDID != testUDID || i.Paired {
			t.Errorf("%q written over: %v, %+v, %v, %v", damage, anew, i, err, err2)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir+"/absent", Options{}); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNotLibrary) {
		t.Errorf("an empty folder, such as a mount point: %v", err)
	}
	if _, err := Create(dir+"/a/b", Options{}); err != nil {
		t.Errorf("create: %v", err)
	}
	for range 2 {
		l, err := Create(dir, Options{})
		if err != nil || l.Dir() != dir {
			t.Errorf("create: %v", err)
		}
	}
	if err := os.WriteFile(dir+"/"+markName, []byte(`{"schema": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer library: %v", err)
	}
	if err := os.WriteFile(dir+"/"+markName, []byte("\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, Options{}); !errors.Is(err, ErrDamaged) {
		t.Error("a damaged mark is written over")
	}
}
