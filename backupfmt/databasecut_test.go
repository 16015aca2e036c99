package backupfmt_test

import (
	"errors"
	"strings"
	"testing"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
)

// TestDatabaseCut tells a database that ends before it should, unless the rest
// can be in its log.
func TestDatabaseCut(t *testing.T) {
	whole, err := backuptest.Database("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000))")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		size int
		log  string
		cut  bool
	}{
		"whole":           {len(whole), "", false},
		"cut":             {len(whole) - 4096, "", true},
		"cut by a byte":   {len(whole) - 1, "", true},
		"cut, with a log": {len(whole) - 4096, "noise", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := backuptest.Backup{Files: []backuptest.File{
				{Domain: "HomeDomain", Path: "Library/x.db", Content: whole[:c.size]},
				{Domain: "HomeDomain", Path: "Library/x.db-wal", Content: []byte(c.log)},
			}}
			dir := t.TempDir()
			if err := backuptest.Write(dir, b); err != nil {
				t.Fatal(err)
			}
			db, err := openDir(t, dir, "").OpenDatabase(t.Context(), "HomeDomain", "Library/x.db")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			err = db.Cut()
			if (err != nil) != c.cut || c.cut && (!errors.Is(err, backupfmt.ErrDamaged) || !strings.Contains(err.Error(), "it ends after")) {
				t.Error(err)
			}
		})
	}
}
