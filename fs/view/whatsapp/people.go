package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"ibfs/fs/view"
	"ibfs/fs/view/people"
)

// A person is whom an address of WhatsApp, a JID, belongs to.
type person struct {
	jid     string // the number's, where it is known
	name    string // or the address, where nobody tells
	address string // "+4917600000001", or the JID of who hides the number
}

// A book tells who has which JID: "4917600000001@s.whatsapp.net", or, for one
// who hides the number, "100000000000001@lid".
type book struct {
	index   *people.Index     // the phone's own address book
	numbers map[string]string // JID of who hides the number to that of the number
	saved   map[string]string // names of WhatsApp's copy of the address book
	told    map[string]string // names that chats and groups have
	pushed  map[string]string // names that people gave themselves
	own     string            // the owner's JID; "" when it is unknown
	members map[int64]string  // JIDs by row of ZWAGROUPMEMBER
}

const (
	ownName     = "Me"
	unknownName = "Unknown sender"

	numberServer = "@s.whatsapp.net"
	hiddenServer = "@lid"
	groupServer  = "@g.us"
)

// readBook reads all that names people. What cannot be read names nobody.
func (s *store) readBook(ctx context.Context, src *view.Source, lost func(string, error)) (*book, error) {
	index, err := src.People(ctx)
	if err != nil {
		return nil, err
	}
	b := &book{
		index: index, numbers: map[string]string{}, saved: map[string]string{}, told: map[string]string{}, pushed: map[string]string{},
		members: map[int64]string{}, own: jidOf(digits(src.Backup.Info().PhoneNumber), numberServer),
	}
	const what = "names of people"
	domain := s.place.Domain
	s.readOther(ctx, src, domain, "ContactsV2.sqlite", "ZWAADDRESSBOOKCONTACT", lost,
		func(r view.Row) {
			id := jidOf(cmp.Or(r.Text(0), digits(r.Text(3))), numberServer)
			put(b.saved, id, cmp.Or(line(r.Text(2)), line(r.Text(4))))
			put(b.numbers, jidOf(r.Text(1), hiddenServer), id)
		}, "ZWHATSAPPID", "ZLID", "ZFULLNAME", "ZPHONENUMBER", "ZBUSINESSNAME")
	s.readOther(ctx, src, domain, "LID.sqlite", "ZWAPHONENUMBERLIDPAIR", lost,
		func(r view.Row) {
			put(b.numbers, jidOf(r.Text(0), hiddenServer), jidOf(digits(r.Text(1)), numberServer))
		}, "ZLID", "ZPHONENUMBER")
	for r := range s.Rows(ctx, s.db, s.pushed, what, lost, "ZJID", "ZPUSHNAME") {
		put(b.pushed, jidOf(r.Text(0), ""), line(r.Text(1)))
	}
	for r := range s.Rows(ctx, s.db, s.session, what, lost, "ZCONTACTJID", "ZPARTNERNAME", "ZCONTACTIDENTIFIER") {
		id := jidOf(r.Text(0), "")
		put(b.told, id, nameOnly(r.Text(1)))
		if strings.HasSuffix(id, hiddenServer) && digits(r.Text(2)) != "" {
			put(b.numbers, id, jidOf(digits(r.Text(2)), numberServer))
		}
	}
	for r := range s.Rows(ctx, s.db, s.member, what, lost, "rowid", "ZMEMBERJID", "ZCONTACTNAME", "ZFIRSTNAME") {
		id := jidOf(r.Text(1), "")
		b.members[r.Int(0)] = id
		put(b.told, id, cmp.Or(nameOnly(r.Text(2)), nameOnly(r.Text(3))))
	}
	for hidden, number := range b.numbers {
		for _, names := range []map[string]string{b.saved, b.told, b.pushed} {
			put(names, number, names[hidden])
		}
	}
	return b, ctx.Err()
}

// readOther reads a table of another database that lies beside the messages, if
// it is there.
func (s *store) readOther(ctx context.Context, src *view.Source, domain, path, table string, lost func(string, error), each func(view.Row), columns ...string) {
	db, err := src.Database(ctx, domain, path)
	if err == nil {
		defer db.Close()
		var t view.Table
		if t, err = db.Table(ctx, table); err == nil {
			for r := range s.Rows(ctx, db, t, "names of people", lost, columns...) {
				each(r)
			}
		}
	}
	if err != nil && !errors.Is(err, view.ErrAbsent) {
		lost("names of people", err)
	}
}

// put keeps the first value of a key.
func put(m map[string]string, key, value string) {
	if _, there := m[key]; key != "" && value != "" && !there {
		m[key] = value
	}
}

// person finds who has a JID.
func (b *book) person(jid string) person {
	given := jidOf(jid, numberServer)
	jid = cmp.Or(b.numbers[given], given)
	p := person{jid: jid, address: jid}
	if number, ok := strings.CutSuffix(jid, numberServer); ok && digits(number) == number {
		p.address = "+" + number
	}
	known, _ := b.index.Find(p.address)
	for _, names := range []map[string]string{b.saved, {jid: known.Name}, b.told, b.pushed} {
		p.name = cmp.Or(p.name, names[jid], names[given])
	}
	p.name = cmp.Or(p.name, p.address, unknownName)
	return p
}

// jidOf is a JID in one form: with its server, and without the device that a
// message came from ("4917600000001:2@…").
func jidOf(id, server string) string {
	id = strings.ToLower(strings.TrimSpace(id))
	if id == "" || len(id) > maxJID {
		return ""
	}
	user, at, ok := strings.Cut(id, "@")
	user, _, _ = strings.Cut(user, ":")
	if ok {
		server = "@" + at
	}
	return user + server
}

const maxJID = 200 // bytes

// digits are the digits of a phone number.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s[:min(len(s), maxJID)])
}

// nameOnly is a name, or "" for a phone number that stands in its place.
func nameOnly(s string) string {
	if s = line(s); strings.Trim(s, "+0123456789 ()-.\u00a0\u200e\u200f\u202a\u202c") == "" {
		return ""
	}
	return s
}

// line is a text as one line of bounded length, without the marks of direction
// that the app puts around names.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s[:min(len(s), 1000)])
	return view.OneLine(strings.ToValidUTF8(s, ""))
}
