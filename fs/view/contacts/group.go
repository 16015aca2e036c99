package contacts

import (
	"errors"
	"slices"
)

// maxMembers bounds the members of all groups together. Groups can be in each
// other, and then each has those of all below it.
const maxMembers = 1_000_000

var errTooMany = errors.New("groups have more members than any address book has")

// maxCategories bounds the groups that a card names.
const maxCategories = 200

// members are the people of each group and of the groups in it, and tells each
// contact the groups that it is in itself.
func (b *book) members(contacts []*contact) [][]int64 {
	places := map[int64]int{}
	for i, g := range b.groups {
		places[g.id] = i
	}
	of := map[int64]*contact{}
	for _, c := range contacts {
		for _, p := range c.people {
			of[p.id] = c
		}
	}
	all := make([][]int64, len(b.groups))
	left := maxMembers
	for i, g := range b.groups {
		for _, id := range g.people {
			if c := of[id]; c != nil {
				c.addGroup(g.name)
				b.person(id).addGroup(g.name)
			}
		}
		all[i] = b.below(i, places, &left)
	}
	if left <= 0 {
		b.Lost = append(b.Lost, errTooMany)
	}
	return all
}

// below are the people of a group and of all that are in it, which may be in a
// circle.
func (b *book) below(group int, places map[int64]int, left *int) (people []int64) {
	seen := map[int]bool{group: true}
	for queue := []int{group}; len(queue) > 0 && *left > 0; queue = queue[1:] {
		g := b.groups[queue[0]]
		own := g.people[:min(len(g.people), *left)]
		people = append(people, own...)
		*left -= len(own) + 1
		for _, id := range g.groups {
			if at, ok := places[id]; ok && !seen[at] {
				seen[at] = true
				queue = append(queue, at)
			}
		}
	}
	return people
}

func (c *contact) addGroup(name string) { c.groups = appendOnce(c.groups, name) }
func (p *person) addGroup(name string)  { p.groups = appendOnce(p.groups, name) }

func appendOnce(names []string, name string) []string {
	if name == "" || len(names) == maxCategories || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
