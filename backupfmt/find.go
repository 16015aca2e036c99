package backupfmt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"ibfs/keybag"
)

// A Found is a backup, or something that is almost one or cannot be looked at.
type Found struct {
	// Path is the folder, absolute.
	Path string

	// Info is what the backup tells about itself; with an Err, what could be read.
	Info Info

	// Err says why it cannot be opened: it wraps ErrUnfinished, ErrUnpacked,
	// ErrUnsupported, ErrDamaged, ErrFullDiskAccess or the system's own error.
	Err error

	// Kept is the name that a library of ibfs gave it, by the clock of the machine
	// that it was made on; "" for a backup that lies in none.
	Kept string

	// Date orders the backups of a device: when it came into its library, since the
	// phone's clock may be wrong, else Date of Info.
	Date time.Time

	// Stamp is another one once the index or a property list has changed.
	Stamp string
}

// ErrFullDiskAccess is what macOS answers in place of a folder of backups when
// the program that started this one may not look at it. It says what to do, as a
// list of backups tells no more of each than its error; so does ErrUnpacked.
var ErrFullDiskAccess = errors.New("macOS keeps this folder from programs without Full Disk Access: allow it for " +
	"this terminal in System Settings, Privacy & Security, Full Disk Access")

// FindDepth is how far below the root backups are looked for. The library's own
// (<UDID>/snapshots/<time>) are three below it, those of iMazing
// (iMazing.Versions/Versions/<UDID>/<time>) four, and a folder that holds such
// folders is one more.
const FindDepth = 5

// A Finder finds backups again and again: it reads the property lists of a
// folder anew only when they have changed. The zero value is ready; it is for
// one goroutine at a time.
type Finder struct {
	// Skip names folders, by their paths, that are not looked into. Nil: none.
	Skip func(path string) bool

	// Location is the zone of the names that libraries give. Nil: time.Local.
	Location *time.Location

	known map[string]Found // what the last Find has read, by path
}

// Find is what a new Finder finds.
func Find(ctx context.Context, root string) ([]Found, error) { return new(Finder).Find(ctx, root) }

// Find names the backups at or below a folder, and what is almost one, by device,
// then instant, then path. A root that lies inside a backup stands for that backup.
//
// It reads no more than property lists, and how the manifest begins. It does not look into a backup, but
// for the snapshots of a library that another program backed up into, nor into hidden folders, shards, staging areas, what a library is making or removing,
// nor through symbolic links other than the root. A folder that cannot be read is a
// Found with an Err. The error is that of the root itself, or the context's.
func (f *Finder) Find(ctx context.Context, root string) ([]Found, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find backups: %w", err)
	}
	if backup, ok := Around(root); ok {
		root = backup
	}
	if inWorkingTree(root) {
		return nil, nil
	}
	if _, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("find backups: %w", denied(runtime.GOOS, err))
	}
	w := walk{ctx: ctx, Finder: f}
	if err := w.folder(root, 0); err != nil {
		return nil, err
	}
	if len(w.found) == 1 && w.found[0].Path == root && w.found[0].Err != nil && !ofBackup(w.found[0].Err) {
		return nil, fmt.Errorf("find backups: %w", w.found[0].Err)
	}
	f.remember(root, w.found)
	slices.SortFunc(w.found, func(a, b Found) int {
		return cmp.Or(
			cmp.Compare(a.Info.UDID, b.Info.UDID),
			a.Date.Compare(b.Date),
			cmp.Compare(a.Path, b.Path),
		)
	})
	return w.found, nil
}

// remember keeps what was found below root, in the place of what was before.
func (f *Finder) remember(root string, found []Found) {
	if f.known == nil {
		f.known = map[string]Found{}
	}
	maps.DeleteFunc(f.known, func(path string, _ Found) bool {
		return path == root || strings.HasPrefix(path, root+string(filepath.Separator))
	})
	for _, one := range found {
		f.known[one.Path] = one
	}
}

// A walk is one Find.
type walk struct {
	*Finder
	ctx   context.Context
	found []Found
}

// folder looks at one folder and those below it.
func (f *walk) folder(dir string, depth int) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if f.Skip != nil && f.Skip(dir) {
		return nil
	}
	info, stamp, folders, err := f.visit(dir)
	if keptName(dir) != "" && (errors.Is(err, ErrUnfinished) || errors.Is(err, ErrNotBackup)) {
		err = fmt.Errorf("look into %s: %w", dir, errManifestGone)
	}
	before := len(f.found)
	switch {
	case errors.Is(err, iofs.ErrNotExist):
		return nil // it went while we looked
	case err == nil, errors.Is(err, ErrUnpacked), errors.Is(err, ErrUnsupported), errors.Is(err, ErrDamaged):
		f.found = append(f.found, f.foundIn(dir, info, err, stamp))
		folders = snapshotsIn(dir)
	case !isAlmost(err) && !errors.Is(err, ErrNotBackup):
		f.found = append(f.found, f.foundIn(dir, info, denied(runtime.GOOS, err), stamp))
		return nil
	}
	if depth < FindDepth {
		if isAlmost(err) || countShards(folders) > mostDays {
			folders = slices.DeleteFunc(folders, shardName.MatchString)
		}
		slices.Sort(folders)
		for _, name := range folders {
			if skipFolder(dir, name) {
				continue
			}
			if err := f.folder(filepath.Join(dir, name), depth+1); err != nil {
				return err
			}
		}
	}
	// A property list that strayed into a folder of backups makes it none.
	if isAlmost(err) && len(f.found) == before {
		f.found = append(f.found, f.foundIn(dir, info, err, stamp))
	}
	return nil
}

// errManifestGone is about a snapshot of a library, which takes in what has finished
// alone.
var errManifestGone = fmt.Errorf("its manifest is gone: %w", ErrDamaged)

// foundIn is what was found in a folder.
func (f *walk) foundIn(dir string, info Info, err error, stamp string) Found {
	one := Found{Path: dir, Info: info, Err: err, Kept: keptName(dir), Date: info.Date, Stamp: stamp}
	if one.Kept != "" {
		at, passing := keptAt(dir, one.Kept, f.Location)
		one.Date, one.Err = cmp.Or(at, info.Date), cmp.Or(passing, err)
	}
	return one
}

// snapshotsIn is the one folder of a backup that is looked into: a device's in a
// library keeps its snapshots there, and other programs that are given the library
// to write to put their own backup beside it.
func snapshotsIn(dir string) []string {
	const name = "snapshots"
	fi, err := os.Lstat(filepath.Join(dir, name))
	if errors.Is(err, iofs.ErrNotExist) || err == nil && !fi.IsDir() {
		return nil
	}
	return []string{name} // also where the disk does not tell: it says so again when the folder is opened
}

// visit looks at one folder through a handle that leads nowhere else.
func (f *walk) visit(dir string) (info Info, stamp string, folders []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Info{}, "", nil, err
	}
	defer root.Close()
	stamp = stampOf(root)
	if known, ok := f.known[dir]; ok && known.Stamp == stamp && (known.Err == nil || ofBackup(known.Err)) && known.Info.Finished {
		return known.Info, stamp, nil, known.Err
	}
	l, err := look(root.FS())
	if err != nil {
		return Info{}, stamp, nil, fmt.Errorf("look into %s: %w", dir, bare(err))
	}
	info, m, err := inspect(root.FS(), dir, l)
	if err == nil {
		err = openable(root.FS(), m)
	}
	return info, stamp, l.folders, err
}

// openable is ErrDamaged for a backup whose manifest nothing can open, or an
// error that passes. What else there is to say of it, who opens it will see.
func openable(fsys iofs.FS, m manifestPlist) error {
	bag, err := keybag.Parse(m.keybag)
	if err != nil {
		bag = nil
	}
	if _, err := readFormat(fsys, m, bag); errors.Is(err, ErrDamaged) || Passing(err) {
		return err
	}
	return nil
}

// stampOf is made of the times and sizes of what describes a backup.
func stampOf(root *os.Root) string {
	var b strings.Builder
	for _, name := range []string{"Manifest.db", "Manifest.mbdb", "Manifest.plist", "Info.plist", "Status.plist"} {
		if fi, err := root.Stat(name); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", name, fi.Size(), fi.ModTime().UnixNano())
		}
	}
	return b.String()
}

// isAlmost tells the errors of a folder that is nearly a backup.
func isAlmost(err error) bool {
	return errors.Is(err, ErrUnfinished) || errors.Is(err, ErrUnpacked) || errors.Is(err, ErrUnsupported)
}

// ofBackup tells the errors of what is in a folder from those of reading it.
func ofBackup(err error) bool { return isAlmost(err) || errors.Is(err, ErrDamaged) }

var shardName = regexp.MustCompile(`^[0-9a-f]{2}$`)

// mostDays is how many folders a person names after the days of a month, each as
// a shard may be called. What is left of a backup has more.
const mostDays = 31

func countShards(folders []string) (n int) {
	for _, name := range folders {
		if shardName.MatchString(name) {
			n++
		}
	}
	return n
}

// skipFolder names the folders in which no backup lies that is to be shown.
func skipFolder(parent, name string) bool {
	switch {
	case strings.HasPrefix(name, "."), name == "Snapshot", name == "_BackupExplorer":
		return true
	}
	return isWorkingTree(parent, name)
}

// isWorkingTree names the folders of a device in a library that a capture
// writes into, and that a deletion empties.
func isWorkingTree(parent, name string) bool {
	return (name == "incoming" || name == "trash") && udidForm.MatchString(filepath.Base(parent))
}

// inWorkingTree tells whether a path is one of them or lies in one.
func inWorkingTree(dir string) bool {
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if isWorkingTree(parent, filepath.Base(dir)) {
			return true
		}
	}
	return false
}

// denied says what to do where macOS refuses: it answers EPERM, where a mode
// that forbids gives EACCES.
func denied(goos string, err error) error {
	if goos == "darwin" && errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("%w (%w)", ErrFullDiskAccess, err)
	}
	return err
}

// bare is an error without the name that the folder has in its own handle.
func bare(err error) error {
	if path := (*iofs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
