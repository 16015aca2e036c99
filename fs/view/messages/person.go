package messages

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"ibfs/fs/view/people"
)

// A person is whom an address belongs to.
type person struct {
	key     string // the same for all addresses of one person
	name    string // of the address book, or the address
	address string
	known   bool // the address book has the name
}

// A book tells who has which row of handle.
type book struct {
	index     *people.Index
	handles   map[int64]person
	addresses map[string]person // the same, by address in lower case
	same      map[string]string // person_centric_id to key
}

// readBook reads the addresses. Those that cannot be read have no name.
func (s *store) readBook(ctx context.Context, index *people.Index, lost func(string, error)) *book {
	b := &book{index: index, handles: map[int64]person{}, addresses: map[string]person{}, same: map[string]string{}}
	for row := range s.Rows(ctx, s.db, s.handle, "names of senders", lost, "ROWID", "id", "person_centric_id") {
		p := b.person(row.Text(1))
		if same := row.Text(2); same != "" && !p.known {
			// What the phone takes for one person is one, unless the address book
			// tells.
			p.key = cmp.Or(b.same[same], p.key)
			b.same[same] = p.key
		}
		b.addresses[strings.ToLower(p.address)] = p
		b.handles[row.Int(0)] = p
	}
	return b
}

// person finds who has an address.
func (b *book) person(address string) person {
	address = strings.TrimSpace(address)
	if p, ok := b.addresses[strings.ToLower(address)]; ok {
		return p
	}
	if p, ok := b.index.Find(address); ok {
		return person{key: fmt.Sprintf("person %d", p.ID), name: p.Name, address: address, known: true}
	}
	return person{key: "address " + strings.ToLower(address), name: cmp.Or(address, unknownName), address: address}
}

const (
	unknownName = "Unknown sender"
	ownName     = "Me"
)
