package contacts

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A card is a contact as it is kept: its text, and where its picture is.
type card struct {
	name    string
	text    []byte
	photo   photo
	changed time.Time
}

func (s *shelf) card(c *contact) *card {
	const size = 128 // of a card, and of what leads to it
	made := &card{c.name(), c.card(), c.photo, c.changed()}
	s.kept += int64(size + len(made.name) + len(made.text))
	return made
}

func (c *card) size() int64 { return int64(len(c.text)+len(cardEnd)) + c.photo.lineLen() }

// newest is when the last of the cards was changed.
func newest(cards []*card) (at time.Time) {
	for _, c := range cards {
		if c.changed.After(at) {
			at = c.changed
		}
	}
	return at
}

// file is a file of cards, one after the other. Its size is known without a
// picture being read, and no more than one card is in memory at a time, since
// all of a large address book may be gigabytes.
type file struct {
	src   *view.Source
	cards []*card
	ends  []int64 // where each card ends
}

var _ vtree.Content = (*file)(nil)

func (s *shelf) file(cards []*card) *file {
	f := &file{src: s.src, cards: cards, ends: make([]int64, len(cards))}
	end := int64(0)
	s.kept += int64(len(cards) * (8 + 8))
	for i, c := range cards {
		end += c.size()
		f.ends[i] = end
	}
	return f
}

func (f *file) length() int64 {
	if len(f.ends) == 0 {
		return 0
	}
	return f.ends[len(f.ends)-1]
}

func (f *file) Size(context.Context) (int64, error)      { return f.length(), nil }
func (f *file) Open(context.Context) (vtree.File, error) { return &openFile{file: f, at: -1}, nil }

// openFile is an open file of cards.
type openFile struct {
	*file

	mu   sync.Mutex
	db   *view.Database // guarded by mu; of pictures, nil until one is read
	at   int            // guarded by mu; the card that is in memory, -1 for none
	card []byte         // guarded by mu; it
}

func (f *openFile) Size() int64 { return f.length() }

// ReadAt reads any part of the file.
func (f *openFile) ReadAt(p []byte, off int64) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n < len(p) && off < f.length() {
		i, _ := slices.BinarySearchFunc(f.ends, off, func(end, off int64) int { return cmp.Compare(end, off+1) })
		if err := f.load(i); err != nil {
			return n, err
		}
		m := copy(p[n:], f.card[int64(len(f.card))-(f.ends[i]-off):])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// load brings a card into memory.
func (f *openFile) load(i int) error {
	if f.at == i {
		return nil
	}
	c := f.cards[i]
	b := append(make([]byte, 0, c.size()), c.text...)
	if c.photo.size > 0 {
		line, err := f.picture(c.photo)
		if err != nil {
			return err
		}
		b = append(b, line...)
	}
	f.at, f.card = i, append(b, cardEnd...)
	return nil
}

func (f *openFile) picture(p photo) ([]byte, error) {
	ctx := context.Background() // reading has none
	if f.db == nil {
		db, err := f.src.Database(ctx, domain, imagePath)
		if err != nil {
			return nil, err
		}
		f.db = db
	}
	return p.line(ctx, f.db)
}

// Close lets go of the pictures.
func (f *openFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.db == nil {
		return nil
	}
	err := f.db.Close()
	f.db = nil
	return err
}
