package backupfmt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	iofs "io/fs"

	"ibfs/backupfmt/internal/sqlite"
)

// manifestDB is the manifest of iOS 10 and later: a SQLite database with one
// row a file, folder or link.
//
//	Files(fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)
//
// No index but the primary key's is required, and none is named.
type manifestDB struct {
	db, wal content
	log     error  // how the log is damaged, nil where it is not
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
	log := checkLog(ctx, wal)
	if Passing(log) {
		return nil, errors.Join(log, d.Close())
	}
	if log != nil {
		log = fmt.Errorf("its log, Manifest.db-wal, which has the rows written last: %w", log)
	}
	return &manifestDB{db: db, wal: wal, d: d, log: log}, nil
}

// checkSchema refuses a Files that is no plain table: a view or a computed
// column could make rows without end.
func checkSchema(ctx context.Context, d *Database) error {
	var kind string
	found, err := d.First(ctx, func(r *sqlite.Row) { kind = string(r.Bytes(0)) },
		"SELECT type FROM sqlite_schema WHERE name = 'Files' AND rootpage > 0")
	if err != nil {
		return damage(err)
	}
	if !found {
		return fmt.Errorf("%w: no table Files", ErrDamaged)
	}
	var plain int64
	_, err = d.First(ctx, func(r *sqlite.Row) { plain = r.Int(0) }, `SELECT count(*) FROM pragma_table_xinfo('Files')
		WHERE hidden = 0 AND name IN ('fileID', 'domain', 'relativePath', 'flags', 'file')`)
	if err != nil {
		return damage(err)
	}
	if kind != "table" || plain != 5 {
		return fmt.Errorf("%w: Files is not the table of a manifest", ErrDamaged)
	}
	return nil
}

// damage is an error of a query as one of the manifest, unless it passes.
func damage(err error) error {
	if Passing(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

func (m *manifestDB) Close() error { return m.d.Close() }

// glance looks at the log, and compares the length of the file with the one in
// its header. That may be ahead of the file while there is a log.
func (m *manifestDB) glance() error {
	if m.log != nil {
		return m.log
	}
	size, err := databaseSize(m.db)
	if err == nil && size > m.db.size && m.wal.ReaderAt == nil {
		err = fmt.Errorf("%w: Manifest.db is cut after %d of %d bytes", ErrDamaged, m.db.size, size)
	}
	return err
}

// maxClaim is how many times as long as it is a database may say that it is, for
// a check of it.
const maxClaim = 64

// checkCache is how many bytes of a database are held while it is checked: SQLite looks
// up each row in each index. With the 2 MB that it takes by itself, a manifest of 1.2 GB
// took six times as long.
const checkCache = 128 << 20

// check has SQLite look through the whole database, and returns what it finds.
// What it finds where the disk fails is no damage. It takes memory by the pages
// that the header claims, so a claim that is far off is all that is found.
func (m *manifestDB) check(ctx context.Context) (found []string, err error) {
	size, err := databaseSize(m.db)
	if err != nil {
		return nil, err
	}
	if size/maxClaim > m.db.size {
		return []string{fmt.Sprintf("the manifest is damaged: it has %d bytes, and its header says %d", m.db.size, size)}, nil
	}
	d, err := openDatabase(ctx, m.db, m.wal, fmt.Sprintf("cache_size(-%d)", checkCache>>10))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	for row, err := range d.Query(ctx, "PRAGMA integrity_check(20)") {
		if Passing(err) {
			return nil, err
		}
		if err != nil {
			return found, err
		}
		if text := string(row.Bytes(0)); text != "ok" {
			found = append(found, "the manifest is damaged: "+text)
		}
	}
	return found, nil
}

// properties are the salt and the password hash that iOS 10.0 kept, nil where
// there is none.
func (m *manifestDB) properties(ctx context.Context) (salt, hash []byte, err error) {
	has, err := m.d.First(ctx, func(*sqlite.Row) {}, "SELECT 1 FROM sqlite_schema WHERE name = 'Properties' AND rootpage > 0")
	if err != nil {
		return nil, nil, damage(err)
	}
	if !has {
		return nil, nil, nil
	}
	for key, to := range map[string]*[]byte{"salt": &salt, "passwordHash": &hash} {
		_, err := m.d.First(ctx, func(r *sqlite.Row) { *to = bytes.Clone(r.Bytes(0)) }, "SELECT value FROM Properties WHERE key = ?", key)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s of the manifest: %w", key, damage(err))
		}
	}
	return salt, hash, nil
}

// lookup finds the row of a fileID, by the primary key. It needs the whole index
// where key and table do not agree.
func (m *manifestDB) lookup(ctx context.Context, domain, path string) (Entry, error) {
	id := fileID(domain, path)
	var e int64
	same := false
	found, err := m.d.First(ctx, func(r *sqlite.Row) {
		e, same = r.Int(0), string(r.Bytes(1)) == domain && string(r.Bytes(2)) == path
	}, "SELECT rowid, domain, relativePath FROM Files WHERE fileID = ?", hex.EncodeToString(id[:]))
	switch {
	case Passing(err):
		return 0, fmt.Errorf("read manifest: %w", err)
	case !found && err == nil:
		return 0, iofs.ErrNotExist
	case err != nil, !same, e < 1, e > maxRow:
		return 0, errNeedIndex
	}
	return Entry(e), nil
}

// lists reports that the index of the primary key gives a row the number that it
// has. The error is one that passes.
func (m *manifestDB) lists(ctx context.Context, r *row) (bool, error) {
	var e int64
	_, err := m.d.First(ctx, func(r *sqlite.Row) { e = r.Int(0) }, "SELECT rowid FROM Files WHERE fileID = ?", hexID(r.fileID))
	return err == nil && e == int64(r.entry), ifPassing(err)
}

// domains lists the domains by a skip scan over an index that leads with the
// domain. It needs the whole index where there is none such, and where a domain
// has no row of its own, whose number only the whole can tell.
func (m *manifestDB) domains(ctx context.Context) ([]Domain, error) {
	leading := false
	_, err := m.d.First(ctx, func(r *sqlite.Row) { leading = r.Int(0) > 0 }, `SELECT count(*) FROM pragma_index_list('Files') AS i,
		pragma_index_info(i.name) AS c WHERE c.seqno = 0 AND c.name = 'domain' AND i.partial = 0`)
	if err != nil || !leading {
		return nil, cmp.Or(ctx.Err(), errNeedIndex)
	}
	var all []Domain
	var last string
	for {
		var name []byte
		_, err := m.d.First(ctx, func(r *sqlite.Row) { name = bytes.Clone(r.Bytes(0)) }, "SELECT min(domain) FROM Files WHERE domain > ?", last)
		switch {
		case err != nil:
			return nil, cmp.Or(ctx.Err(), errNeedIndex)
		case name == nil:
			return all, nil
		case string(name) <= last:
			return nil, errNeedIndex // not text, so that there is no order to follow
		}
		last = string(name)
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
	var row *Row
	var bad error
	_, err := m.d.First(ctx, func(r *sqlite.Row) { row, bad = m.read(r) }, "SELECT "+rowColumns+" FROM Files WHERE rowid = ?", int64(e))
	if err = cmp.Or(err, bad); err == nil && row == nil {
		err = iofs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest row %d: %w", e, err)
	}
	return row, nil
}

// read makes a Row of what a query gave.
func (m *manifestDB) read(from *sqlite.Row) (*Row, error) {
	sc := scanner{m: m}
	r, err := sc.scan(from)
	if err != nil {
		return nil, err
	}
	var rec Record
	if sc.decoded {
		if err := decodeRecord(bytes.Clone(sc.metadata), &rec); err != nil {
			return nil, err
		}
	}
	return newRow(r, rec), nil
}

// scanner turns rows of the table into rows of the index, in memory that it
// keeps.
type scanner struct {
	m        *manifestDB
	row      row
	rec      Record
	metadata []byte // of the row, decrypted
	decoded  bool   // rec is what metadata tells
}

// errSkip is a row that holds nothing and is no damage.
var errSkip = errors.New("row without content")

// scan reads one row. Metadata that cannot be read leaves
// what the other columns tell; its content then counts as ciphertext without a
// key.
func (s *scanner) scan(from *sqlite.Row) (*row, error) {
	e := from.Int(0)
	r := &s.row
	*r = row{domain: from.Bytes(2), path: from.Bytes(3)}
	if e >= 1 && e <= maxRow {
		r.entry = Entry(e)
	}
	id, ok := parseFileID(from.Bytes(1))
	r.fileID = id
	switch {
	case r.entry == 0 && r.domain != nil:
		return r, fmt.Errorf("%w: %d", errRowID, e)
	case !ok:
		return r, errFileID
	case r.domain == nil && r.path == nil && from.Null(5):
		return r, errSkip
	}
	s.metadata = from.Bytes(5)
	if s.m.rowKey != nil {
		s.metadata = decryptRow(s.m.rowKey, s.metadata)
	}
	kind := kindOfFlags(from.Int(4))
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
func kindOfFlags(flags int64) uint16 {
	switch flags {
	case 1:
		return modeFile
	case 2:
		return modeDir
	case 4:
		return modeLink
	}
	return 0
}
