package backuptest

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

func rows(t *testing.T, name, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+name+"?_pragma=locking_mode(exclusive)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDatabase(t *testing.T) {
	data, err := Database("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
	if err != nil {
		t.Fatal(err)
	}
	if data[18] != 2 || data[19] != 2 {
		t.Errorf("header says %d/%d, not WAL", data[18], data[19])
	}
	name := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, name, "SELECT count(*) FROM t"); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	if _, err := Database("CREATE TABEL t"); err == nil {
		t.Error("no error for bad SQL")
	}
}

func TestDatabaseWithWAL(t *testing.T) {
	work := t.TempDir()
	data, wal, err := DatabaseWithWAL(work, "CREATE TABLE t (x); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2), (3)")
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("leaves %v", left)
	}
	for _, c := range []struct {
		name    string
		withWAL bool
		want    int
	}{{"alone", false, 1}, {"both", true, 3}} {
		name := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.withWAL {
			if err := os.WriteFile(name+"-wal", wal, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if n := rows(t, name, "SELECT count(*) FROM t"); n != c.want {
			t.Errorf("%s: %d rows, want %d", c.name, n, c.want)
		}
	}
}
