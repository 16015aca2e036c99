package snaptree

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A Snapshot is one backup of the tree, for those who list and choose.
type Snapshot struct {
	Device string // its folder's name
	Name   string // of the snapshot's folder
	Latest bool
	Root   vtree.ID
	Path   string    // where the backup lies
	Kept   bool      // in a library, which named it
	Date   time.Time // of the backup, or when it came into its library
	Info   backupfmt.Info
	Err    error // why it cannot be opened; nil for most

	s *snapshot
}

// Open opens the snapshot's backup, which the tree will close.
func (s Snapshot) Open(ctx context.Context) (*backupfmt.Backup, error) { return s.s.open(ctx) }

// Snapshots lists everything, by device and instant.
func (t *Tree) Snapshots() []Snapshot {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var all []Snapshot
	for _, d := range t.sortedDevices() {
		for _, s := range d.snapshots {
			all = append(all, Snapshot{
				Device: d.name, Name: s.name, Latest: s == d.latest(), Root: s.root(),
				Path: s.found.Path, Kept: s.found.Kept != "", Date: s.found.Date, Info: s.found.Info, Err: s.found.Err, s: s,
			})
		}
	}
	return all
}

// At is the snapshot that an entry belongs to, if it belongs to one.
func (t *Tree) At(id vtree.ID) (Snapshot, bool) {
	s, err := t.inner(id)
	if err != nil || s == nil {
		return Snapshot{}, false
	}
	for _, found := range t.Snapshots() {
		if found.s == s {
			return found, true
		}
	}
	return Snapshot{}, false
}

// Problems are the places that could not be read, and what there is almost a
// backup.
func (t *Tree) Problems() []Problem {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.problems
}

// Errors of Select.
var (
	ErrNoSuchBackup = errors.New("no such backup")
	ErrAmbiguous    = errors.New("more than one backup fits")
)

// Select finds the snapshot that a person names: by a path of it, in it or of a
// folder that holds one device's, by a device's name or UDID or the beginning
// of one, each of these with @DATE behind it for another than the latest. DATE is
// the name of the snapshot as it is shown, else that of the folder that it lies in,
// else the beginning of one. The empty name is the only device's latest. A path to what is almost a backup
// gives the error that says why it is none.
func (t *Tree) Select(name string) (Snapshot, error) {
	all := t.Snapshots()
	if path, ok := backupfmt.Around(name); ok && name != "" {
		for _, s := range all {
			if sameFolder(s.Path, path) {
				return s, nil
			}
		}
	}
	who, date, dated := name, "", false
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		who, date, dated = name[:i], name[i+1:], true
	}
	dated = dated && date != latestName
	for _, fits := range []func(Snapshot) bool{
		func(s Snapshot) bool { return s.Device == who },
		func(s Snapshot) bool {
			return who == "" || typed(s.Device) == typed(who) || typed(s.Info.DeviceName) == typed(who)
		},
		func(s Snapshot) bool { return backupfmt.MatchUDID(s.Info.UDID, who) },
		func(s Snapshot) bool { return strings.HasPrefix(typed(s.Device), typed(who)) },
		func(s Snapshot) bool { return isPath(who) && inFolder(s.Path, who) },
	} {
		var shown, folder, begun []Snapshot
		for _, s := range all {
			name := filepath.Base(s.Path)
			switch {
			case !fits(s) || !dated && !s.Latest:
			case !dated || s.Name == date:
				shown = append(shown, s)
			case name == date:
				folder = append(folder, s)
			case strings.HasPrefix(s.Name, date) || strings.HasPrefix(name, date):
				begun = append(begun, s)
			}
		}
		for _, chosen := range [][]Snapshot{shown, folder, begun} {
			switch {
			case len(chosen) == 1:
				return chosen[0], nil
			case len(chosen) > 1:
				return Snapshot{}, fmt.Errorf("%s%w: %s", quoted(name), ErrAmbiguous, names(chosen))
			}
		}
	}
	for _, p := range t.Problems() {
		if isPath(who) && inFolder(p.Path, who) {
			return Snapshot{}, p
		}
	}
	return Snapshot{}, fmt.Errorf("%s%w", quoted(name), ErrNoSuchBackup)
}

// quoted is what an error says first of a name, if there is one.
func quoted(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("%q: ", name)
}

// typed is a name as it is compared with what a person types: without regard to
// case, and with the apostrophe that keyboards have.
func typed(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "\u2019", "'")
}

func isPath(name string) bool {
	return strings.ContainsRune(name, filepath.Separator) || strings.HasPrefix(name, ".")
}

func inFolder(path, dir string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return false
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, real)
	return err == nil && filepath.IsLocal(rel)
}

func sameFolder(a, b string) bool {
	x, errA := filepath.EvalSymlinks(a)
	y, errB := filepath.EvalSymlinks(b)
	return errA == nil && errB == nil && x == y
}

func names(all []Snapshot) string {
	var n []string
	for _, s := range all {
		n = append(n, s.Device+"@"+s.Name)
	}
	return strings.Join(n, ", ")
}

// PhoneTarget is the text of a link as the phone has it, "" for a link that
// this tree makes itself.
func (t *Tree) PhoneTarget(ctx context.Context, id vtree.ID) (string, error) {
	s, err := t.inner(id)
	if err != nil || s == nil || !isRow(id) {
		return "", err
	}
	b, err := s.open(ctx)
	if err != nil {
		return "", err
	}
	row, err := b.Row(ctx, backupfmt.Entry(id))
	if err != nil {
		return "", err
	}
	return row.LinkTarget()
}

// Original reports a file of the backup that a view shows, by one number at all
// its places there, as opposed to one that the view makes.
func (t *Tree) Original(id vtree.ID) bool {
	return id>>snapshotShift > 0 && isRow(id) && id>>treeShift&0xff != manifestTree
}

// isRow reports a number of a snapshot that stands for a row of its manifest.
func isRow(id vtree.ID) bool {
	return id>>treeShift&0xff < lockedTree && id&0xffffffff < view.Base
}
