package voicememos

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// stores are the databases, beside which the recordings lie, the newest first.
var stores = []view.Place{
	{Domain: "AppDomainGroup-group.com.apple.VoiceMemos.shared", Path: "Recordings/CloudRecordings.db"},
	{Domain: "MediaDomain", Path: "Media/Recordings/CloudRecordings.db"},
	{Domain: "MediaDomain", Path: "Media/Recordings/Recordings.db"},
}

// A library is what all stores have, each recording once: when the app moved to
// another store, the old one stayed behind with what was in it then, and
// recordings that did not move.
type library struct {
	memos []memo // the oldest first
	view.Reading

	// Until all are read: the first memo of a recording, by what tells it from
	// others.
	byName  map[key]int
	byTime  map[time.Time]int
	byEntry map[backupfmt.Entry]int
}

// A key is what a recording has in each store that knows it.
type key struct {
	at   time.Time
	file string
}

// load reads the stores, and what lies beside them. Only where there is nothing
// to show is it an error that none could be read.
func load(ctx context.Context, src *view.Source) (*library, error) {
	lib := &library{Reading: view.Reading{Left: maxSize}, byName: map[key]int{}, byTime: map[time.Time]int{}, byEntry: map[backupfmt.Entry]int{}}
	if _, err := src.Backup.Index(ctx); err != nil { // it finds paths faster than the manifest does
		return nil, err
	}
	var errs []error
	read := 0
	for i := range stores {
		err := lib.readStore(ctx, src, i)
		switch {
		case view.Passing(err):
			return nil, err
		case err == nil:
			read++
		case !errors.Is(err, view.ErrAbsent):
			errs = append(errs, err)
		}
	}
	if err := lib.readStrays(ctx, src); err != nil {
		return nil, err
	}
	if read == 0 && len(lib.memos) == 0 {
		return nil, errors.Join(errs...)
	}
	lib.Lost = append(lib.Lost, errs...)
	lib.byName, lib.byTime, lib.byEntry = nil, nil, nil
	slices.SortStableFunc(lib.memos, func(a, b memo) int { return a.at.Compare(b.at) })
	return lib, ctx.Err()
}

// readStore reads a store. The recording of a row lies beside its database,
// whatever folder the row names.
func (lib *library) readStore(ctx context.Context, src *view.Source, store int) error {
	s := stores[store]
	db, err := src.Database(ctx, s.Domain, s.Path)
	if err != nil {
		return err
	}
	defer db.Close()
	var passing error
	err = lib.readMemos(ctx, db, func(m memo) {
		m.store = store
		if m.file != "" {
			e, err := src.Lookup(ctx, s.Domain, path.Join(path.Dir(s.Path), m.file))
			switch {
			case view.Passing(err):
				passing = err
			case err == nil:
				m.entry = e
			case !errors.Is(err, view.ErrAbsent):
				lib.Lost = append(lib.Lost, err)
			}
		}
		lib.add(m)
	})
	return errors.Join(passing, err)
}

// add takes a memo, unless another store has it: of one file, or made at the
// same instant and not called otherwise. Then only its recording counts, where
// that is nowhere else.
func (lib *library) add(m memo) {
	if first := lib.first(m); first >= 0 && lib.memos[first].store != m.store {
		if f := &lib.memos[first]; f.entry == 0 && m.entry != 0 {
			f.file, f.entry = m.file, m.entry
		}
		keep(lib.byEntry, m.entry, first) // a copy is none of another recording
		return
	}
	lib.put(m)
}

func (lib *library) put(m memo) {
	i := len(lib.memos)
	lib.memos = append(lib.memos, m)
	keep(lib.byName, key{m.at, m.file}, i)
	keep(lib.byTime, m.at, i)
	keep(lib.byEntry, m.entry, i)
}

// first is the place of the memo that is the same recording, or -1.
func (lib *library) first(m memo) int {
	i, known := lib.byEntry[m.entry]
	if known && m.entry != 0 {
		return i
	}
	if m.at.IsZero() {
		return -1
	}
	if m.file == "" {
		i, known = lib.byTime[m.at]
	} else if i, known = lib.byName[key{m.at, m.file}]; !known {
		i, known = lib.byName[key{m.at, ""}]
	}
	if !known {
		return -1
	}
	return i
}

// keep sets the value of a key that has none.
func keep[K comparable](m map[K]int, key K, i int) {
	if _, there := m[key]; !there {
		m[key] = i
	}
}

// recordingExts are what the names of recordings end in.
var recordingExts = []string{".m4a", ".qta"}

// readStrays makes memos of the recordings that no row names.
func (lib *library) readStrays(ctx context.Context, src *view.Source) error {
	for i, s := range stores {
		for c, err := range src.Children(ctx, view.Place{Domain: s.Domain, Path: path.Dir(s.Path)}) {
			if err != nil {
				return err
			}
			_, known := lib.byEntry[c.Entry]
			if !c.Type.IsRegular() || known || !slices.Contains(recordingExts, strings.ToLower(path.Ext(c.Name))) {
				continue
			}
			s, err := src.Backup.Stat(ctx, c.Entry)
			if err != nil {
				return err
			}
			lib.put(memo{file: c.Name, entry: c.Entry, store: i, at: view.Unix(float64(s.ModTime.Unix()))})
		}
	}
	return nil
}

// folders are those that have a memo, in the order of their names.
func (lib *library) folders() []string {
	var all []string
	for _, m := range lib.memos {
		if m.folder != "" {
			all = append(all, m.folder)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
