package backupfmt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestDeepFoldersWithoutRows: few rows name many folders that have none. That
// costs no more than the rows do, and each row that is not shown is told.
func TestDeepFoldersWithoutRows(t *testing.T) {
	const depth = 2040
	for name, c := range map[string]struct {
		rows int
		all  bool
	}{
		"few":  {16, true},
		"many": {160, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := backuptest.Backup{Bare: true}
			for i := range c.rows {
				b.Files = append(b.Files, backuptest.File{
					Domain: "HomeDomain", Path: fmt.Sprintf("%d/%sx", i, strings.Repeat("p/", depth)), Content: []byte{byte(i)},
				})
			}
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			x, err := openDir(t, dir, "").Index(ctx)
			if err != nil {
				t.Fatal(err)
			}
			files, _ := x.Totals()
			lost, told := x.Damage()
			if files+lost != c.rows || (lost == 0) != c.all || files < 16 {
				t.Errorf("%d files are shown and %d are not", files, lost)
			}
			if lost > 0 && (!errors.Is(told[0].Err, backupfmt.ErrDamaged) || !strings.Contains(told[0].Err.Error(), "more folders than")) {
				t.Error(told[0].Err)
			}
			if most := 16*(1<<14) + 9*c.rows; x.Len() > most {
				t.Errorf("%d entries, want at most %d", x.Len(), most)
			}
			if first := x.Name(backupfmt.Entry(c.rows + 1)); c.all && first != "HomeDomain" {
				t.Errorf("the first folder behind the rows is %q", first)
			}
		})
	}
}
