package snaptree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// Refresh looks at the places again. New snapshots and devices appear, those
// that are gone go, and one whose manifest or state has changed becomes
// another. A place or a folder that cannot be read at the moment keeps what was
// found there before.
func (t *Tree) Refresh(ctx context.Context) error {
	t.refreshMu.Lock()
	defer t.refreshMu.Unlock()
	var found []backupfmt.Found
	var problems []Problem
	unread := map[string]bool{}
	for _, place := range t.opt.Places {
		f, err := t.finder.Find(ctx, place)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			problems = append(problems, Problem{place, err})
			unread[place] = true
		}
		found = append(found, f...)
	}
	t.settle(found, problems, unread)
	return nil
}

// settle takes over what was found, but for what could not be read at the moment.
func (t *Tree) settle(found []backupfmt.Found, problems []Problem, unread map[string]bool) {
	found, almost := sortFound(found)
	for _, p := range almost {
		if backupfmt.Passing(p.Err) {
			unread[p.Path] = true
		}
	}
	changes, gone := t.update(found, append(problems, almost...), unread)
	for _, s := range gone {
		s.close()
	}
	t.tell(changes)
}

// sortFound puts each backup once, by device, instant and path, and what is no
// backup aside.
func sortFound(found []backupfmt.Found) (backups []backupfmt.Found, almost []Problem) {
	seen := map[string]bool{}
	for _, f := range found {
		real, err := filepath.EvalSymlinks(f.Path)
		if err != nil && !backupfmt.Passing(err) || seen[cmp.Or(real, f.Path)] {
			continue
		}
		seen[cmp.Or(real, f.Path)] = true
		unseen := f.Err != nil && f.Stamp == "" && !errors.Is(f.Err, backupfmt.ErrDamaged) // a folder that cannot be looked into, and need not be a backup
		if unseen || backupfmt.Passing(f.Err) || errors.Is(f.Err, backupfmt.ErrUnpacked) || errors.Is(f.Err, backupfmt.ErrUnsupported) || errors.Is(f.Err, backupfmt.ErrUnfinished) || errors.Is(f.Err, backupfmt.ErrNotBackup) {
			almost = append(almost, Problem{f.Path, f.Err})
			continue
		}
		backups = append(backups, f)
	}
	slices.SortStableFunc(backups, func(a, b backupfmt.Found) int {
		return cmp.Or(cmp.Compare(deviceKey(a), deviceKey(b)), a.Date.Compare(b.Date), cmp.Compare(a.Path, b.Path))
	})
	return backups, almost
}

func deviceKey(f backupfmt.Found) string {
	return cmp.Or(strings.ToLower(f.Info.UDID), f.Path)
}

// update makes the outer tree what was found, and tells what changed.
func (t *Tree) update(found []backupfmt.Found, problems []Problem, unread map[string]bool) (changes []vtree.Change, gone []*snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.listing()
	here := map[string]*snapshot{}
	for _, s := range t.snapshots {
		if s != nil {
			here[s.found.Path] = s
		}
	}
	for _, f := range found {
		if s := here[f.Path]; s != nil && s.found.Stamp == f.Stamp {
			delete(here, f.Path)
			continue
		}
		t.add(f)
	}
	for _, s := range here {
		if !underAny(s.found.Path, unread) || replaced(s, found) {
			t.remove(s)
			gone = append(gone, s)
		}
	}
	nameDevices(t.devices)
	for _, d := range t.devices {
		nameSnapshots(d, t.opt.Location)
	}
	t.problems = problems
	return differences(before, t.listing()), gone
}

func (t *Tree) add(f backupfmt.Found) {
	key := deviceKey(f)
	i := slices.IndexFunc(t.devices, func(d *device) bool { return d.key == key })
	if i < 0 {
		i = len(t.devices)
		t.devices = append(t.devices, &device{number: i, key: key})
	}
	s := &snapshot{gate: view.NewGate(), t: t, number: len(t.snapshots) + 1, device: t.devices[i], found: f}
	t.snapshots = append(t.snapshots, s)
	t.devices[i].snapshots = append(t.devices[i].snapshots, s)
}

func (t *Tree) remove(s *snapshot) {
	t.snapshots[s.number-1] = nil
	s.device.snapshots = slices.DeleteFunc(s.device.snapshots, func(o *snapshot) bool { return o == s })
}

func underAny(path string, places map[string]bool) bool {
	for p := range places {
		if rel, err := filepath.Rel(p, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

func replaced(s *snapshot, found []backupfmt.Found) bool {
	return slices.ContainsFunc(found, func(f backupfmt.Found) bool { return f.Path == s.found.Path })
}

// A listing is what each folder of the outer tree holds, and what each
// "latest" points to.
type listing map[vtree.ID]map[string]string

// listing needs mu.
func (t *Tree) listing() listing {
	l := listing{rootID: {}}
	for _, d := range t.devices {
		if len(d.snapshots) == 0 {
			continue
		}
		l[rootID][d.name] = fmt.Sprint(d.number)
		in := map[string]string{}
		for _, s := range d.snapshots {
			in[s.name] = fmt.Sprint(s.number)
		}
		if s := d.latest(); s != nil {
			in[latestName] = s.name
			l[d.link()] = map[string]string{"": s.name}
		}
		l[d.folder()] = in
	}
	return l
}

// differences are the changes from one listing to another.
func differences(before, after listing) (changes []vtree.Change) {
	for dir := range merged(before, after) {
		other := false
		for name := range merged(before[dir], after[dir]) {
			if before[dir][name] == after[dir][name] {
				continue
			}
			other = true
			if name != "" {
				changes = append(changes, vtree.Change{Dir: dir, Name: name})
			}
		}
		if other {
			changes = append(changes, vtree.Change{Dir: dir})
		}
	}
	return changes
}

func merged[K comparable, V any](a, b map[K]V) map[K]bool {
	keys := map[K]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}
