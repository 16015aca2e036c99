// Package backuptest writes synthetic iPhone backups from a few lines of Go:
// every generation, plain and encrypted, sound and damaged, from some dozens
// of rows to more than a million. Tests, the demo and the benchmark use it.
//
// It is written from the format alone and shares no code with the reader in
// backupfmt, so that each checks the other. It writes only below the folder
// that it is given. What it writes depends on nothing but its input: the same
// Backup gives the same bytes.
//
//	b := backuptest.Backup{Password: "secret", Files: []backuptest.File{
//		{Domain: "HomeDomain", Path: "Library/SMS/sms.db", Content: db},
//	}}
//	err := backuptest.Write(dir, b)
package backuptest

import (
	"fmt"
	"iter"
	"time"
)

// A Generation is the form of a backup, after the iOS versions that write it.
// A Backup of any generation is encrypted when it has a Password.
type Generation int

const (
	// Modern is iOS 10.2 and later: Manifest.db, encrypted as a whole in an
	// encrypted backup, with a two-stage key derivation.
	Modern Generation = iota

	// IOS10_1 has a plain Manifest.db and one stage of PBKDF2-SHA1, also when
	// the blobs are encrypted.
	IOS10_1

	// IOS10_0 is IOS10_1 with the rows' metadata under AES-128, its key in
	// the Properties table's salt and the password.
	IOS10_0

	// MBDB is iOS 4 to 9: Manifest.mbdb, and blobs without shard folders.
	MBDB
)

func (g Generation) String() string {
	switch g {
	case Modern:
		return "10.2"
	case IOS10_1:
		return "10.1"
	case IOS10_0:
		return "10.0"
	case MBDB:
		return "mbdb"
	}
	return fmt.Sprintf("Generation(%d)", int(g))
}

// Rounds are the rounds of the key derivation. Zero fields are cheap ones:
// 1,000 of SHA-256 and 10 of SHA-1.
type Rounds struct{ SHA256, SHA1 int }

// RealRounds are those of a real phone. Deriving takes some seconds.
var RealRounds = Rounds{SHA256: 10_000_000, SHA1: 10_000}

// DomainIndex says which of its indices on Files.domain a Manifest.db has.
type DomainIndex int

const (
	ByDomain        DomainIndex = iota // FilesDomainIdx(domain)
	ByDomainAndPath                    // FilesDomainsRelativePathIdx(domain, relativePath), newer agents
	NoDomainIndex
)

// An App is an app that the user installed.
type App struct {
	ID      string // bundle identifier
	Name    string // title in the App Store; "" leaves it out of Info.plist's Applications, as for a side-loaded app
	Version string // "" is "1.0"
	Groups  []string
	Plugins []string
}

// A Backup is what Write writes. The zero value is an unencrypted backup of
// the newest generation without a row.
type Backup struct {
	Generation Generation
	Password   string // "" makes an unencrypted backup
	Rounds     Rounds

	UDID           string    // "" is one of the generation's form
	DeviceName     string    // "" is "Test iPhone"
	ProductType    string    // "" is one of the generation's time
	ProductVersion string    // "" is one of the generation's versions
	Date           time.Time // of the backup; zero is 2026-11-20 08:15:02 UTC
	State          string    // Status.plist's SnapshotState; "" is "finished"

	Apps   []App
	Files  []File
	Stream iter.Seq[File] // rows after those of Files; a folder comes before what lies in it

	// Bare leaves out the rows of folders that Files does not name. A real
	// backup has one for each, and one for each domain.
	Bare bool

	NoManifestPlist, NoInfo, NoStatus bool

	// EditManifest, EditInfo and EditStatus change a property list before it
	// is written.
	EditManifest, EditInfo, EditStatus func(map[string]any)

	DomainIndex      DomainIndex
	WAL              bool // each third row lies in Manifest.db-wal alone; only where Manifest.db is plain
	FlatBlobs        bool // blobs beside Manifest.db, not in shard folders
	MBDX             bool // Manifest.mbdx beside Manifest.mbdb
	BoxedData        bool // digests and extended attributes as NSMutableData objects, not as data
	UnpaddedManifest bool // no padding after an encrypted Manifest.db

	// ClearIndex and ClearBlobs are what a program leaves that decrypts an
	// encrypted backup in place: a plain Manifest.db, plain blobs, the rows'
	// keys and Manifest.plist as they were. Both together are case FC-01.
	ClearIndex, ClearBlobs bool
}

// Encrypted says whether the backup has a password.
func (b Backup) Encrypted() bool { return b.Password != "" }

// Variants yields b in every generation, plain and encrypted, each with its
// name, such as "10.2 encrypted". The password is b's, or "secret".
func Variants(b Backup) iter.Seq2[string, Backup] {
	password := b.Password
	if password == "" {
		password = "secret"
	}
	return func(yield func(string, Backup) bool) {
		for _, g := range []Generation{Modern, IOS10_1, IOS10_0, MBDB} {
			b.Generation, b.Password = g, ""
			if !yield(g.String()+" plain", b) {
				return
			}
			b.Password = password
			if !yield(g.String()+" encrypted", b) {
				return
			}
		}
	}
}

// Rows yields every row that Write writes, in its order: those of Files and
// Stream, each after the folders that it lies in. Rows of folders that no
// File names have the mode 0755.
func (b Backup) Rows() iter.Seq[File] {
	return func(yield func(File) bool) {
		known := make(folders)
		for _, f := range b.Files {
			known[f.place()] = true
		}
		for _, f := range b.Files {
			if !b.Bare && !f.Bare && !known.addParents(f, yield) || !yield(f) {
				return
			}
		}
		if b.Stream == nil {
			return
		}
		for f := range b.Stream {
			if f.IsDir() && !known.add(f) {
				continue
			}
			if !b.Bare && !f.Bare && !known.addParents(f, yield) || !yield(f) {
				return
			}
		}
	}
}

// withDefaults is b with its zero fields filled in.
func (b Backup) withDefaults() Backup {
	d := map[Generation]struct{ version, product, udid string }{
		Modern:  {"17.5.1", "iPhone14,5", "00008110-000A1B2C3D4E5F60"},
		IOS10_1: {"10.1.1", "iPhone8,1", "4d3c2b1a0f9e8d7c6b5a49382716a5b4c3d2e1f0"},
		IOS10_0: {"10.0.2", "iPhone8,1", "4d3c2b1a0f9e8d7c6b5a49382716a5b4c3d2e1f0"},
		MBDB:    {"9.3.5", "iPhone6,2", "4d3c2b1a0f9e8d7c6b5a49382716a5b4c3d2e1f0"},
	}[b.Generation]
	b.ProductVersion = or(b.ProductVersion, d.version)
	b.ProductType = or(b.ProductType, d.product)
	b.UDID = or(b.UDID, d.udid)
	b.DeviceName = or(b.DeviceName, "Test iPhone")
	b.State = or(b.State, "finished")
	b.Rounds.SHA256 = or(b.Rounds.SHA256, 1000)
	b.Rounds.SHA1 = or(b.Rounds.SHA1, 10)
	if b.Date.IsZero() {
		b.Date = time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)
	}
	return b
}

// or is v, or def when v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
