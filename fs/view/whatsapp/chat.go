package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A chat is what one folder shows: one group, or all chats with one person.
type chat struct {
	kind     kind
	group    bool
	archived bool
	title    string    // that a group has
	people   []person  // who takes part, but for the phone's owner
	messages []message // until the chat is laid out

	name  string          // of the folder, before it is made unique
	files map[int64]*file // what was sent along, by row of ZWAMEDIAITEM
}

type kind uint8

const (
	inChat kind = iota
	inFeed      // what is sent to everybody: status, channels, lists
	inTrash
	inNone
)

// A message is a row of ZWAMESSAGE, as far as a folder has to know it.
type message struct {
	row, media, typ int64
	at              time.Time
	sort            float64
}

// last is when the newest message was sent.
func (c *chat) last() time.Time {
	if len(c.messages) == 0 {
		return time.Time{}
	}
	return c.messages[len(c.messages)-1].at
}

const (
	maxChats = 100_000

	typeVote = 66 // or what ties pictures together: nothing that anybody said
)

var errTooMany = errors.New("more chats than any phone has")

// chats are all that have a message, in an order that does not change.
func (s *store) chats(ctx context.Context, b *book, lost func(string, error)) []*chat {
	bySession := s.sessions(ctx, b, lost)
	none := &chat{kind: inNone, name: "Messages"}
	for r := range s.Rows(ctx, s.db, s.message, "some messages", lost, "rowid", "ZCHATSESSION", "ZMESSAGEDATE", "ZSORT", "ZMEDIAITEM", "ZMESSAGETYPE") {
		if r.Int(5) == typeVote {
			continue
		}
		c := bySession[r.Int(1)]
		if c == nil {
			c = none
		}
		c.messages = append(c.messages, message{row: r.Int(0), at: r.Cocoa(2), sort: r.Float(3), media: r.Int(4), typ: r.Int(5)})
	}
	var all []*chat
	seen := map[*chat]bool{none: true}
	for _, id := range slices.Sorted(maps.Keys(bySession)) {
		if c := bySession[id]; len(c.messages) > 0 && !seen[c] {
			all, seen[c] = append(all, c), true
		}
	}
	if len(none.messages) > 0 {
		all = append(all, none)
	}
	for _, c := range all {
		slices.SortFunc(c.messages, func(a, b message) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.sort, b.sort), cmp.Compare(a.row, b.row))
		})
	}
	tellApart(all)
	return all
}

// sessions are the chats by row of ZWACHATSESSION. Those with one and the same
// person, such as by number and by what hides it, are one.
func (s *store) sessions(ctx context.Context, b *book, lost func(string, error)) map[int64]*chat {
	members := map[int64][]person{}
	for r := range s.Rows(ctx, s.db, s.member, "who is in some groups", lost, "ZCHATSESSION", "ZMEMBERJID") {
		if jid := r.Text(1); jid != "" && jidOf(jid, "") != b.own {
			members[r.Int(0)] = append(members[r.Int(0)], b.person(jid))
		}
	}
	type who struct {
		kind kind
		jid  string
	}
	direct := map[who]*chat{}
	all := map[int64]*chat{}
	for r := range s.Rows(ctx, s.db, s.session, "some chats", lost, "rowid", "ZCONTACTJID", "ZPARTNERNAME", "ZSESSIONTYPE", "ZARCHIVED", "ZREMOVED") {
		if len(all) == maxChats {
			lost("some chats", errTooMany)
			break
		}
		id, jid := r.Int(0), jidOf(r.Text(1), "")
		c := &chat{kind: kindOf(jid, r.Int(3)), archived: r.Bool(4), title: line(r.Text(2))}
		if r.Bool(5) {
			c.kind = inTrash
		}
		c.group = strings.HasSuffix(jid, groupServer) || c.kind != inFeed && r.Int(3) == sessionGroup
		switch {
		case c.group:
			c.people = unique(members[id])
			c.name = cmp.Or(c.title, names(c.people), "Group "+strconv.FormatInt(id, 10))
		case c.kind == inFeed:
			c.name = cmp.Or(c.title, strings.TrimSuffix(jid, "@broadcast"), "Status")
		case jid == "":
			c.name = cmp.Or(c.title, "Chat "+strconv.FormatInt(id, 10))
		default:
			p := b.person(jid)
			if first := direct[who{c.kind, p.jid}]; first != nil {
				all[id] = first
				continue
			}
			c.people, c.name = []person{p}, p.name
			direct[who{c.kind, p.jid}] = c
		}
		all[id] = c
	}
	return all
}

// The values of ZSESSIONTYPE that people talk in; others are lists, status,
// communities and channels.
const (
	sessionPerson = 0
	sessionGroup  = 1
)

func kindOf(jid string, session int64) kind {
	for _, server := range []string{"@broadcast", "@status", "@newsletter", ".status"} {
		if strings.HasSuffix(jid, server) {
			return inFeed
		}
	}
	if session != sessionPerson && session != sessionGroup && !strings.HasSuffix(jid, groupServer) {
		return inFeed
	}
	return inChat
}

// unique sorts people by name, each once.
func unique(people []person) []person {
	slices.SortFunc(people, func(a, b person) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.name, b.name), cmp.Compare(a.jid, b.jid))
	})
	return slices.CompactFunc(people, func(a, b person) bool { return a.jid == b.jid })
}

// shownPeople is how many names the folder of a group without a title has.
const shownPeople = 3

func names(people []person) string {
	var all []string
	for i, p := range people {
		if i == shownPeople {
			return strings.Join(all, ", ") + " +" + strconv.Itoa(len(people)-shownPeople)
		}
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}

// tellApart gives chats with people of one name their numbers. The first keeps
// the name.
func tellApart(all []*chat) {
	taken := map[string]bool{}
	for _, c := range all {
		key := folderOf[c.kind] + "/" + strings.ToLower(c.name)
		if taken[key] && !c.group && len(c.people) == 1 && c.people[0].address != c.name {
			c.name += " (" + c.people[0].address + ")"
		}
		taken[key] = true
	}
}
