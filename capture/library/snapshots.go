package library

import (
	"cmp"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const recordSuffix = ".json"

// A Record is what is known of a snapshot beside what it says itself.
type Record struct {
	Schema    int       `json:"schema"`
	Taken     time.Time `json:"taken"`     // the instant of the backup
	Published time.Time `json:"published"` // when it came into the library
	Base      string    `json:"base"`      // the snapshot it was cloned from, "" when none
	Way       Way       `json:"way"`       // how
	Verified  Verified  `json:"verified"`  // what was proved before it was published
	Files     int64     `json:"files"`
	Bytes     int64     `json:"bytes"`
	// OwnBytes are those that it did not share with its base when it was
	// published. What removing it would free, [Device.Usage] tells.
	OwnBytes int64 `json:"ownBytes"`
}

// Verified says how much of a snapshot was proved before it was published.
type Verified string

// What can be proved depends on whether the backup's password is at hand.
const (
	VerifiedAll     Verified = "all"     // each file, when it arrived, decrypted
	VerifiedVisible Verified = "visible" // what can be seen without the password; of some files it may be more
)

// A Snapshot is a finished backup in the library.
type Snapshot struct {
	Name   string // of its folder
	Path   string // its folder
	Record        // Taken alone is known when the record is lost
}

// Good says that the snapshot is known to have been verified.
func (s Snapshot) Good() bool { return s.Verified != "" }

// Snapshots are those of the device, in the order of their instants. It reads
// their records alone, so it takes no longer for a large backup.
func (d *Device) Snapshots() ([]Snapshot, error) {
	root, err := os.OpenRoot(d.Dir())
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	defer root.Close()
	entries, err := iofs.ReadDir(root.FS(), snapshotsDir)
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	var all []Snapshot
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		s := Snapshot{Name: e.Name(), Path: filepath.Join(d.Dir(), snapshotsDir, e.Name())}
		err := readJSON(root, snapshotsDir+"/"+e.Name()+recordSuffix, &s.Record)
		if err == nil && s.Schema > schema {
			return nil, fmt.Errorf("snapshot %s: schema %d: %w", s.Name, s.Schema, ErrNewer)
		}
		if err != nil || s.Taken.IsZero() {
			d.lib.log.Warn("what is known of a snapshot is lost; its name tells when it was taken", "snapshot", s.Name, "err", err)
			s.Record = Record{Taken: d.takenByName(e)}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Snapshot) int {
		return cmp.Or(a.Taken.Compare(b.Taken), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

func (d *Device) takenByName(e iofs.DirEntry) time.Time {
	if at, ok := nameInstant(e.Name(), d.lib.zone); ok {
		return at
	}
	if fi, err := e.Info(); err == nil {
		return fi.ModTime()
	}
	return time.Time{}
}

// newest is the last of the device's snapshots; its name is "" when there is none.
func (d *Device) newest() (Snapshot, error) {
	all, err := d.Snapshots()
	if err != nil || len(all) == 0 {
		return Snapshot{}, err
	}
	return all[len(all)-1], nil
}
