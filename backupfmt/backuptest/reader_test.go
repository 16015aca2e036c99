package backuptest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"howett.net/plist"
)

// A reading is a backup as a reader with no care for speed or damage sees it.
type reading struct {
	dir      string
	manifest map[string]any
	keys     map[uint32][]byte  // class keys
	clear    bool               // blobs are stored plain
	rows     map[string]*stored // by fileID
}

// stored is a row as it lies in the manifest: record is its metadata, nil in
// a Manifest.mbdb, which has it all in the row.
type stored struct {
	row
	record []byte
}

// read opens a backup. password "" is for a plain one.
func read(t *testing.T, dir, password string) *reading {
	t.Helper()
	r := &reading{dir: dir, rows: make(map[string]*stored)}
	data, err := os.ReadFile(filepath.Join(dir, "Manifest.plist"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plist.Unmarshal(data, &r.manifest); err != nil {
		t.Fatal(err)
	}
	r.clear = !r.manifest["IsEncrypted"].(bool)
	if !r.clear {
		r.keys = unlock(t, r.manifest["BackupKeyBag"].([]byte), password)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "Manifest.mbdb")); err == nil {
		r.readMBDB(t, data)
		return r
	}
	name := filepath.Join(dir, "Manifest.db")
	if wrapped, ok := r.manifest["ManifestKey"].([]byte); ok && !isSQLite(t, name) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(t.TempDir(), "Manifest.db")
		block := mustAES(r.fileKey(t, wrapped))
		cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(data, data)
		if err := os.WriteFile(name, data, 0o600); err != nil { // SQLite minds no padding
			t.Fatal(err)
		}
	}
	r.readDB(t, name, password)
	return r
}

func isSQLite(t *testing.T, name string) bool {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.HasPrefix(data, []byte("SQLite format 3\x00"))
}

// unlock gives the class keys that the password opens.
func unlock(t *testing.T, bag []byte, password string) map[uint32][]byte {
	t.Helper()
	head := make(map[string][]byte)
	var classes []map[string][]byte
	in := head
	for len(bag) > 0 {
		tag, n := string(bag[:4]), binary.BigEndian.Uint32(bag[4:])
		if tag == "UUID" && head["UUID"] != nil {
			in = make(map[string][]byte)
			classes = append(classes, in)
		}
		in[tag], bag = bag[8:8+n], bag[8+n:]
	}
	number := func(b []byte) int { return int(binary.BigEndian.Uint32(b)) }
	key := []byte(password)
	var err error
	if head["DPSL"] != nil {
		if key, err = pbkdf2.Key(sha256.New, string(key), head["DPSL"], number(head["DPIC"]), 32); err != nil {
			t.Fatal(err)
		}
	}
	if key, err = pbkdf2.Key(sha1.New, string(key), head["SALT"], number(head["ITER"]), 32); err != nil {
		t.Fatal(err)
	}
	if len(classes) != 11 {
		t.Errorf("%d classes, want 11", len(classes))
	}
	keys := make(map[uint32][]byte)
	for i, c := range classes {
		class := number(c["CLAS"])
		if class != 11-i {
			t.Errorf("class %d is in place %d", class, i)
		}
		k, ok := unwrap(key, c["WPKY"])
		if !ok {
			t.Errorf("class %d does not unwrap", class)
		}
		if number(c["WRAP"]) == 2 {
			keys[uint32(class)] = k
		}
	}
	return keys
}

// unwrap is RFC 3394 section 2.2.2.
func unwrap(kek, wrapped []byte) ([]byte, bool) {
	block := mustAES(kek)
	a := binary.BigEndian.Uint64(wrapped)
	r := bytes.Clone(wrapped[8:])
	n := len(r) / 8
	for t := 6 * n; t > 0; t-- {
		i := (t - 1) % n * 8
		b := binary.BigEndian.AppendUint64(nil, a^uint64(t))
		b = append(b, r[i:i+8]...)
		block.Decrypt(b, b)
		a = binary.BigEndian.Uint64(b)
		copy(r[i:], b[8:])
	}
	return r, a == 0xA6A6A6A6A6A6A6A6
}

// fileKey opens the 44 bytes of class and wrapped key.
func (r *reading) fileKey(t *testing.T, b []byte) []byte {
	t.Helper()
	key, ok := unwrap(r.keys[binary.LittleEndian.Uint32(b)], b[4:])
	if !ok {
		t.Fatalf("key %x does not unwrap", b)
	}
	return key
}

// decrypt is AES-CBC with a zero IV and PKCS#7 padding.
func decrypt(t *testing.T, key, data []byte) []byte {
	t.Helper()
	out, err := cbc(key, make([]byte, 16), data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func cbc(key, iv, data []byte) ([]byte, error) {
	if len(data) == 0 || len(data)%16 != 0 {
		return nil, fmt.Errorf("%d bytes of ciphertext", len(data))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	n := int(out[len(out)-1])
	if n < 1 || n > 16 || !bytes.Equal(out[len(out)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, fmt.Errorf("padding %x", out[len(out)-16:])
	}
	return out[:len(out)-n], nil
}

func (r *reading) readDB(t *testing.T, name, password string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: name}).EscapedPath()+"?_pragma=locking_mode(exclusive)&_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var salt []byte
	if err := db.QueryRow("SELECT value FROM Properties WHERE key = 'salt'").Scan(&salt); err != nil && err != sql.ErrNoRows {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT rowid, fileID, domain, relativePath, flags, file FROM Files ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var domain, path sql.NullString
		var flags int
		var rowid int64
		var record []byte
		if err := rows.Scan(&rowid, &id, &domain, &path, &flags, &record); err != nil {
			t.Fatal(err)
		}
		if salt != nil && record != nil {
			key := sha1.Sum(slices.Concat([]byte(password), salt))
			if record, err = cbc(key[:16], []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"), record); err != nil {
				t.Fatal(err)
			}
		}
		r.rows[id] = &stored{record: slices.Clone(record), row: row{
			id:   id,
			File: File{Domain: domain.String, Path: path.String, Flags: flags, RowID: rowid, Null: !domain.Valid},
		}}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func (r *reading) readMBDB(t *testing.T, data []byte) {
	t.Helper()
	data, ok := bytes.CutPrefix(data, []byte("mbdb\x05\x00"))
	if !ok {
		t.Fatal("no mbdb header")
	}
	take := func(n int) (b []byte) { b, data = data[:n], data[n:]; return b }
	number := func(n int) int64 { return int64(binary.BigEndian.Uint64(append(make([]byte, 8-n), take(n)...))) }
	str := func() []byte {
		if n := number(2); n != 0xFFFF {
			return take(int(n))
		}
		return nil
	}
	for len(data) > 0 {
		x := &stored{}
		x.Domain, x.Path, x.Target = string(str()), string(str()), string(str())
		x.digest, x.key = str(), str()
		x.Mode, x.inode = uint16(number(2)), uint64(number(8))
		x.userID, x.groupID = int64(int32(number(4))), int64(int32(number(4)))
		x.modTime, x.changed, x.birth = number(4), number(4), number(4)
		x.size, x.class = number(8), uint8(number(1))
		if n := number(1); n > 0 {
			x.Xattrs = make(map[string][]byte)
			for range n {
				name := string(str())
				x.Xattrs[name] = str()
			}
		}
		x.id = FileID(x.Domain, x.Path)
		r.rows[x.id] = x
	}
}

// row gives a row with its metadata, nil when there is none.
func (r *reading) row(t *testing.T, id string) *row {
	t.Helper()
	s := r.rows[id]
	switch {
	case s == nil:
		return nil
	case s.record == nil:
		return &s.row
	}
	x := decode(t, s.record)
	if x.Path != s.Path {
		t.Errorf("%s: path %q in the column, %q in the record", id, s.Path, x.Path)
	}
	x.id, x.Domain = s.id, s.Domain
	return x
}

// blob is what is stored of a row; nil when nothing is.
func (r *reading) blob(x *row) []byte {
	for _, name := range []string{filepath.Join(x.id[:2], x.id), x.id} {
		if data, err := os.ReadFile(filepath.Join(r.dir, name)); err == nil {
			return data
		}
	}
	return nil
}

// content is the content of a row, decrypted.
func (r *reading) content(t *testing.T, x *row) []byte {
	t.Helper()
	if r.clear {
		return r.blob(x)
	}
	return decrypt(t, r.fileKey(t, x.key), r.blob(x))
}

// sent is the hash of what the phone sent of a row: the blob, but for one that
// was decrypted since.
func (r *reading) sent(t *testing.T, x *row) []byte {
	t.Helper()
	data := r.blob(x)
	if r.clear && x.key != nil {
		data = padded(data, PKCS7)
		cipher.NewCBCEncrypter(mustAES(r.fileKey(t, x.key)), make([]byte, 16)).CryptBlocks(data, data)
	}
	sum := sha1.Sum(data)
	return sum[:]
}
