package mountpoint

import (
	"fmt"
	"os"

	"ibfs/fs"
)

// Unmount ends the mount of ibfs at a path, as umount or fusermount3 -u would.
// The error wraps ErrNotOurs when there is none, and fs.ErrBusy when it is in
// use.
func Unmount(path string) error {
	m, mounted, err := At(path)
	if err != nil {
		return &Error{Path: path, Kind: reason(err), advice: "name the folder that backups are mounted on"}
	}
	if !mounted || !m.ours() {
		return &Error{Path: path, Kind: ErrNotOurs, advice: instead(path)}
	}
	if me := os.Geteuid(); me != 0 && me != m.Owner {
		return &Error{Path: path, Kind: ErrNotYours, advice: fmt.Sprintf("user %d or root can end it", m.Owner)}
	}
	if m.dead() {
		err = fs.Detach(m.Point)
	} else {
		err = fs.Unmount(m.Point)
	}
	if err != nil {
		return fmt.Errorf("unmount %s: %w", m.Point, err)
	}
	return nil
}

// instead is what to do about a path where no mount begins.
func instead(path string) string {
	points, _ := Ours() // as At has read the table, it can be read
	for _, point := range points {
		if Within(path, []string{point}) {
			return fmt.Sprintf("it is part of the mount at %s: `ibfs unmount %s`", point, quote(point))
		}
	}
	return "`mount` lists what is mounted"
}

// Ours lists the folders that backups are mounted on.
func Ours() ([]string, error) {
	table, err := mounts()
	if err != nil {
		return nil, fmt.Errorf("read the mount table: %w", err)
	}
	var points []string
	for _, m := range table {
		if m.ours() {
			points = append(points, m.Point)
		}
	}
	return points, nil
}
