package apps

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// An app is one folder of the view.
type app struct {
	id, name        string
	data            *backupfmt.Domain
	groups, plugins []backupfmt.Domain
}

// Where what belongs to no app is shown.
const (
	otherPlugins = "Other plugins"
	sharedGroups = "Shared containers"
)

// containers are the domains of apps, by kind, each in the order of its name.
type containers struct{ data, groups, plugins []backupfmt.Domain }

func (c *containers) add(d backupfmt.Domain) {
	switch {
	case strings.HasPrefix(d.Name, appPrefix):
		c.data = append(c.data, d)
	case strings.HasPrefix(d.Name, groupPrefix):
		c.groups = append(c.groups, d)
	case strings.HasPrefix(d.Name, pluginPrefix):
		c.plugins = append(c.plugins, d)
	}
}

// apps groups the domains by app and gives each app its name, in the order of
// the names.
func (c *containers) apps(info backupfmt.Info) []app {
	byID := map[string]*app{}
	known := func(id string) *app {
		if byID[id] == nil {
			byID[id] = &app{id: id}
		}
		return byID[id]
	}
	for i, d := range c.data {
		known(strings.TrimPrefix(d.Name, appPrefix)).data = &c.data[i]
	}
	ids := appIDs(c.data, info)
	for _, d := range c.groups {
		owner := groupOwner(strings.TrimPrefix(d.Name, groupPrefix), ids)
		a := known(cmp.Or(owner, sharedGroups))
		a.groups = append(a.groups, d)
	}
	for _, d := range c.plugins {
		owner := prefixOwner(strings.TrimPrefix(d.Name, pluginPrefix), ids)
		a := known(cmp.Or(owner, otherPlugins))
		a.plugins = append(a.plugins, d)
	}
	return named(byID, info)
}

// appIDs are the bundle ids of all apps that are known of, also of those that
// have no data of their own.
func appIDs(data []backupfmt.Domain, info backupfmt.Info) []string {
	ids := slices.Clone(info.InstalledApps)
	for _, d := range data {
		ids = append(ids, strings.TrimPrefix(d.Name, appPrefix))
	}
	for id, a := range info.Apps {
		if a.ContainerClass == "Data/Application" || a.Name != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// teamID begins the groups of some makers: ten letters and digits.
var teamID = regexp.MustCompile(`^[A-Z0-9]{10}\.`)

// groupOwners are groups whose name does not lead to their app.
var groupOwners = map[string]string{
	"group.com.apple.notes":                     "com.apple.mobilenotes",
	"group.com.apple.FileProvider.LocalStorage": "com.apple.DocumentsApp",
	"group.com.apple.VoiceMemos.shared":         "com.apple.VoiceMemos",
}

// groupOwner is the app whose id is the group's name, or else the longest that
// begins it, or the shortest that begins with it; "" when there is none.
func groupOwner(group string, ids []string) string {
	if id := groupOwners[group]; id != "" {
		return id
	}
	core := teamID.ReplaceAllString(group, "")
	core = strings.TrimPrefix(core, "group.")
	core = strings.TrimPrefix(core, "groups.")
	if owner := prefixOwner(core, ids); owner != "" {
		return owner
	}
	for _, id := range ids { // sorted, so that the shortest comes first
		if strings.HasPrefix(id, core+".") && strings.Count(core, ".") > 0 {
			return id
		}
	}
	return ""
}

// prefixOwner is the longest id that is the name or begins it at a dot.
func prefixOwner(name string, ids []string) string {
	best := ""
	for _, id := range ids {
		if (name == id || strings.HasPrefix(name, id+".")) && len(id) > len(best) {
			best = id
		}
	}
	return best
}

// named gives each app its folder's name. Names that differ by case alone are
// one name, and then all that have it show their ids too.
func named(byID map[string]*app, info backupfmt.Info) []app {
	var all []app
	count := map[string]int{}
	for id, a := range byID {
		a.name = view.SafeName(displayName(id, info))
		count[strings.ToLower(a.name)]++
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b app) int { return cmp.Compare(a.id, b.id) })
	var names view.Unique
	for i := range all {
		a := &all[i]
		if count[strings.ToLower(a.name)] > 1 {
			a.name = view.SafeName(fmt.Sprintf("%s (%s)", a.name, a.id))
		}
		a.name = names.Name(a.name)
	}
	slices.SortFunc(all, func(a, b app) int { return cmp.Compare(a.name, b.name) })
	return all
}
