package backuptest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// Database is a SQLite database as a file's content, made by statements. Its
// header says WAL mode, as that of most databases in a backup does.
func Database(statements string) ([]byte, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, statements); err != nil {
		return nil, fmt.Errorf("make database: %w", err)
	}
	var data []byte
	err = conn.Raw(func(c any) error {
		data, err = c.(interface{ Serialize() ([]byte, error) }).Serialize()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make database: %w", err)
	}
	data[18], data[19] = 2, 2
	return data, nil
}

// DatabaseWithWAL is a database and its -wal: what late does is in the -wal
// alone. It works in dir and leaves nothing there.
func DatabaseWithWAL(dir, statements, late string) (db, wal []byte, err error) {
	dir, err = os.MkdirTemp(dir, "database")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name := filepath.Join(dir, "db")
	c, err := openSQLite(name, "wal")
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	for _, s := range []string{statements, "PRAGMA wal_checkpoint(truncate)", late} {
		if _, err := c.Exec(s); err != nil {
			return nil, nil, fmt.Errorf("make database: %w", err)
		}
	}
	if db, err = os.ReadFile(name); err != nil {
		return nil, nil, err
	}
	wal, err = os.ReadFile(name + "-wal")
	return db, wal, err
}

// openSQLite opens a database for writing alone and fast, with one connection.
// Nothing is moved from a -wal into it until it is closed.
func openSQLite(name, journal string) (*sql.DB, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: url.Values{"_pragma": {
		"page_size(4096)", "auto_vacuum(2)", "locking_mode(exclusive)", "journal_mode(" + journal + ")",
		"wal_autocheckpoint(0)", "synchronous(off)", "temp_store(memory)", "cache_size(-262144)",
	}}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// sampleDB is a database with two tables and 200 rows.
var sampleDB = sync.OnceValue(func() []byte {
	data, err := Database(`
		CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
		CREATE TABLE message (ROWID INTEGER PRIMARY KEY, text TEXT, handle_id INTEGER, date INTEGER);
		INSERT INTO handle VALUES (1, '+15550100'), (2, 'anna@example.com');
		INSERT INTO message WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
			SELECT i, 'message ' || i, 1 + i % 2, 700000000000000000 + i * 60000000000 FROM n;
		CREATE INDEX message_date ON message(date);`)
	if err != nil {
		panic(err) // the statements are above
	}
	return data
})
