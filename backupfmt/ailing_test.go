package backupfmt_test

import (
	"errors"
	iofs "io/fs"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// An ailingFS is a folder on a disk of which parts cannot be read.
type ailingFS struct {
	iofs.FS
	fails atomic.Pointer[func(name string, off int64, n int) bool]
}

type ailingFile struct {
	*os.File
	name string
	fs   *ailingFS
}

func (a *ailingFS) Open(name string) (iofs.File, error) {
	f, err := a.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return ailingFile{f.(*os.File), name, a}, nil
}

func (f ailingFile) ReadAt(b []byte, off int64) (int, error) {
	if (*f.fs.fails.Load())(f.name, off, len(b)) {
		return 0, &iofs.PathError{Op: "read", Path: f.name, Err: syscall.EIO}
	}
	return f.File.ReadAt(b, off)
}

// TestAilingDisk: a bad place on a disk costs the rows that lie there. When the
// disk is away there is no index, and a whole one once it is back.
func TestAilingDisk(t *testing.T) {
	never := func(string, int64, int) bool { return false }
	const bad = 150 << 10
	cases := map[string]struct {
		fails  func(name string, off int64, n int) bool
		damage bool
		away   bool
	}{
		"sound": {fails: never},
		"a bad place in the manifest": {damage: true, fails: func(name string, off int64, n int) bool {
			return name == "Manifest.db" && off <= bad && bad < off+int64(n)
		}},
		"away":                           {away: true, fails: func(string, int64, int) bool { return true }},
		"away, but for what is in cache": {away: true, fails: func(name string, off int64, _ int) bool { return name != "Manifest.db" || off >= bad }},
	}
	for _, password := range []string{"", "secret"} {
		dir := t.TempDir()
		b := many(password)
		b.Files = b.Files[:600]
		if err := backuptest.Write(dir, b); err != nil {
			t.Fatal(err)
		}
		for name, c := range cases {
			t.Run(name+" "+password, func(t *testing.T) {
				disk := &ailingFS{FS: os.DirFS(dir)}
				disk.fails.Store(&never)
				opened, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer opened.Close()
				if opened.Locked() {
					unlock(t, opened, password)
				}
				disk.fails.Store(&c.fails)
				x, err := opened.Index(t.Context())
				if c.away {
					if !errors.Is(err, syscall.EIO) || errors.Is(err, backupfmt.ErrDamaged) {
						t.Errorf("index: %v", err)
					}
					disk.fails.Store(&never)
					x, err = opened.Index(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				files, _ := x.Totals()
				damage, told := x.Damage()
				if damage > 0 != c.damage || damage == 0 && files != len(b.Files) || files < len(b.Files)*2/3 {
					t.Errorf("%d files, %d damaged places: %v", files, damage, told)
				}
			})
		}
	}
}
