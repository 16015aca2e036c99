package backupfmt

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"regexp"
	"strings"
)

// A listing is what the top of a folder says about it.
type listing struct {
	index      bool     // Manifest.db or Manifest.mbdb is there; nothing below it was looked at
	oddIndex   bool     // one of them is no file, or leads out of the folder; who opens it tells
	ciphertext bool     // Manifest.db does not begin as a database
	agent      bool     // Manifest.plist or Status.plist is there
	hostInfo   bool     // Info.plist is there, which other things than backups have too
	domains    int      // folders with a domain's name
	mdinfo     bool     // a blob of the time before iTunes 9.2
	folders    []string // all folders, in no order
}

// domainName is the form of a domain, and of a folder another program unpacked it to.
var domainName = regexp.MustCompile(`^[A-Z][A-Za-z]*Domain(?:Group|Plugin)?(?:-.+)?$`)

// look lists a folder, unless it has an index: a backup of before iOS 10 has all
// its blobs, 100,000 of them, beside it.
func look(fsys iofs.FS) (listing, error) {
	var l listing
	for _, name := range []string{"Manifest.db", "Manifest.mbdb"} {
		fi, err := iofs.Stat(fsys, name)
		if errors.Is(err, iofs.ErrNotExist) {
			continue
		}
		if Passing(err) {
			return l, err
		}
		if err != nil || !fi.Mode().IsRegular() {
			l.oddIndex = true
			continue
		}
		l.index = true
		if name == "Manifest.db" {
			head, err := fileHead(fsys, name)
			l.ciphertext = string(head) != sqliteMagic
			return l, ifPassing(err)
		}
		return l, nil
	}
	top, err := fsys.Open(".")
	if err != nil {
		return l, err
	}
	defer top.Close()
	dir, ok := top.(iofs.ReadDirFile)
	if !ok {
		return l, errors.New("not a folder")
	}
	for {
		entries, err := dir.ReadDir(1024)
		for _, e := range entries {
			l.add(e)
		}
		if err == io.EOF || err == nil && len(entries) == 0 {
			return l, nil
		}
		if err != nil {
			return l, err
		}
	}
}

func (l *listing) add(e iofs.DirEntry) {
	name := e.Name()
	if e.IsDir() {
		if domainName.MatchString(name) {
			l.domains++
		}
		l.folders = append(l.folders, name)
		return
	}
	switch name {
	case "Manifest.plist", "Status.plist":
		l.agent = true
	case "Info.plist":
		l.hostInfo = true
	}
	l.mdinfo = l.mdinfo || strings.HasSuffix(name, ".mdinfo")
}

// verdict is nil for a folder with an index, and else says what it is. named
// tells that an Info.plist gives a device's number, which is that of a backup.
func (l *listing) verdict(named bool) error {
	switch {
	case l.index, l.oddIndex && (l.agent || named):
		return nil
	case l.domains >= 2:
		return ErrUnpacked
	case l.mdinfo:
		return errBeforeITunes92
	case l.agent, named:
		return ErrUnfinished
	}
	return ErrNotBackup
}

var errBeforeITunes92 = fmt.Errorf("a backup of iTunes before 9.2: %w", ErrUnsupported)
