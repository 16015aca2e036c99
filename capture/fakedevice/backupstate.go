package fakedevice

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"regexp"
	"slices"
)

// A State is one state of what a phone holds, as a backup of it shows it.
type State struct {
	fsys iofs.FS

	// Files are the payloads, by name ("0a/0a1b…"), and the three files of
	// metadata. It is not to be changed.
	Files map[string]Print

	payloads []string // their names, sorted
}

// A Print tells files apart.
type Print struct {
	Size int64
	Sum  [sha256.Size]byte
}

// The files beside the payloads, in the order in which a phone asks for them.
const (
	statusPlist   = "Status.plist"
	manifestPlist = "Manifest.plist"
	manifestDB    = "Manifest.db"
)

var metadata = []string{statusPlist, manifestPlist, manifestDB}

var (
	shardName   = regexp.MustCompile(`^[0-9a-f]{2}$`)
	payloadName = regexp.MustCompile(`^([0-9a-f]{2})/([0-9a-f]{40})$`)
)

// isPayload says whether a name is that of a payload: its fileID, in the folder
// of the fileID's first two digits.
func isPayload(name string) bool {
	m := payloadName.FindStringSubmatch(name)
	return m != nil && m[2][:2] == m[1]
}

// ReadState reads, once, what lies in a standard backup folder, such as
// os.DirFS gives one: Manifest.db, Manifest.plist, Status.plist and the
// payloads. The files are read again whenever the phone sends them, and must
// not change. Encrypted or not makes no difference: to the phone's link they are
// bytes.
func ReadState(fsys iofs.FS) (*State, error) {
	s := &State{fsys: fsys, Files: map[string]Print{}}
	hash := printer{buf: make([]byte, 256<<10)}
	err := iofs.WalkDir(fsys, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isPayload(name) && !slices.Contains(metadata, name) {
			return err
		}
		s.Files[name], err = hash.file(fsys, name)
		if isPayload(name) {
			s.payloads = append(s.payloads, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the content of a phone: %w", err)
	}
	for _, name := range metadata {
		if _, ok := s.Files[name]; !ok {
			return nil, fmt.Errorf("read the content of a phone: no %s: %w", name, iofs.ErrNotExist)
		}
	}
	slices.Sort(s.payloads)
	return s, nil
}

// A printer reads files through one buffer.
type printer struct{ buf []byte }

func (p printer) file(fsys iofs.FS, name string) (got Print, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	// Hidden, a file's WriteTo would allocate a buffer of its own.
	got.Size, err = io.CopyBuffer(hash, struct{ io.Reader }{f}, p.buf)
	hash.Sum(got.Sum[:0])
	return got, err
}
