// Package contacts is the view "Contacts": the address book as vCards.
//
//	Contacts/All contacts.vcf       everybody, in one file
//	Contacts/People/<name>.vcf      one each, with the picture
//	Contacts/Groups/<name>.vcf      who is in a list
//	Contacts/Accounts/<name>.vcf    what each account has, where there are several
//
// People whom the phone shows as one are one card, but under Accounts, where
// each account's card is as it is. It knows AddressBook.sqlitedb and
// AddressBookImages.sqlitedb of HomeDomain.
package contacts

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// View shows the address book.
type View struct{}

var _ view.View = View{}

// Name is the folder's name.
func (View) Name() string { return "Contacts" }

const (
	domain    = "HomeDomain"
	bookPath  = "Library/AddressBook/AddressBook.sqlitedb"
	imagePath = "Library/AddressBook/AddressBookImages.sqlitedb"
)

// Open finds the address book.
func (v View) Open(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	if _, err := src.Lookup(ctx, domain, bookPath); err != nil {
		return nil, err
	}
	return src.Lazy(v.Name(), func(ctx context.Context) (vtree.Tree, error) { return build(ctx, src) }), nil
}

func build(ctx context.Context, src *view.Source) (vtree.Tree, error) {
	b, err := load(ctx, src)
	if err != nil {
		return nil, err
	}
	contacts := b.contacts()
	members := b.members(contacts)
	l := src.Layout(ctx)
	s := shelf{src: src, root: l.Root(), cards: map[int64]*card{}}
	all := s.people(contacts)
	s.groups(b, members)
	s.accounts(b)
	s.root.File("All contacts.vcf", s.file(all), newest(all))
	l.Keeps(s.kept)
	for _, err := range b.Lost {
		l.Lost("part of the address book", err)
	}
	return l.Tree()
}

// load reads the address book and where its pictures are.
func load(ctx context.Context, src *view.Source) (*book, error) {
	db, err := src.Database(ctx, domain, bookPath)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	b, err := readBook(ctx, db)
	if err != nil {
		return nil, err
	}
	err = withImages(ctx, src, b.readPhotos)
	switch {
	case view.Passing(err):
		return nil, err
	case err != nil && !errors.Is(err, view.ErrAbsent):
		b.Lost = append(b.Lost, err)
	}
	if err := b.nameAccounts(ctx, src, db); err != nil {
		return nil, err
	}
	return b, ctx.Err()
}

func withImages(ctx context.Context, src *view.Source, do func(context.Context, *view.Database) error) error {
	db, err := src.Database(ctx, domain, imagePath)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(ctx, db)
}

// A shelf lays out the files of cards.
type shelf struct {
	src   *view.Source
	root  view.Dir
	cards map[int64]*card // by the id of each of a card's people
	kept  int64           // bytes of all cards and files
}

// people makes a file for each contact, in the order of their names, and the
// cards that others refer to.
func (s *shelf) people(contacts []*contact) []*card {
	all := make([]*card, len(contacts))
	for i, c := range contacts {
		all[i] = s.card(c)
		for _, p := range c.people {
			s.cards[p.id] = all[i]
		}
	}
	slices.SortStableFunc(all, func(a, b *card) int { return cmp.Compare(a.name, b.name) })
	dir := s.root.Dir("People")
	for _, c := range all {
		dir.File(view.FileName(c.name, ".vcf"), s.file([]*card{c}), c.changed)
	}
	return all
}

// groups makes a file for each list. Those of one name have their accounts'
// names too.
func (s *shelf) groups(b *book, members [][]int64) {
	if len(b.groups) == 0 {
		return
	}
	count := map[string]int{}
	nameOf := func(g group) string { return cmp.Or(view.OneLine(g.name), "Untitled") }
	for _, g := range b.groups {
		count[nameOf(g)]++
	}
	dir := s.root.Dir("Groups")
	for i, g := range b.groups {
		name := nameOf(g)
		if account := b.account(g.store); count[name] > 1 && account != "" {
			name += " (" + account + ")"
		}
		cards := s.of(members[i])
		dir.File(view.FileName(name, ".vcf"), s.file(cards), newest(cards))
	}
}

// of are the cards of people, each once, in the order of their names.
func (s *shelf) of(people []int64) []*card {
	seen := map[*card]bool{}
	var cards []*card
	for _, id := range people {
		if c := s.cards[id]; c != nil && !seen[c] {
			seen[c] = true
			cards = append(cards, c)
		}
	}
	slices.SortStableFunc(cards, func(a, b *card) int { return cmp.Compare(a.name, b.name) })
	return cards
}

// accounts makes a file for each account, where people are in several.
func (s *shelf) accounts(b *book) {
	byStore := map[int64][]*card{}
	var stores []int64
	for i := range b.people {
		p := &b.people[i]
		if byStore[p.store] == nil {
			stores = append(stores, p.store)
		}
		c := &contact{people: []*person{p}, values: p.values, photo: p.photo, groups: p.groups}
		byStore[p.store] = append(byStore[p.store], s.card(c))
	}
	if len(stores) < 2 {
		return
	}
	slices.Sort(stores)
	dir := s.root.Dir("Accounts")
	for _, id := range stores {
		cards := byStore[id]
		dir.File(view.FileName(cmp.Or(b.account(id), "Other"), ".vcf"), s.file(cards), newest(cards))
	}
}
