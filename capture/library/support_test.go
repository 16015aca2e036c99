package library

import (
	"context"
	"crypto/sha256"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const testUDID = "00008030-001234567890ABCD"

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func day(n int) time.Time { return time.Date(2026, 11, n, 8, 15, 2, 0, berlin) }

// newLibrary is an empty one in memory, where a sync costs nothing.
func newLibrary(t testing.TB) *Library {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ibfs-library-*") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return libraryAt(t, dir)
}

func libraryAt(t testing.TB, dir string) *Library {
	t.Helper()
	l, err := Create(dir, Options{Location: berlin})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func device(t testing.TB, l *Library) *Device {
	t.Helper()
	d, err := l.Device(testUDID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func lock(t testing.TB, d *Device) *Writer {
	t.Helper()
	w, err := d.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func incoming(t testing.TB, w *Writer) *Incoming {
	t.Helper()
	i, err := w.Incoming(t.Context(), IncomingOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// write is how a device's bytes come into the tree: a new file, renamed.
func write(t testing.TB, i *Incoming, name, content string) {
	t.Helper()
	if err := writeFile(i, name, content); err != nil {
		t.Fatal(err)
	}
}

func writeFile(i *Incoming, name, content string) error {
	dir, temp := filepath.Join(i.w.d.udid, filepath.Dir(name)), filepath.Join(i.w.d.udid, filepath.Dir(name), ".ibfs-part")
	if err := i.Root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := i.Root.WriteFile(temp, []byte(content), 0o600); err != nil {
		return err
	}
	return i.Root.Rename(temp, filepath.Join(i.w.d.udid, name))
}

// run is the n-th backup of a small device: some of it stays, some is new,
// some is another, some goes.
func run(i *Incoming, n int) error {
	files := map[string]string{
		"Info.plist":     fmt.Sprint("info ", n),
		"Manifest.plist": fmt.Sprint("manifest ", n),
		"Manifest.db":    fmt.Sprint("rows ", n),
		"Status.plist":   fmt.Sprint("finished ", n),
		blob(1000 + n):   fmt.Sprint("new in ", n),
		blob(1):          fmt.Sprint("another in ", n),
	}
	if n == 1 {
		for k := range 12 {
			files[blob(2+k)] = fmt.Sprint("blob ", k)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(i, name, files[name]); err != nil {
			return err
		}
	}
	return i.Root.RemoveAll(filepath.Join(testUDID, blob(1000+n-1)))
}

func blob(n int) string {
	id := fmt.Sprintf("%x", sha256.Sum256([]byte{byte(n), byte(n >> 8)}))[:40]
	return id[:2] + "/" + id
}

// content is what the n-th backup holds, by name.
func content(n int) map[string]string {
	want := map[string]string{
		"Info.plist": fmt.Sprint("info ", n), "Manifest.plist": fmt.Sprint("manifest ", n),
		"Manifest.db": fmt.Sprint("rows ", n), "Status.plist": fmt.Sprint("finished ", n),
		blob(1000 + n): fmt.Sprint("new in ", n), blob(1): fmt.Sprint("another in ", n),
	}
	for k := range 12 {
		want[blob(2+k)] = fmt.Sprint("blob ", k)
	}
	return want
}

func good(context.Context, string) (Verified, error) { return VerifiedAll, nil }

func publish(t testing.TB, i *Incoming, taken time.Time) Snapshot {
	t.Helper()
	s, err := i.Publish(t.Context(), PublishOptions{Taken: taken, Verify: good})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// backup makes the n-th snapshot of the device.
func backup(t testing.TB, w *Writer, n int) Snapshot {
	t.Helper()
	i := incoming(t, w)
	if err := run(i, n); err != nil {
		t.Fatal(err)
	}
	return publish(t, i, day(n))
}

// read is everything that a folder holds, by name.
func read(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := iofs.WalkDir(os.DirFS(dir), ".", func(name string, e iofs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// frozen is what must stay of a published folder, which a later one may share:
// bytes, modes and times.
func frozen(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		got[rel] = fmt.Sprint(fi.Mode(), fi.ModTime().UnixNano())
		if fi.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			got[rel] += fmt.Sprintf(" %x", sha256.Sum256(data))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func names(t testing.TB, d *Device) []string {
	t.Helper()
	all, err := d.Snapshots()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
