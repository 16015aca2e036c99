package viewtest

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver that a sample is changed through

	"ibfs/fs/view"
)

// A change is something that can be wrong with a database.
type change struct {
	name       string
	statements []string
}

// hostile are values that no column should hold, as SQL has them.
var hostile = append(texts(
	"../../../etc/passwd", "/etc/passwd", "..", ".", "", " ", "a/b", "CON.txt", "-rf", ".hidden", "caf\u00e9", "cafe\u0301", "CAF\u00c9",
	"\u202egpj.exe", "two\nlines\tand a tab", strings.Repeat("long name ", 60)+".jpeg", strings.Repeat("\U0001F469\u200D\U0001F680", 80),
	"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=1+1", "javascript:alert(1)", "a\x00b",
), "NULL", "-1", "9223372036854775807", "-9223372036854775808", "1e300", "-1e300", "0.5", "zeroblob(0)", "x'00ff00ff'", "CAST(x'fffe41' AS TEXT)",
	"x'62706c6973743030ffffffff'", "x'040b73747265616d747970656481e803'", "x'1f8b0800000000000003'", "zeroblob(100000)")

func texts(all ...string) (list []string) {
	for _, s := range all {
		list = append(list, fmt.Sprintf("CAST(x'%s' AS TEXT)", hex.EncodeToString([]byte(s))))
	}
	return list
}

// changes are, for each table: that it is not there, or has no row; and for
// each of its columns: that it is not there, holds nothing, or holds what it
// should not.
func changes(t *testing.T, db []byte) iter.Seq[change] {
	columns := schema(t, db)
	var tables []string
	for table := range columns {
		tables = append(tables, table)
	}
	slices.Sort(tables)
	return func(yield func(change) bool) {
		for _, table := range tables {
			q := view.Quote(table)
			if !yield(change{table + " is gone", []string{"DROP TABLE " + q}}) ||
				!yield(change{table + " is empty", []string{"DELETE FROM " + q}}) {
				return
			}
			for i, column := range columns[table] {
				of, name := view.Quote(column), table+"."+column
				// Each row gets another one of the values, and each column
				// begins with another.
				var each strings.Builder
				for n, v := range hostile {
					fmt.Fprintf(&each, " WHEN %d THEN %s", n, v)
				}
				update := fmt.Sprintf("UPDATE %s SET %s = CASE (rowid + %d) %% %d%s END", q, of, 7*i, len(hostile), each.String())
				if !yield(change{name + " is gone", []string{fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", q, of)}}) ||
					!yield(change{name + " is NULL", []string{fmt.Sprintf("UPDATE %s SET %s = NULL", q, of)}}) ||
					!yield(change{name + " is hostile", []string{update}}) {
					return
				}
			}
		}
	}
}

func schema(t *testing.T, db []byte) map[string][]string {
	t.Helper()
	columns := map[string][]string{}
	_, err := onCopy(t, db, func(c *sql.DB) error {
		rows, err := c.Query(`SELECT s.name, x.name FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS x
			WHERE s.type = 'table' AND s.rootpage > 0 AND s.name NOT LIKE 'sqlite_%' ORDER BY s.name, x.cid`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				return err
			}
			columns[table] = append(columns[table], column)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

// alter is a database after some statements.
func alter(t *testing.T, db []byte, statements []string) ([]byte, error) {
	t.Helper()
	return onCopy(t, db, func(c *sql.DB) error {
		for _, s := range statements {
			if _, err := c.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// onCopy works on a copy of a database, whose constraints are lifted, and
// returns what became of it.
func onCopy(t *testing.T, db []byte, do func(*sql.DB) error) ([]byte, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "db")
	db = slices.Clone(db)
	if len(db) > 20 {
		db[18], db[19] = 1, 1 // no log, so that all is in the one file
	}
	if err := os.WriteFile(name, db, 0o600); err != nil {
		return nil, err
	}
	uri := url.URL{Scheme: "file", Path: name} // the name of a folder of tests may have "#"
	c, err := sql.Open("sqlite", uri.String()+"?_pragma=journal_mode(memory)&_pragma=ignore_check_constraints(1)&_pragma=foreign_keys(0)")
	if err != nil {
		return nil, err
	}
	c.SetMaxOpenConns(1)
	err = do(c)
	if closeErr := c.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}
