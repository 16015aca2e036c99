package library

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLock(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	_, err := d.Lock(t.Context())
	var busy *BusyError
	if !errors.Is(err, ErrBusy) || !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() || busy.Holder.Host == "" || busy.Holder.Since.IsZero() {
		t.Errorf("a second writer: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lock(t, d)
}

// What is being used by one device does not keep another from being written.
func TestLockIsOfOneDevice(t *testing.T) {
	l := newLibrary(t)
	lock(t, device(t, l))
	other, err := l.Device("0123456789ABCDEF0123456789abcdef01234567")
	if err != nil {
		t.Fatal(err)
	}
	lock(t, other)
}

func TestDeviceNumbers(t *testing.T) {
	l := newLibrary(t)
	for _, udid := range []string{"", ".", "..", "../x", "00008030-001234567890ABC/", "g0008030-001234567890ABCD", "0123", "00008030-001234567890ABCD\n"} {
		if d, err := l.Device(udid); !errors.Is(err, ErrUDID) {
			t.Errorf("%q: %v, %v", udid, d, err)
		}
	}
	if d, err := l.Device("00008030001234567890abcd"); err != nil || d.udid != testUDID {
		t.Errorf("without its dash: %v, %v", d, err)
	}
}

func TestLockElsewhere(t *testing.T) {
	tests := []struct {
		name string
		odd  func(dir string) error
	}{
		{"a link to another place", func(dir string) error { return os.Symlink(os.TempDir(), dir) }},
		{"a link that stays in the library", func(dir string) error {
			return errors.Join(os.Mkdir(dir+"-there", 0o700), os.Symlink(filepath.Base(dir)+"-there", dir))
		}},
		{"a file", func(dir string) error { return os.WriteFile(dir, nil, 0o600) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := device(t, newLibrary(t))
			if err := errors.Join(os.Mkdir(d.Dir(), 0o700), tt.odd(filepath.Join(d.Dir(), snapshotsDir))); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Lock(t.Context()); !errors.Is(err, ErrOtherVolume) {
				t.Errorf("got %v", err)
			}
			d = device(t, newLibrary(t))
			if err := tt.odd(d.Dir()); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Lock(t.Context()); !errors.Is(err, ErrOtherVolume) || !strings.Contains(err.Error(), d.Dir()) {
				t.Errorf("the device's own folder: %v", err)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	for n := 1; n <= 3; n++ {
		backup(t, w, n)
	}
	all, err := d.Snapshots()
	if err != nil {
		t.Fatal(err)
	}
	before := frozen(t, all[1].Path)
	if err := w.Delete(t.Context(), "../../x", false); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("a name that is none: %v", err)
	}
	incoming(t, w).Close()
	for _, n := range []int{0, 2} {
		if err := w.Delete(t.Context(), all[n].Name, false); err != nil {
			t.Fatal(err)
		}
	}
	if left := list(t, filepath.Join(d.Dir(), incomingDir)); len(left) > 0 {
		t.Errorf("the working tree outlived what it was cloned from: %v", left)
	}
	if err := w.Delete(t.Context(), all[1].Name, false); !errors.Is(err, ErrLastGood) {
		t.Errorf("the last one: %v", err)
	}
	if after := frozen(t, all[1].Path); len(after) != len(before) {
		t.Error("the snapshot between has changed")
	}
	if got := list(t, filepath.Join(d.Dir(), snapshotsDir)); !slices.Equal(got, []string{all[1].Name, all[1].Name + ".json"}) {
		t.Errorf("left %v", got)
	}
	if err := w.Delete(t.Context(), all[1].Name, true); err != nil {
		t.Fatal(err)
	}
	if got := append(list(t, filepath.Join(d.Dir(), snapshotsDir)), list(t, filepath.Join(d.Dir(), trashDir))...); len(got) > 0 {
		t.Errorf("left %v", got)
	}
}

// One that was never verified is no reason to let the last good one go.
func TestDeleteKeepsTheLastGoodOne(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	good, other := backup(t, w, 1), backup(t, w, 2)
	if err := os.Remove(other.Path + recordSuffix); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context(), good.Name, false); !errors.Is(err, ErrLastGood) {
		t.Errorf("the good one: %v", err)
	}
	if err := w.Delete(t.Context(), other.Name, false); err != nil {
		t.Errorf("the other: %v", err)
	}
}

// A deletion that is broken off is gone from sight, and the next writer ends it.
func TestDeleteCanceled(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	first, second := backup(t, w, 1), backup(t, w, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Delete(ctx, first.Name, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := names(t, d); !slices.Equal(got, []string{second.Name}) {
		t.Errorf("left %v", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lock(t, d)
	if left := list(t, filepath.Join(d.Dir(), trashDir)); len(left) > 0 {
		t.Errorf("left in trash: %v", left)
	}
}

// Who only reads keeps writers away, and no other reader.
func TestHold(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	backup(t, w, 1)
	if _, err := d.Hold(); !errors.Is(err, ErrBusy) {
		t.Errorf("beside a writer: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var holds []io.Closer
	for range 2 {
		h, err := d.Hold()
		if err != nil {
			t.Fatal(err)
		}
		holds = append(holds, h)
	}
	for i, h := range holds {
		_, err := d.Lock(t.Context())
		var busy *BusyError
		if !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() {
			t.Errorf("a writer beside %d readers: %v", len(holds)-i, err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	lock(t, d)
}

// A library that lost its lock, as a copy may have, is held all the same.
func TestHoldWithoutItsLock(t *testing.T) {
	d := device(t, newLibrary(t))
	if _, err := d.Hold(); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("a device that is not there: %v", err)
	}
	w := lock(t, d)
	if err := errors.Join(w.Close(), os.Remove(filepath.Join(d.Dir(), lockName))); err != nil {
		t.Fatal(err)
	}
	h, err := d.Hold()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if _, err := d.Lock(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("a writer: %v", err)
	}
}

// A disk on which not even a word can be written lets a snapshot be deleted.
func TestDeleteWithoutAWord(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	first := backup(t, w, 1)
	backup(t, w, 2)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d.lib.disk.before = func(op, _ string) error {
		if op == "write" {
			return unix.ENOSPC
		}
		return nil
	}
	w = lock(t, d)
	if err := w.Delete(t.Context(), first.Name, false); err != nil {
		t.Error(err)
	}
	if _, err := d.Lock(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("nobody has the lock: %v", err)
	}
}

// Busy tells of whoever has the device, and takes nothing.
func TestBusy(t *testing.T) {
	d := device(t, newLibrary(t))
	if err := d.Busy(); err != nil {
		t.Errorf("a device that is not there: %v", err)
	}
	w := lock(t, d)
	var busy *BusyError
	if err := d.Busy(); !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() {
		t.Errorf("beside a writer: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	held, err := d.Hold()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Busy(); !errors.Is(err, ErrBusy) {
		t.Errorf("beside who holds it: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Busy(); err != nil {
		t.Errorf("beside nobody: %v", err)
	}
	lock(t, d)
}

func TestLastGood(t *testing.T) {
	good, unknown := Record{Verified: VerifiedVisible}, Record{}
	for name, c := range map[string]struct {
		all  []Snapshot
		want bool // of the first
	}{
		"alone":                        {[]Snapshot{{Name: "a", Record: good}}, true},
		"alone, and not known":         {[]Snapshot{{Name: "a", Record: unknown}}, true},
		"beside a good one":            {[]Snapshot{{Name: "a", Record: good}, {Name: "b", Record: good}}, false},
		"beside one that is not known": {[]Snapshot{{Name: "a", Record: good}, {Name: "b", Record: unknown}}, true},
		"none is known":                {[]Snapshot{{Name: "a", Record: unknown}, {Name: "b", Record: unknown}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LastGood(c.all, "a"); got != c.want {
				t.Errorf("%v", got)
			}
		})
	}
}
