package backupfmt_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// panics is a fault of a disk: one read panics, of the manifest or of a blob.
func panics(manifest bool) backuptest.Fault {
	var done atomic.Bool
	return func(name string, _ int64, n int) bool {
		if n > 0 && strings.HasPrefix(name, "Manifest") == manifest && done.CompareAndSwap(false, true) {
			panic("no such luck")
		}
		return false
	}
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
			disk := backuptest.NewDisk(dir)
			opened, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			if opened.Locked() {
				unlock(t, opened, b.Password)
			}
			disk.Fail(panics(true))
			if _, err := opened.Index(t.Context()); err != nil && !strings.Contains(err.Error(), "a mistake of ibfs: no such luck") {
				t.Errorf("index: %v", err)
			}
			disk.Mend()
			x, err := opened.Index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if files, _ := x.Totals(); files != 100 {
				t.Errorf("%d files", files)
			}
			disk.Fail(panics(false))
			report, err := opened.Verify(t.Context(), backupfmt.VerifyOptions{})
			if err != nil || len(report.Findings) != 1 || report.Findings[0].Kind != backupfmt.KindRead {
				t.Errorf("verify: %+v, %v", report.Findings, err)
			}
		})
	}
}
