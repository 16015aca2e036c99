package backuptest

import (
	"bytes"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"howett.net/plist"
)

// writeTemp writes a backup into a new folder.
func writeTemp(t *testing.T, b Backup) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backup of ä%20?#")
	if err := Write(dir, b); err != nil {
		t.Fatal(err)
	}
	return dir
}

// check compares what is read with what was written.
func check(t *testing.T, r *reading, want iter.Seq[File]) {
	t.Helper()
	for f := range want {
		x := r.row(t, f.ID())
		if x == nil {
			t.Errorf("%s %q: no row", f.Domain, f.Path)
			continue
		}
		if x.Domain != f.Domain || x.Path != f.Path || x.Mode != f.mode() || x.Target != f.Target {
			t.Errorf("%s %q: row is %+v", f.Domain, f.Path, x)
		}
		if f.IsDir() || f.IsLink() {
			if x.key != nil || r.blob(x) != nil {
				t.Errorf("%s %q: has a key or a blob", f.Domain, f.Path)
			}
			continue
		}
		if got := r.content(t, x); !bytes.Equal(got, f.Content) {
			t.Errorf("%s %q: content is %d bytes, want %d", f.Domain, f.Path, len(got), len(f.Content))
		}
		if x.size != int64(len(f.Content)) {
			t.Errorf("%s %q: size %d, want %d", f.Domain, f.Path, x.size, len(f.Content))
		}
		if x.xattrs != nil {
			if _, err := plist.Unmarshal(x.xattrs, &x.Xattrs); err != nil {
				t.Error(err)
			}
		}
		if !maps.EqualFunc(x.Xattrs, f.Xattrs, bytes.Equal) {
			t.Errorf("%s %q: attributes %q", f.Domain, f.Path, x.Xattrs)
		}
		if x.digest != nil && !bytes.Equal(x.digest, r.sent(t, x)) {
			t.Errorf("%s %q: digest is not that of what the phone sent", f.Domain, f.Path)
		}
	}
}

func count[T any](s iter.Seq[T]) (n int) {
	for range s {
		n++
	}
	return n
}

func TestEveryGenerationReadsBack(t *testing.T) {
	for name, b := range Variants(Sample()) {
		t.Run(name, func(t *testing.T) {
			dir := writeTemp(t, b)
			r := read(t, dir, b.Password)
			check(t, r, b.Rows())
			if n := count(b.Rows()); len(r.rows) != n {
				t.Errorf("%d rows, want %d", len(r.rows), n)
			}
			for name := range files(t, dir) {
				if filepath.Ext(name) == ".part" {
					t.Errorf("%s is left behind", name)
				}
			}
		})
	}
}

func TestOptionsReadBack(t *testing.T) {
	for name, change := range map[string]func(*Backup){
		"rows in a -wal":         func(b *Backup) { b.WAL, b.Password = true, "" },
		"flat blobs":             func(b *Backup) { b.FlatBlobs = true },
		"boxed data":             func(b *Backup) { b.BoxedData = true },
		"bare":                   func(b *Backup) { b.Bare = true },
		"no padding":             func(b *Backup) { b.UnpaddedManifest = true },
		"no domain index":        func(b *Backup) { b.DomainIndex = NoDomainIndex },
		"index of newer agents":  func(b *Backup) { b.DomainIndex = ByDomainAndPath },
		"mbdx":                   func(b *Backup) { b.Generation, b.MBDX = MBDB, true },
		"streamed":               func(b *Backup) { b.Stream, b.Files = slices.Values(b.Files), nil },
		"decrypted index":        func(b *Backup) { b.ClearIndex = true },
		"FC-01":                  func(b *Backup) { b.ClearIndex, b.ClearBlobs = true, true },
		"password with no ASCII": func(b *Backup) { b.Password = "pä ss!  " },
	} {
		t.Run(name, func(t *testing.T) {
			b := Sample()
			b.Password = "secret"
			change(&b)
			r := read(t, writeTemp(t, b), b.Password)
			r.clear = r.clear || b.ClearBlobs
			check(t, r, b.Rows())
			if n := count(b.Rows()); len(r.rows) != n {
				t.Errorf("%d rows, want %d", len(r.rows), n)
			}
		})
	}
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	b := Sample()
	b.Password = "secret"
	one, two := files(t, writeTemp(t, b)), files(t, writeTemp(t, b))
	if !maps.EqualFunc(one, two, bytes.Equal) {
		for name := range one {
			if !bytes.Equal(one[name], two[name]) {
				t.Errorf("%s differs", name)
			}
		}
	}
}

// files reads all files below dir.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		out[rel], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
