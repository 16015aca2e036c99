package backupfmt_test

import (
	"errors"
	"syscall"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestAilingDisk: a bad place on a disk costs the rows that lie there. When the
// disk is away there is no index, and a whole one once it is back.
func TestAilingDisk(t *testing.T) {
	const bad = 150 << 10
	cases := map[string]struct {
		fails  backuptest.Fault
		damage bool
		away   bool
	}{
		"sound": {fails: func(string, int64, int) bool { return false }},
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
				disk := backuptest.NewDisk(dir)
				opened, err := backupfmt.Open(t.Context(), disk, backupfmt.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer opened.Close()
				if opened.Locked() {
					unlock(t, opened, password)
				}
				disk.Fail(c.fails)
				x, err := opened.Index(t.Context())
				if c.away {
					if !errors.Is(err, syscall.EIO) || errors.Is(err, backupfmt.ErrDamaged) {
						t.Errorf("index: %v", err)
					}
					disk.Mend()
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
