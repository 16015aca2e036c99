package messages

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shownPeople is how many names the folder of a group without a title has.
const shownPeople = 3

// nameOf is what people call a conversation: its title, or who takes part.
func nameOf(c *conversation) string {
	if c.group && c.title != "" {
		return c.title
	}
	names := others(c)
	switch {
	case len(names) == 0:
		return fmt.Sprintf("Conversation %d", first(c.chats))
	case !c.group:
		return names[0]
	case len(names) > shownPeople:
		return fmt.Sprintf("%s +%d", strings.Join(names[:shownPeople], ", "), len(names)-shownPeople)
	}
	return strings.Join(names, ", ")
}

// others are the names of those who take part, each once.
func others(c *conversation) []string {
	var names []string
	seen := map[string]bool{}
	for _, p := range c.people {
		if !seen[p.key] {
			seen[p.key] = true
			names = append(names, p.name)
		}
	}
	return names
}

func first(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return ids[0]
}

// tellApart gives conversations of one name what tells them apart: groups their
// service, people their address. The first of them keeps the name.
func tellApart(all []*conversation) {
	type place struct {
		kind kind
		name string
	}
	before := map[place]*conversation{}
	for _, c := range all {
		at := place{c.kind, strings.ToLower(c.name)}
		first := before[at]
		if first == nil {
			before[at] = c
			continue
		}
		by := ""
		switch {
		case c.group && strings.Join(c.services, "") != strings.Join(first.services, ""):
			by = strings.Join(c.services, ", ")
		case !c.group && len(c.people) > 0 && c.people[0].address != c.name:
			by = c.people[0].address
		}
		if by != "" {
			c.name += " (" + by + ")"
		}
	}
}

func sortedKeys[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }
