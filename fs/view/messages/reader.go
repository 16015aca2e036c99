package messages

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ibfs/fs/view"
)

// A reader makes the pages of one conversation.
type reader struct {
	store *store
	book  *book
	c     *conversation
}

// A page is what one file shows.
type page struct {
	c        *conversation
	label    string // the year, in a conversation that has a file for each
	messages []message
	lost     error // what could not be read of it
}

// read makes the page of a span. What the database does not give for a passing
// reason is an error; what is damaged is told in the page.
func (r *reader) read(ctx context.Context, p span) (*page, error) {
	out := &page{c: r.c, label: p.label}
	rows, err := r.store.messages(ctx, r.c, p)
	if err := out.tell(err); err != nil {
		return nil, err
	}
	tapbacks := map[string][]given{}
	out.messages = make([]message, 0, len(rows))
	for _, row := range rows {
		if g, target, ok := r.tapbackOf(row); ok {
			tapbacks[target] = append(tapbacks[target], g)
			continue
		}
		out.messages = append(out.messages, r.compose(row, r.c.files[row.Int(colRow)]))
	}
	if !p.whole {
		late, err := r.store.later(ctx, r.c, p)
		if err := out.tell(err); err != nil {
			return nil, err
		}
		for _, row := range late {
			if g, target, ok := r.tapbackOf(row); ok {
				g.later = true
				tapbacks[target] = append(tapbacks[target], g)
			}
		}
	}
	err = r.relate(ctx, out, rows, tapbacks)
	return out, out.tell(err)
}

// tell keeps an error for the reader of the page, unless it is a passing one.
func (p *page) tell(err error) error {
	if view.Passing(err) {
		return err
	}
	p.lost = cmp.Or(p.lost, err)
	return nil
}

// relate gives messages their tapbacks, and what they reply to.
func (r *reader) relate(ctx context.Context, p *page, rows []view.Row, tapbacks map[string][]given) error {
	place := map[string]int{}
	for i := range p.messages {
		place[p.messages[i].guid] = i
	}
	delete(place, "")              // a message without a guid is nobody's target
	elsewhere := map[string]bool{} // guids of messages that are not on this page
	threads := map[int64]string{}  // by row of message
	for _, row := range rows {
		if thread := row.Text(colThread); thread != "" {
			threads[row.Int(colRow)] = thread
			if _, here := place[thread]; !here {
				elsewhere[thread] = true
			}
		}
	}
	for target := range tapbacks {
		if _, here := place[target]; !here {
			elsewhere[target] = true
		}
	}
	found := map[string]quote{}
	more, err := r.store.byGUID(ctx, slices.Sorted(maps.Keys(elsewhere)))
	for _, row := range more {
		m := r.compose(row, nil)
		found[m.guid] = m.quote()
	}
	for i := range p.messages {
		m := &p.messages[i]
		if m.guid != "" {
			m.tapbacks = standing(tapbacks[m.guid])
		}
		if thread, ok := threads[m.row]; ok {
			if at, here := place[thread]; here {
				q := p.messages[at].quote()
				m.reply = &q
			} else if q, ok := found[thread]; ok {
				m.reply = &q
			} else {
				m.reply = &quote{}
			}
		}
	}
	r.addOrphans(p, place, found, tapbacks)
	return err
}

// addOrphans shows the tapbacks whose message is nowhere as entries of their own.
func (r *reader) addOrphans(p *page, place map[string]int, found map[string]quote, tapbacks map[string][]given) {
	added := false
	for _, target := range slices.Sorted(maps.Keys(tapbacks)) {
		_, here := place[target]
		if _, known := found[target]; here || known {
			continue
		}
		for _, g := range tapbacks[target] {
			if g.removed || g.later {
				continue
			}
			added = true
			p.messages = append(p.messages, message{
				row: g.row.Int(colRow), guid: g.row.Text(colGUID), at: g.row.Cocoa(colDate), who: g.who, mine: g.row.Bool(colFromMe),
				event: r.subject(g.row) + " " + g.mark().verb + " a message that is not there any more",
			})
		}
	}
	if added {
		slices.SortStableFunc(p.messages, func(a, b message) int { return a.at.Compare(b.at) })
	}
}

// who is the sender of a row.
func (r *reader) who(row view.Row) string {
	if row.Bool(colFromMe) {
		return ownName
	}
	if p, ok := r.book.handles[row.Int(colHandle)]; ok {
		return p.name
	}
	if !r.c.group && len(r.c.people) > 0 {
		return r.c.people[0].name
	}
	return unknownName
}

const maxQuote = 80 // runes

// quote is the start of a message's first line.
func (m *message) quote() quote {
	text := m.text()
	switch {
	case text != "":
	case m.event != "":
		text = m.event
	case len(m.app) > 0:
		text = m.app[0]
	case len(m.pieces) > 0:
		text = "[" + m.pieces[0].file.label() + "]"
	}
	text, _, _ = strings.Cut(text, "\n")
	if utf8.RuneCountInString(text) > maxQuote {
		text = string([]rune(text)[:maxQuote]) + "…"
	}
	return quote{m.who, text}
}

// label is what a file is called where it is told of.
func (f *file) label() string {
	switch {
	case f == nil:
		return "attachment"
	case f.sticker:
		return "sticker"
	case f.title == "" || f.title == "/" || f.title == ".":
		return "attachment"
	}
	return f.title
}
