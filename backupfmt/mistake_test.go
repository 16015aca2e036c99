package backupfmt_test

import (
	iofs "io/fs"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// A panickingFS is a folder in which one read panics.
type panickingFS struct {
	iofs.FS
	left atomic.Int64 // reads before it
}

type panickingFile struct {
	*os.File
	fs *panickingFS
}

func (p *panickingFS) Open(name string) (iofs.File, error) {
	f, err := p.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return panickingFile{f.(*os.File), p}, nil
}

func (f panickingFile) ReadAt(b []byte, off int64) (int, error) {
	if f.fs.left.Add(-1) == -1 {
		panic("no such luck")
	}
	return f.File.ReadAt(b, off)
}

// TestMistakes: a panic while an index is built, or a file is verified, is an
// error of that at most, and leaves nothing that the next one would wait for.
func TestMistakes(t *testing.T) {
	for name, b := range backuptest.Variants(backuptest.Backup{Files: many("").Files[:100]}) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			const sound = 1 << 30
			disk := &panickingFS{FS: os.DirFS(dir)}
			disk.left.Store(sound)
			opened, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			if opened.Locked() {
				unlock(t, opened, b.Password)
			}
			disk.left.Store(0)
			if _, err := opened.Index(t.Context()); err != nil && !strings.Contains(err.Error(), "a mistake of ibfs: no such luck") {
				t.Errorf("index: %v", err)
			}
			disk.left.Store(sound)
			x, err := opened.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if files, _ := x.Totals(); files != 100 {
				t.Errorf("%d files", files)
			}
			disk.left.Store(60)
			report, err := opened.Verify(t.Context(), backupfmt.VerifyOptions{})
			if err != nil || len(report.Findings) != 1 || report.Findings[0].Kind != backupfmt.KindRead {
				t.Errorf("verify: %+v, %v", report.Findings, err)
			}
		})
	}
}
