package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
)

// A restoreSource is a backup that can be restored.
type restoreSource struct {
	info, manifest plist.Dict // its property lists of these names
	udid           string
	root           *os.Root
	overlay        *mobilebackup2.Overlay
}

// restorable opens a backup and looks whether it can be restored to the phone.
func (p *Phone) restorable(ctx context.Context, o RestoreOptions) (*restoreSource, error) {
	s, err := openSource(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := p.refuse(ctx, s, o); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (p *Phone) refuse(ctx context.Context, s *restoreSource, o RestoreOptions) error {
	if err := s.overlay.Finished(); err != nil {
		return err
	}
	if version := s.identity().ProductVersion; newerVersion(version, p.ProductVersion) {
		return fmt.Errorf("%w: iOS %s to a phone with iOS %s", ErrNewerIOS, strconv.Quote(version), p.ProductVersion)
	}
	if s.manifest.Bool("IsEncrypted") && len(o.Password) == 0 {
		return fmt.Errorf("%w: the backup is encrypted, and none was given", mobilebackup2.ErrWrongPassword)
	}
	if o.Verify == nil {
		return nil
	}
	return o.Verify(ctx, o.Dir)
}

func openSource(dir string) (*restoreSource, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &restoreSource{root: root}
	if err := s.open(dir); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

func (s *restoreSource) open(dir string) (err error) {
	if s.info, err = readList(s.root, "Info.plist"); err != nil {
		return err
	}
	if s.manifest, err = readList(s.root, "Manifest.plist"); err != nil {
		return err
	}
	if s.udid = s.findUDID(dir); s.udid == "" {
		return fmt.Errorf("%w: it does not say which phone it is of", ErrNoSource)
	}
	s.overlay, err = mobilebackup2.OpenOverlay(s.root, s.udid)
	return err
}

// readList reads a property list of a backup. The error wraps ErrNoSource when it is
// none, and is a *io/fs.PathError when it cannot be read.
func readList(root *os.Root, name string) (plist.Dict, error) {
	list, err := readDict(plainFiles{root}, name, maxInfo)
	if err == nil {
		return list, nil
	}
	if _, host := errors.AsType[*iofs.PathError](err); host {
		return nil, fmt.Errorf("read the backup's %s: %w", path.Base(name), err)
	}
	return nil, fmt.Errorf("%w: %s: %w", ErrNoSource, path.Base(name), err)
}

func (s *restoreSource) close() {
	// Nothing was written that could be lost.
	_ = s.overlay.Close()
	_ = s.root.Close()
}

var startsWithUDID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16})(-|$)`)

// findUDID is the phone that the backup says it is of, or that its folder is named
// after: Finder adds a date to one that it keeps.
func (s *restoreSource) findUDID(dir string) string {
	if udid := s.info.String("Target Identifier"); udid != "" {
		return udid
	}
	if udid := s.manifest.Dict("Lockdown").String("UniqueDeviceID"); udid != "" {
		return udid
	}
	if m := startsWithUDID.FindStringSubmatch(filepath.Base(dir)); m != nil {
		return m[1]
	}
	return ""
}

func (s *restoreSource) identity() Identity {
	id := Identity{UDID: s.udid, Name: s.info.String("Device Name"), ProductType: s.info.String("Product Type"), ProductVersion: s.info.String("Product Version")}
	if id.ProductVersion == "" {
		id.ProductVersion = s.manifest.Dict("Lockdown").String("ProductVersion")
	}
	return id
}

// newerVersion says that a version of iOS, such as 17.5.1, comes after another. What
// is no number counts as 0.
func newerVersion(a, b string) bool {
	return slices.Compare(numbers(a), numbers(b)) > 0
}

func numbers(version string) (all []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		all = append(all, n)
	}
	for len(all) > 0 && all[len(all)-1] == 0 { // 17.0 is 17
		all = all[:len(all)-1]
	}
	return all
}

// plainFiles are the regular files of a folder.
type plainFiles struct{ root *os.Root }

func (p plainFiles) Open(name string) (io.ReadCloser, error) {
	// os.Root follows links that stay inside, whatever the flags of an opening.
	fi, err := p.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errNotPlain
	}
	return p.root.Open(name)
}

var errNotPlain = errors.New("not a regular file")
