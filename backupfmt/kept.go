package backupfmt

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// keptForm is the name that a library gives a snapshot: the local time of its
// publication, in the hour that comes twice with the zone's offset, and for the
// second of one name with a number.
var keptForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)([+-]\d{4})?(?:_\d+)?$`)

// keptName is the name that a library of ibfs gave the backup in a folder,
// <library>/<UDID>/snapshots/<name>; "" for every other folder.
func keptName(dir string) string {
	parent, name := filepath.Split(dir)
	device := filepath.Dir(filepath.Clean(parent))
	if filepath.Base(parent) != "snapshots" || !udidForm.MatchString(filepath.Base(device)) || !keptForm.MatchString(name) {
		return ""
	}
	return name
}

// keptAt is when a library took the backup in a folder: as the record beside it
// tells, which holds in whatever zone the name was given, or else the name. The
// error is one that passes.
func keptAt(dir, name string, zone *time.Location) (time.Time, error) {
	const maxRecord = 64 << 10 // bytes; they have 400
	var record struct {
		Taken time.Time `json:"taken"`
	}
	b, err := readSmall(os.DirFS(filepath.Dir(dir)), name+".json", maxRecord)
	if Passing(err) {
		return time.Time{}, err
	}
	if err == nil && json.Unmarshal(b, &record) == nil && !record.Taken.IsZero() {
		return record.Taken, nil
	}
	parts := keptForm.FindStringSubmatch(name)
	layout := "2006-01-02_15-04-05"
	if parts[2] != "" {
		layout += "-0700"
	}
	at, _ := time.ParseInLocation(layout, parts[1]+parts[2], cmp.Or(zone, time.Local)) // zero: no such day
	return at, nil
}
