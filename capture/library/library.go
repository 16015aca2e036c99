package library

import (
	"cmp"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Options are for [Open] and [Create]. The zero value is ready.
type Options struct {
	Location *time.Location // of the times that name snapshots; nil is time.Local
	Logger   *slog.Logger   // nil discards
}

// A Library is a folder that keeps the snapshots of devices.
type Library struct {
	dir  string
	zone *time.Location
	log  *slog.Logger
	disk disk
	way  Way // "": the best there is; tests ask for another
}

const (
	markName = "library.json"
	schema   = 1
)

type mark struct {
	Schema int `json:"schema"`
}

// Open opens a library that is there. An absent folder gives an error that
// wraps [iofs.ErrNotExist]; a folder that is none, such as the mount point of a
// disk that is not plugged in, [ErrNotLibrary]; a newer library [ErrNewer]; one
// whose library.json cannot be read [ErrDamaged]. Nothing is written.
func Open(dir string, opt Options) (*Library, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open library: %w", err)
	}
	l := &Library{dir: dir, zone: cmp.Or(opt.Location, time.Local), log: opt.Logger}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() { // OpenRoot has no error of its own for it
		return nil, fmt.Errorf("open library %s: %w", dir, unix.ENOTDIR)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open library: %w", err)
	}
	defer root.Close()
	var m mark
	switch err := readJSON(root, markName, &m); {
	case errors.Is(err, iofs.ErrNotExist):
		return nil, fmt.Errorf("open library %s: %w", dir, ErrNotLibrary)
	case err != nil:
		return nil, fmt.Errorf("open library %s: %w", dir, err)
	case m.Schema > schema:
		return nil, fmt.Errorf("open library %s: schema %d: %w", dir, m.Schema, ErrNewer)
	}
	return l, nil
}

// Create opens a library, and makes it first where there is none yet. A folder
// that holds other things becomes a library beside them.
func Create(dir string, opt Options) (*Library, error) {
	l, err := Open(dir, opt)
	if !errors.Is(err, iofs.ErrNotExist) && !errors.Is(err, ErrNotLibrary) {
		return l, err
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("create library: %w", Explain(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("create library: %w", err)
	}
	defer root.Close()
	if err := (disk{}).writeJSON(root, markName, mark{schema}); err != nil {
		return nil, fmt.Errorf("create library %s: %w", dir, err)
	}
	return Open(dir, opt)
}

// Dir is the library's folder, absolute.
func (l *Library) Dir() string { return l.dir }

// A Device is the part of a library that belongs to one device. It need not be
// there yet: the first [Device.Lock] makes it.
type Device struct {
	lib  *Library
	udid string
}

// Device is the device of a number, in any case and with or without its dash.
// The error wraps [ErrUDID].
func (l *Library) Device(udid string) (*Device, error) {
	canonical := canonicalUDID(udid)
	if canonical == "" {
		return nil, fmt.Errorf("%q: %w", udid, ErrUDID)
	}
	return &Device{l, canonical}, nil
}

// Dir is the device's folder, named by its number as it writes it itself.
func (d *Device) Dir() string { return filepath.Join(d.lib.dir, d.udid) }

var udidForm = regexp.MustCompile(`^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{16})$`)

// canonicalUDID is 40 lower-case hexadecimal digits, or upper-case
// "XXXXXXXX-XXXXXXXXXXXXXXXX" since 2018; "" for what is neither.
func canonicalUDID(udid string) string {
	if !udidForm.MatchString(udid) {
		return ""
	}
	if len(udid) == 40 {
		return strings.ToLower(udid)
	}
	bare := strings.ToUpper(strings.ReplaceAll(udid, "-", ""))
	return bare[:8] + "-" + bare[8:]
}
