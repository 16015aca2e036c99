package library

import (
	"fmt"
	"path/filepath"
	"slices"
)

// Around is the device and the snapshot of the library that a snapshot's folder
// lies in: <library>/<UDID>/snapshots/<name>. Links in the path are followed. The
// error wraps [ErrNoSnapshot] for a folder that is at no such place, and those of
// [Open].
func Around(dir string, opt Options) (*Device, Snapshot, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, Snapshot{}, fmt.Errorf("find the library around: %w", err)
	}
	device := filepath.Dir(filepath.Dir(real))
	udid := filepath.Base(device)
	if filepath.Base(filepath.Dir(real)) != snapshotsDir || canonicalUDID(udid) != udid {
		return nil, Snapshot{}, fmt.Errorf("%s: %w", dir, ErrNoSnapshot)
	}
	lib, err := Open(filepath.Dir(device), opt)
	if err != nil {
		return nil, Snapshot{}, err
	}
	d := &Device{lib, udid}
	all, err := d.Snapshots()
	if err != nil {
		return nil, Snapshot{}, err
	}
	i := slices.IndexFunc(all, func(s Snapshot) bool { return s.Name == filepath.Base(real) })
	if i < 0 {
		return nil, Snapshot{}, fmt.Errorf("%s: %w", dir, ErrNoSnapshot)
	}
	return d, all[i], nil
}
