package backuptest

import (
	"crypto/cipher"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	_ "modernc.org/sqlite" // the database/sql driver
)

// A manifestDB writes Manifest.db. Its plain text lies in a file of another
// name beside it until all rows are in.
type manifestDB struct {
	dir  string // of the backup, for SQLite alone
	root *os.Root
	b    Backup

	db     *sql.DB
	insert *sql.Stmt

	record mbfile
	rowKey cipher.Block // iOS 10.0: of the rows' metadata
	key    []byte       // 10.2: of the whole file
	keys   *keyring

	late  [][]any // rows that go into the -wal
	count int64   // of rows so far
}

const schema = `
	CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
	CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
	PRAGMA user_version = 2;`

// Made when the rows are in, which is faster.
var indices = map[DomainIndex]string{
	ByDomain:        "CREATE INDEX FilesDomainIdx ON Files(domain);",
	ByDomainAndPath: "CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain, relativePath);",
}

const commonIndices = `
	CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
	CREATE INDEX FilesFlagsIdx ON Files(flags);`

func newManifestDB(dir string, root *os.Root, b Backup, keys *keyring, rnd *rand.ChaCha8) (index, error) {
	m := &manifestDB{dir: dir, root: root, b: b, keys: keys, record: mbfile{boxed: b.BoxedData}}
	if b.Generation == Modern && b.Encrypted() {
		m.key = random(rnd, 32)
	}
	if err := m.start(rnd); err != nil {
		return nil, errors.Join(fmt.Errorf("create manifest: %w", err), m.shut(), m.removeWork())
	}
	return m, nil
}

// start creates the tables and begins the one transaction of all rows.
func (m *manifestDB) start(rnd *rand.ChaCha8) error {
	if err := m.removeWork(); err != nil {
		return err
	}
	if err := m.open("off"); err != nil {
		return err
	}
	if err := m.exec(schema); err != nil {
		return err
	}
	if m.b.Generation == IOS10_0 && m.b.Encrypted() {
		salt := random(rnd, 20)
		salted := append([]byte(m.b.Password), salt...)
		hash, key := sha256.Sum256(salted), sha1.Sum(salted)
		m.rowKey = mustAES(key[:16])
		if err := m.exec("INSERT INTO Properties VALUES ('salt', ?), ('passwordHash', ?)", salt, hash[:]); err != nil {
			return err
		}
	}
	return m.begin()
}

// open opens the manifest that is being written.
func (m *manifestDB) open(journal string) (err error) {
	m.db, err = openSQLite(filepath.Join(m.dir, workName), journal)
	return err
}

func (m *manifestDB) exec(query string, args ...any) error {
	_, err := m.db.Exec(query, args...)
	return err
}

func (m *manifestDB) begin() (err error) {
	if err := m.exec("BEGIN"); err != nil {
		return err
	}
	m.insert, err = m.db.Prepare("INSERT INTO Files (rowid, fileID, domain, relativePath, flags, file) VALUES (?, ?, ?, ?, ?, ?)")
	return err
}

// shut closes the database, if it is open.
func (m *manifestDB) shut() error {
	var errs []error
	if m.insert != nil {
		errs = append(errs, m.insert.Close())
	}
	if m.db != nil {
		errs = append(errs, m.db.Close())
	}
	m.insert, m.db = nil, nil
	return errors.Join(errs...)
}

// add inserts a row. When the backup is to have a -wal, each third row waits
// for it.
func (m *manifestDB) add(r *row) error {
	flags := 1
	switch {
	case r.IsDir():
		flags = 2
	case r.IsLink():
		flags = 4
	}
	m.count++
	number := or(r.RowID, m.count)
	columns := []any{number, r.id, r.Domain, r.Path, or(r.Flags, flags), m.metadata(r)}
	if r.Null {
		columns = []any{number, r.id, nil, nil, or(r.Flags, 16), nil}
	}
	if m.wal() && m.count%3 == 0 {
		m.late = append(m.late, columns)
		return nil
	}
	_, err := m.insert.Exec(columns...)
	return err
}

// wal says whether some rows go into a -wal.
func (m *manifestDB) wal() bool { return m.b.WAL && !m.encrypted() }

// encrypted says whether Manifest.db is encrypted as a whole.
func (m *manifestDB) encrypted() bool { return m.key != nil && !m.b.ClearIndex }

// metadata is the file column of a row.
func (m *manifestDB) metadata(r *row) []byte {
	record := r.Record
	if record == nil {
		record = m.record.encode(r)
	}
	if m.rowKey != nil {
		iv := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
		record = padded(slices.Clone(record), PKCS7)
		cipher.NewCBCEncrypter(m.rowKey, iv).CryptBlocks(record, record)
	}
	if m.wal() {
		record = slices.Clone(record)
	}
	return record
}
