package library

import (
	"context"
	"errors"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each way of cloning gives the same snapshots, and none changes one before.
func TestSnapshots(t *testing.T) {
	for _, way := range []Way{"", Link, Copy} {
		t.Run("by "+string(way), func(t *testing.T) {
			l := newLibrary(t)
			l.way = way
			d := device(t, l)
			w := lock(t, d)
			var before []map[string]string
			for n := 1; n <= 4; n++ {
				s := backup(t, w, n)
				if got := read(t, s.Path); !maps.Equal(got, content(n)) {
					t.Errorf("snapshot %d: got %v", n, got)
				}
				if want := day(n).Format("2006-01-02_15-04-05"); s.Name != want {
					t.Errorf("name %q, want %q", s.Name, want)
				}
				before = append(before, frozen(t, s.Path))
			}
			all, err := d.Snapshots()
			if err != nil || len(all) != 4 {
				t.Fatal(all, err)
			}
			for n, s := range all {
				if !maps.Equal(frozen(t, s.Path), before[n]) {
					t.Errorf("snapshot %d has changed", n+1)
				}
				if s.Files != 18 || !s.Taken.Equal(day(n+1)) || s.Verified != VerifiedAll {
					t.Errorf("record %+v", s.Record)
				}
				for name, is := range before[n] {
					if strings.HasPrefix(is, "-") && !strings.HasPrefix(is, "-r--------") {
						t.Errorf("%s: %s", name, is)
					}
				}
			}
			if left := list(t, filepath.Join(d.Dir(), incomingDir)); len(left) > 0 {
				t.Errorf("left in incoming: %v", left)
			}
		})
	}
}

func TestOwnAndShared(t *testing.T) {
	tests := []struct {
		way        Way
		second     int64 // own bytes of the second snapshot when it was published
		alone, two int64 // what removing the first, and both, frees
	}{
		{Link, 6 + 10 + 6 + 10 + 8 + 12, 6 + 10 + 6 + 10 + 8 + 12, -1},
		{Copy, -1, -1, -1},
	}
	for _, tt := range tests {
		t.Run(string(tt.way), func(t *testing.T) {
			l := newLibrary(t)
			l.way = tt.way
			d := device(t, l)
			w := lock(t, d)
			first, second := backup(t, w, 1), backup(t, w, 2)
			if first.OwnBytes != first.Bytes || first.Base != "" || second.Base != first.Name {
				t.Errorf("first %+v, second %+v", first.Record, second.Record)
			}
			all := func(bytes, whole int64) int64 {
				if bytes < 0 {
					return whole
				}
				return bytes
			}
			if want := all(tt.second, second.Bytes); second.OwnBytes != want {
				t.Errorf("second: %d own of %d, want %d", second.OwnBytes, second.Bytes, want)
			}
			u, err := d.Usage(t.Context(), first)
			if want := all(tt.alone, first.Bytes); err != nil || u.Own != want || u.Bytes != first.Bytes || !u.Exact || u.Files != 18 {
				t.Errorf("usage of the first: %+v, %v, want %d own", u, err, want)
			}
			u, err = d.Usage(t.Context(), first, second)
			if tt.way == Link {
				// The shared files are counted in both and freed once.
				if freed := first.Bytes + second.OwnBytes; err != nil || u.Own != freed || u.Bytes != first.Bytes+second.Bytes {
					t.Errorf("usage of both: %+v, %v, want %d", u, err, freed)
				}
			} else if err != nil || u.Own != u.Bytes {
				t.Errorf("usage of both: %+v, %v", u, err)
			}
		})
	}
}

// A working tree that waits for the next run goes with the snapshot that it
// was cloned from, and is counted so.
func TestUsageWithWorkingTree(t *testing.T) {
	d := device(t, newLibrary(t))
	d.lib.way = Link
	w := lock(t, d)
	s := backup(t, w, 1)
	incoming(t, w).Close()
	if u, err := d.Usage(t.Context(), s); err != nil || u.Own != s.Bytes {
		t.Errorf("%+v, %v, want %d", u, err, s.Bytes)
	}
}

// What describes a backup is never shared between two snapshots, whatever the
// device left as it was; blobs are, those at the top as well.
func TestDescriptionIsNotShared(t *testing.T) {
	d := device(t, newLibrary(t))
	d.lib.way = Link
	w := lock(t, d)
	flat := strings.Repeat("ab", 20)
	i := incoming(t, w)
	for _, name := range []string{"Manifest.mbdb", "Info.plist", flat} {
		write(t, i, name, name)
	}
	first := publish(t, i, day(1))
	before := frozen(t, first.Path)
	second := publish(t, incoming(t, w), day(2))
	for name, want := range map[string]bool{"Manifest.mbdb": false, "Info.plist": false, flat: true} {
		a, errA := os.Stat(filepath.Join(first.Path, name))
		b, errB := os.Stat(filepath.Join(second.Path, name))
		if errA != nil || errB != nil || os.SameFile(a, b) != want || !a.ModTime().Equal(b.ModTime()) {
			t.Errorf("%s: same %v, want %v (%v, %v)", name, os.SameFile(a, b), want, errA, errB)
		}
	}
	if err := os.WriteFile(filepath.Join(second.Path, "Info.plist"), []byte("another program, as root"), 0); err != nil && !errors.Is(err, iofs.ErrPermission) {
		t.Fatal(err)
	}
	if !maps.Equal(frozen(t, first.Path), before) {
		t.Error("the first snapshot has changed")
	}
}

func TestPublishRefuses(t *testing.T) {
	errBad := errors.New("a blob is missing")
	link := func(t *testing.T, i *Incoming) {
		if err := i.Root.Symlink("/etc/passwd", testUDID+"/Info.plist"); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		prepare func(*testing.T, *Incoming)
		opt     PublishOptions
		want    error
	}{
		{"what does not verify", nil, PublishOptions{Taken: day(1), Verify: func(context.Context, string) (Verified, error) { return "", errBad }}, errBad},
		{"a link in the tree", link, PublishOptions{Taken: day(1), Verify: good}, ErrOddFile},
		{"no instant", nil, PublishOptions{Verify: good}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := device(t, newLibrary(t))
			i := incoming(t, lock(t, d))
			if tt.prepare != nil {
				tt.prepare(t, i)
			}
			s, err := i.Publish(t.Context(), tt.opt)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%+v, %v", s, err)
			}
			if got := names(t, d); len(got) > 0 {
				t.Errorf("published %v", got)
			}
			if fi, err := os.Stat(i.Dir()); err != nil || !fi.IsDir() {
				t.Errorf("the tree is gone: %v", err)
			}
		})
	}
}

// What has no place in a backup is no part of a snapshot: halves of files, what a
// phone sends that only it knows, and what lies in the snapshot before.
func TestPublishLeavesOut(t *testing.T) {
	odd := []string{
		"ab/.ibfs-half", ".ibfs-staging/1", "Snapshot/Manifest.plist", "zz/extra", "new/evil", "run.sh", ".DS_Store", "manifest.db", "Manifest.db/x",
		blob(1)[:2] + "/README", blob(2) + "x", "00/" + blob(3)[3:], strings.ToUpper(blob(4)), "ab/cd/" + blob(5)[3:], "abc/" + blob(6)[3:], blob(7) + "/" + blob(7)[3:],
	}
	d := device(t, newLibrary(t))
	w := lock(t, d)
	for name, before := range map[string]bool{"sent": false, "taken over": true} {
		t.Run(name, func(t *testing.T) {
			first := backup(t, w, 1)
			if before {
				for _, name := range odd {
					if at := filepath.Join(first.Path, name); os.MkdirAll(filepath.Dir(at), 0o700) == nil {
						_ = os.WriteFile(at, nil, 0o400) // not where the sound one lies
					}
				}
			}
			i := incoming(t, w)
			if err := run(i, 2); err != nil {
				t.Fatal(err)
			}
			for _, name := range odd {
				if !before {
					_ = writeFile(i, name, "x") // a folder cannot be where a file is
				}
			}
			s := publish(t, i, day(2))
			if got := read(t, s.Path); !maps.Equal(got, content(2)) || s.Files != 18 {
				t.Errorf("%d files: %q", s.Files, slices.Sorted(maps.Keys(got)))
			}
			for _, s := range []Snapshot{s, first} {
				if err := w.Delete(t.Context(), s.Name, true); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestArrived(t *testing.T) {
	d := device(t, newLibrary(t))
	d.lib.way = Link
	w := lock(t, d)
	backup(t, w, 1)
	i := incoming(t, w)
	if err := run(i, 2); err != nil {
		t.Fatal(err)
	}
	var arrived []string
	err := iofs.WalkDir(os.DirFS(i.Dir()), ".", func(name string, e iofs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if fi, err := e.Info(); err != nil || i.Arrived(fi.Mode()) {
			arrived = append(arrived, name)
		}
		return nil
	})
	want := []string{"Info.plist", "Manifest.db", "Manifest.plist", "Status.plist", blob(1), blob(1002)}
	slices.Sort(arrived)
	slices.Sort(want)
	if err != nil || !slices.Equal(arrived, want) {
		t.Errorf("got %v, %v\nwant %v", arrived, err, want)
	}
}

// No more counts as proved than was of the snapshot before, unless nothing of it was
// relied on.
func TestVerifiedOnTopOfLess(t *testing.T) {
	for name, c := range map[string]struct {
		base, now Verified
		relies    bool
		want      Verified
	}{
		"all on all":           {VerifiedAll, VerifiedAll, true, VerifiedAll},
		"all on visible":       {VerifiedVisible, VerifiedAll, true, VerifiedVisible},
		"all anew":             {VerifiedVisible, VerifiedAll, false, VerifiedAll},
		"visible on all":       {VerifiedAll, VerifiedVisible, true, VerifiedVisible},
		"all on a lost record": {"", VerifiedAll, true, VerifiedVisible},
	} {
		t.Run(name, func(t *testing.T) {
			d := device(t, newLibrary(t))
			d.lib.way = Link
			w := lock(t, d)
			says := func(i *Incoming, v Verified, relies bool) PublishOptions {
				return PublishOptions{Taken: time.Now(), Verify: func(context.Context, string) (Verified, error) {
					if relies {
						i.Arrived(sealedMode)
					}
					return v, nil
				}}
			}
			i := incoming(t, w)
			first, err := i.Publish(t.Context(), says(i, c.base, false))
			if err != nil {
				t.Fatal(err)
			}
			if c.base == "" {
				if err := os.Remove(first.Path + recordSuffix); err != nil {
					t.Fatal(err)
				}
			}
			i = incoming(t, w)
			second, err := i.Publish(t.Context(), says(i, c.now, c.relies))
			if err != nil || second.Verified != c.want {
				t.Errorf("%q, %v; want %q", second.Verified, err, c.want)
			}
		})
	}
}

// FC-42: the hour that comes twice, and two backups of one second.
func TestNames(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	instants := []time.Time{
		time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 0, 30, 0, 5e8, time.UTC),
		time.Date(2026, 10, 25, 3, 0, 0, 0, time.UTC),
	}
	for _, at := range instants {
		publish(t, incoming(t, w), at)
	}
	all, err := d.Snapshots()
	if err != nil || len(all) != len(instants) {
		t.Fatal(all, err)
	}
	got := names(t, d)
	for n, want := range []int{1, 2, 0, 3} {
		if !all[n].Taken.Equal(instants[want]) {
			t.Errorf("%d: %v, want %v", n, all[n].Taken, instants[want])
		}
		at, ok := nameInstant(all[n].Name, berlin)
		if !ok || !at.Equal(instants[want].Truncate(time.Second)) {
			t.Errorf("%q reads as %v, want %v", all[n].Name, at, instants[want])
		}
	}
	if got[1] != got[0]+"_2" || got[3] != "2026-10-25_04-00-00" || !strings.HasPrefix(got[2], "2026-10-25_02-30-00") || got[2] == got[0] {
		t.Errorf("names %q", got)
	}
	// In another zone the folders keep their names, and the order stands.
	elsewhere, err := Open(d.lib.dir, Options{Location: time.FixedZone("", -9*3600)})
	if err != nil {
		t.Fatal(err)
	}
	if there := names(t, device(t, elsewhere)); !slices.Equal(there, got) {
		t.Errorf("elsewhere %q, here %q", there, got)
	}
}

// Snapshots whose records are lost are ordered by what their names tell.
func TestLostRecords(t *testing.T) {
	d := device(t, newLibrary(t))
	w := lock(t, d)
	for n := 3; n >= 1; n-- {
		backup(t, w, n)
	}
	want := names(t, d)
	for n, broken := range []string{"", "{", `{"schema":1}`} {
		name := filepath.Join(d.Dir(), snapshotsDir, want[n]+recordSuffix)
		if err := errors.Join(os.Remove(name), os.WriteFile(name, []byte(broken), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := d.Snapshots()
	if err != nil || !slices.Equal(names(t, d), want) || !all[0].Taken.Equal(day(1)) || all[0].Good() {
		t.Errorf("%+v, %v, want %v", all, err, want)
	}
}
