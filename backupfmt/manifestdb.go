package backupfmt

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	iofs "io/fs"
)

// manifestDB is the manifest of iOS 10 and later: a SQLite database with one
// row a file, folder or link.
//
//	Files(fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)
//
// No index but the primary key's is required, and none is named.
type manifestDB struct {
	db, wal content
	rowKey  []byte // iOS 10.0 encrypted the file column by itself; nil elsewhere
	d       *Database
}

const rowColumns = "rowid, fileID, domain, relativePath, flags, file"

func openManifestDB(ctx context.Context, db, wal content) (*manifestDB, error) {
	d, err := openDatabase(ctx, db, wal)
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return &manifestDB{db: db, wal: wal, d: d}, nil
}

// checkSchema refuses a Files that is no plain table: a view or a computed
// column could make rows without end.
func checkSchema(ctx context.Context, d *Database) error {
	var kind string
	err := d.QueryRowContext(ctx, "SELECT type FROM sqlite_schema WHERE name = 'Files' AND rootpage > 0").Scan(&kind)
	if err != nil {
		return cmp.Or(ctx.Err(), fmt.Errorf("%w: no table Files: %w", ErrDamaged, err))
	}
	var plain int
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_xinfo('Files')
		WHERE hidden = 0 AND name IN ('fileID', 'domain', 'relativePath', 'flags', 'file')`).Scan(&plain)
	if err != nil || kind != "table" || plain != 5 {
		return cmp.Or(ctx.Err(), fmt.Errorf("%w: Files is not the table of a manifest", ErrDamaged))
	}
	return nil
}

func (m *manifestDB) Close() error { return m.d.Close() }

// glance compares the length of the file with the one in its header. That may
// be ahead of the file while there is a log.
func (m *manifestDB) glance() error {
	size, err := databaseSize(m.db)
	if err == nil && size > m.db.size && m.wal.ReaderAt == nil {
		err = fmt.Errorf("%w: Manifest.db is cut after %d of %d bytes", ErrDamaged, m.db.size, size)
	}
	return err
}

// check has SQLite look through the whole database, and returns what it finds.
func (m *manifestDB) check(ctx context.Context) (found []string, err error) {
	rows, err := m.d.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return found, err
		}
		if text != "ok" {
			found = append(found, "the manifest is damaged: "+text)
		}
	}
	return found, rows.Err()
}

// properties are the salt and the password hash that iOS 10.0 kept.
func (m *manifestDB) properties(ctx context.Context) (salt, hash []byte) {
	for key, to := range map[string]*[]byte{"salt": &salt, "passwordHash": &hash} {
		// What is not there stays nil: only iOS 10.0 has them.
		_ = m.d.QueryRowContext(ctx, "SELECT value FROM Properties WHERE key = ?", key).Scan(to)
	}
	return salt, hash
}

// lookup finds the row of a fileID, by the primary key.
func (m *manifestDB) lookup(ctx context.Context, domain, path string) (Entry, error) {
	id := fileID(domain, path)
	var e int64
	var d, p sql.NullString
	err := m.d.QueryRowContext(ctx, "SELECT rowid, domain, relativePath FROM Files WHERE fileID = ?",
		hex.EncodeToString(id[:])).Scan(&e, &d, &p)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && (d.String != domain || p.String != path || e < 1 || e > maxRow):
		return 0, iofs.ErrNotExist
	case err != nil:
		return 0, fmt.Errorf("read manifest: %w", err)
	}
	return Entry(e), nil
}

// domains lists the domains by a skip scan over an index that leads with the
// domain. It needs the whole index where there is none such, and where a domain
// has no row of its own, whose number only the whole can tell.
func (m *manifestDB) domains(ctx context.Context) ([]Domain, error) {
	var leading int
	err := m.d.QueryRowContext(ctx, `SELECT count(*) FROM pragma_index_list('Files') AS i,
		pragma_index_info(i.name) AS c WHERE c.seqno = 0 AND c.name = 'domain' AND i.partial = 0`).Scan(&leading)
	if err != nil || leading == 0 {
		return nil, cmp.Or(ctx.Err(), errNeedIndex)
	}
	next, err := m.d.PrepareContext(ctx, "SELECT min(domain) FROM Files WHERE domain > ?")
	if err != nil {
		return nil, cmp.Or(ctx.Err(), errNeedIndex)
	}
	defer next.Close()
	var all []Domain
	var last string
	for {
		var name sql.NullString
		if err := next.QueryRowContext(ctx, last).Scan(&name); err != nil {
			return nil, cmp.Or(ctx.Err(), errNeedIndex)
		}
		if !name.Valid {
			return all, nil
		}
		if name.String <= last {
			return nil, errNeedIndex // not text, so that there is no order to follow
		}
		last = name.String
		e, err := m.lookup(ctx, last, "")
		if err != nil || !m.isDomain(ctx, e, last) {
			return nil, cmp.Or(ctx.Err(), errNeedIndex)
		}
		all = append(all, Domain{Name: last, Entry: e})
	}
}

// isDomain reports that a row is one that the index shows as a domain's folder,
// under its own name.
func (m *manifestDB) isDomain(ctx context.Context, e Entry, name string) bool {
	r, err := m.row(ctx, e)
	if err != nil || r.row.mode&modeType != modeDir || string(shownName([]byte(name))) != name {
		return false
	}
	return checkRow(&row{domain: []byte(name), mode: modeDir}) == nil
}

// row reads one row whole.
func (m *manifestDB) row(ctx context.Context, e Entry) (*Row, error) {
	rows, err := m.d.QueryContext(ctx, "SELECT "+rowColumns+" FROM Files WHERE rowid = ?", int64(e))
	if err != nil {
		return nil, fmt.Errorf("read manifest row %d: %w", e, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, fmt.Errorf("read manifest row %d: %w", e, cmp.Or(rows.Err(), iofs.ErrNotExist))
	}
	sc := scanner{m: m}
	r, err := sc.scan(rows)
	if err != nil {
		return nil, fmt.Errorf("read manifest row %d: %w", e, err)
	}
	var rec Record
	if sc.decoded {
		if err := decodeRecord(bytes.Clone(sc.metadata), &rec); err != nil {
			return nil, fmt.Errorf("read manifest row %d: %w", e, err)
		}
	}
	return newRow(r, rec), nil
}

// scanner turns rows of the table into rows of the index, with buffers that
// it keeps.
type scanner struct {
	m        *manifestDB
	row      row
	rec      Record
	metadata []byte // of the row, decrypted
	decoded  bool   // rec is what metadata tells

	id, domain, path, file sql.RawBytes
	flags                  any
}

// errSkip is a row that holds nothing and is no damage.
var errSkip = errors.New("row without content")

// scan reads the row that rows stands at. Metadata that cannot be read leaves
// what the other columns tell; its content then counts as ciphertext without a
// key.
func (s *scanner) scan(rows *sql.Rows) (*row, error) {
	var e int64
	r := &s.row
	*r = row{}
	if err := rows.Scan(&e, &s.id, &s.domain, &s.path, &s.flags, &s.file); err != nil {
		return r, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r.domain, r.path = s.domain, s.path
	if s.domain == nil {
		return r, errSkip
	}
	if e < 1 || e > maxRow {
		return r, fmt.Errorf("%w: %d", errRowID, e)
	}
	r.entry = Entry(e)
	id, ok := parseFileID(s.id)
	if !ok {
		return r, errFileID
	}
	r.fileID = id
	s.metadata = s.file
	if s.m.rowKey != nil {
		s.metadata = decryptRow(s.m.rowKey, s.file)
	}
	kind := kindOfFlags(s.flags)
	s.decoded = decodeRecord(s.metadata, &s.rec) == nil
	switch {
	case s.decoded:
		return r, r.setRecord(&s.rec, kind)
	case kind == 0:
		return r, errType
	}
	r.mode, r.flags, r.size = kind|0o444, badKey, -1
	return r, nil
}

// kindOfFlags is the type that the flags column tells, 0 for none.
func kindOfFlags(v any) uint16 {
	switch f, _ := v.(int64); f {
	case 1:
		return modeFile
	case 2:
		return modeDir
	case 4:
		return modeLink
	}
	return 0
}
