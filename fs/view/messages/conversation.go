package messages

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A conversation is what one folder shows: a chat with a group, all chats with
// one person, or the messages of one sender that belong to no chat.
type conversation struct {
	kind     kind
	chats    []int64 // rows of chat, ascending; of inNone none
	handles  []int64 // of inNone: rows of handle, 0 for messages without
	unsure   bool    // of inNone: those in a chat are among them
	group    bool
	title    string   // that a group was given
	people   []person // the others, in the order of their names
	services []string // in order: "iMessage", "SMS", "RCS"
	count    int      // messages, tapbacks among them; -1 when it cannot be told
	last     time.Time
	dated    bool // the join table has the dates of all

	name  string           // of the folder, before it is made unique
	files map[int64][]file // what was sent along, by row of message
}

type kind uint8

const (
	inChat  kind = iota
	inNone       // in no chat: folder "Other"
	inTrash      // deleted, and kept for some weeks: folder "Recently deleted"
)

const (
	groupStyle  = 43 // of chat.style
	directStyle = 45

	maxMerged        = 1000 // chats in one conversation
	maxConversations = 100_000
)

var errTooMany = errors.New("too many conversations")

// conversations are all that have a message, in an order that does not change.
// What cannot be read is told to lost.
func (s *store) conversations(ctx context.Context, b *book, lost func(string, error)) []*conversation {
	chats := s.chats(ctx, b, lost)
	var all []*conversation
	for _, of := range []struct {
		kind kind
		join view.Table
		date string
	}{{inChat, s.inChat, "message_date"}, {inTrash, s.inTrash, "delete_date"}} {
		if of.join.Name == "" {
			continue
		}
		all = append(all, grouped(of.kind, chats, s.counts(ctx, of.join, of.date, lost))...)
	}
	all = append(all, s.unjoined(ctx, b, lost)...)
	for _, c := range all {
		c.name = nameOf(c)
	}
	tellApart(all)
	return all
}

// chats are the rows of chat, each as a conversation of its own, by its number.
func (s *store) chats(ctx context.Context, b *book, lost func(string, error)) map[int64]*conversation {
	chats := map[int64]*conversation{}
	identifiers := map[int64]string{}
	for row := range s.Rows(ctx, s.db, s.chat, "some conversations", lost, "ROWID", "chat_identifier", "service_name", "display_name", "style") {
		c := &conversation{chats: []int64{row.Int(0)}, title: strings.TrimSpace(row.Text(3)), group: row.Int(4) == groupStyle}
		if service := row.Text(2); service != "" {
			c.services = []string{service}
		}
		identifiers[row.Int(0)] = row.Text(1)
		chats[row.Int(0)] = c
	}
	members := map[int64][]person{}
	for row := range s.Rows(ctx, s.db, s.chatPeople, "who takes part in some conversations", lost, "chat_id", "handle_id") {
		if p, ok := b.handles[row.Int(1)]; ok {
			members[row.Int(0)] = append(members[row.Int(0)], p)
		}
	}
	for id, c := range chats {
		c.people = unique(members[id])
		c.group = c.group || len(c.people) > 1
		if len(c.people) == 0 && identifiers[id] != "" {
			c.people = []person{b.person(identifiers[id])}
		}
	}
	return chats
}

// unique sorts people by name and leaves out who is there already.
func unique(people []person) []person {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b person) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.name, b.name), cmp.Compare(a.key, b.key), cmp.Compare(a.address, b.address))
	})
	return slices.CompactFunc(people, func(a, b person) bool { return a.key == b.key })
}

// grouped makes conversations of the chats that have messages. Chats with one
// and the same person are one.
func grouped(k kind, chats map[int64]*conversation, counts map[int64]tally) []*conversation {
	var all []*conversation
	direct := map[string]*conversation{}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		n := counts[id]
		c := &conversation{kind: k, chats: []int64{id}, count: n.count, last: n.last, dated: n.dated && k == inChat}
		if chat := chats[id]; chat != nil {
			c.group, c.title, c.people, c.services = chat.group, chat.title, chat.people, chat.services
		}
		if !c.group && len(c.people) == 1 {
			key := c.people[0].key
			if first := direct[key]; first != nil && len(first.chats) < maxMerged {
				first.merge(c)
				continue
			}
			direct[key] = c
		}
		all = append(all, c)
	}
	return all
}

func (c *conversation) merge(other *conversation) {
	c.chats = append(c.chats, other.chats...)
	c.handles = append(c.handles, other.handles...)
	c.count += other.count
	c.dated = c.dated && other.dated
	if other.last.After(c.last) {
		c.last = other.last
	}
	c.services = slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.services, other.services))))
	c.people = append(slices.Clone(c.people), other.people...)
}
