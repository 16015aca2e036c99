package snaptree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

const latestName = "latest"

// A device is one phone, and the snapshots there are of it.
type device struct {
	number    int         // from 0, in order of being found
	key       string      // its UDID, or, when no backup of it tells one, a backup's path
	name      string      // of its folder
	snapshots []*snapshot // in the order of their instants
}

func (d *device) folder() vtree.ID { return rootID + 1 + 2*vtree.ID(d.number) }
func (d *device) link() vtree.ID   { return d.folder() + 1 }

// latest is the newest snapshot that finished and opens; where there is none,
// the newest that opens, and else the newest.
func (d *device) latest() (found *snapshot) {
	best := 0
	for _, s := range d.snapshots {
		use := 2
		switch {
		case s.found.Err != nil, s.broken.Load():
			use = 0
		case !s.found.Info.Finished:
			use = 1
		}
		if use >= best {
			found, best = s, use
		}
	}
	return found
}

func (d *device) newest() time.Time {
	if len(d.snapshots) == 0 {
		return time.Time{}
	}
	return d.snapshots[len(d.snapshots)-1].found.Date
}

// wanted is the name that the device's newest backup gives it.
func (d *device) wanted() string {
	for _, s := range slices.Backward(d.snapshots) {
		if name := folderName(s.found.Info.DeviceName); name != "" {
			return name
		}
	}
	return cmp.Or(folderName(d.key), "Unknown device")
}

// folderName is a name that a phone gives itself, fit for a folder; "" when it
// gives none.
func folderName(name string) string {
	if strings.TrimSpace(name) == "" {
		return ""
	}
	return view.SafeName(name)
}

// nameDevices gives each device its folder's name: its own, and for the second
// of one name the end of its UDID beside it. Names that differ by case alone
// are one name.
func nameDevices(devices []*device) {
	byKey := slices.SortedFunc(slices.Values(devices), func(a, b *device) int { return cmp.Compare(a.key, b.key) })
	taken := map[string]bool{}
	for _, d := range byKey {
		name := d.wanted()
		id := strings.ToLower(strings.ReplaceAll(d.key, "-", ""))
		for n := 4; taken[strings.ToLower(name)]; n++ {
			tail := id
			if n <= len(id) {
				tail = id[len(id)-n:]
			}
			if n > len(id) {
				tail = fmt.Sprintf("%s %d", id, n-len(id)+1)
			}
			name = fmt.Sprintf("%s (%s)", d.wanted(), folderName(tail))
		}
		taken[strings.ToLower(name)] = true
		d.name = name
	}
}

// sortedDevices needs mu.
func (t *Tree) sortedDevices() []*device {
	shown := slices.DeleteFunc(slices.Clone(t.devices), func(d *device) bool { return len(d.snapshots) == 0 })
	slices.SortFunc(shown, func(a, b *device) int { return cmp.Compare(a.name, b.name) })
	return shown
}

// deviceAt is the device that a folder or a "latest" belongs to; it needs mu.
func (t *Tree) deviceAt(id vtree.ID) *device {
	n := int(id-rootID-1) / 2
	if id <= rootID || id>>treeShift != 0 || n >= len(t.devices) || len(t.devices[n].snapshots) == 0 {
		return nil
	}
	return t.devices[n]
}

// nameSnapshots orders the snapshots of a device by their instants. Those of a
// library have the names that it gave them; each other is named by its local time.
// Where that hour comes twice, the zone's offset is part of the name; of two backups
// of one name the second gets a number.
func nameSnapshots(d *device, zone *time.Location) {
	slices.SortStableFunc(d.snapshots, func(a, b *snapshot) int {
		return cmp.Or(a.found.Date.Compare(b.found.Date), cmp.Compare(a.found.Path, b.found.Path))
	})
	taken := map[string]bool{latestName: true}
	give := func(s *snapshot, wanted string) {
		s.name = wanted
		for n := 2; taken[s.name]; n++ {
			s.name = fmt.Sprintf("%s (%d)", wanted, n)
		}
		taken[s.name] = true
	}
	for _, s := range d.snapshots {
		if s.found.Kept != "" {
			give(s, s.found.Kept)
		}
	}
	for _, s := range d.snapshots {
		if s.found.Kept == "" {
			give(s, cmp.Or(snapshotName(s.found.Date, zone), folderName(s.baseName()), "undated"))
		}
	}
}

const nameLayout = "2006-01-02_15-04-05"

func snapshotName(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	local := at.In(zone)
	name := local.Format(nameLayout)
	for _, away := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, here := local.Zone()
		_, there := at.Add(away).In(zone).Zone()
		twin := at.Add(time.Duration(here-there) * time.Second)
		if here != there && twin.In(zone).Format(nameLayout) == name {
			return local.Format(nameLayout + "-0700")
		}
	}
	return name
}
