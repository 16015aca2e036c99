package backuptest

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Where the manifest is while it is written. They are gone when Write returns.
const (
	workName = "Manifest.db.part"
	workWAL  = workName + "-wal"
)

// close ends the list of rows and puts Manifest.db in its place.
func (m *manifestDB) close() (manifestKey []byte, err error) {
	defer func() {
		if err = errors.Join(err, m.shut(), m.removeWork()); err != nil {
			err = fmt.Errorf("finish manifest: %w", err)
		}
	}()
	if err := m.exec("COMMIT;" + indices[m.b.DomainIndex] + commonIndices); err != nil {
		return nil, err
	}
	if err := m.shut(); err != nil {
		return nil, err
	}
	if m.key != nil {
		manifestKey = m.keys.wrap(4, m.key)
	}
	if m.wal() {
		return manifestKey, m.addLate()
	}
	if err := m.markWAL(); err != nil {
		return nil, err
	}
	if m.encrypted() {
		return manifestKey, m.encrypt()
	}
	return manifestKey, m.root.Rename(workName, "Manifest.db")
}

// markWAL sets the header's read and write version to 2, as a phone leaves
// them: the database is in WAL mode, without a -wal.
func (m *manifestDB) markWAL() error {
	f, err := m.root.OpenFile(workName, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{2, 2}, 18)
	return errors.Join(err, f.Close())
}

// addLate inserts the rows that waited and takes the database and its -wal as
// they are then, before SQLite would copy the one into the other.
func (m *manifestDB) addLate() error {
	if err := m.open("wal"); err != nil {
		return err
	}
	if err := m.begin(); err != nil {
		return err
	}
	for _, columns := range m.late {
		if _, err := m.insert.Exec(columns...); err != nil {
			return err
		}
	}
	if err := m.exec("COMMIT"); err != nil {
		return err
	}
	return errors.Join(m.copyTo("Manifest.db", workName), m.copyTo("Manifest.db-wal", workWAL))
}

// encrypt makes Manifest.db of the plain one.
func (m *manifestDB) encrypt() error {
	pad := PKCS7
	if m.b.UnpaddedManifest {
		pad = ZeroPad // a database is whole pages
	}
	return m.transform("Manifest.db", workName, func(w io.Writer, r io.Reader) error {
		_, err := encryptStream(w, r, mustAES(m.key), pad, make([]byte, 1<<20))
		return err
	})
}

func (m *manifestDB) copyTo(to, from string) error {
	return m.transform(to, from, func(w io.Writer, r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	})
}

func (m *manifestDB) transform(to, from string, f func(io.Writer, io.Reader) error) error {
	in, err := m.root.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := m.root.Create(to)
	if err != nil {
		return err
	}
	return errors.Join(f(out, in), out.Close())
}

func (m *manifestDB) removeWork() error {
	for _, name := range []string{workName, workWAL} {
		if err := m.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
