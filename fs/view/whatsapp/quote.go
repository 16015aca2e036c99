package whatsapp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ibfs/fs/view"
)

// A quote is the start of a message that another replies to.
type quote struct{ who, text string }

// quoted are the messages that others reply to, by their row and by the start
// of what the service calls them.
type quoted struct {
	byRow    map[int64]quote
	byStanza map[string]quote
}

// stanzaLength is how much of a message's name a reply is known to keep.
//
// Source: field-cases.md FC-12.
const stanzaLength = 17

func stanzaKey(id string) string { return id[:min(len(id), stanzaLength)] }

// quotes finds what the messages of a page reply to, on the page or elsewhere.
func (r *reader) quotes(ctx context.Context, rows []view.Row) (*quoted, error) {
	q := &quoted{byRow: map[int64]quote{}, byStanza: map[string]quote{}}
	wanted := map[int64]bool{} // rows of messages that are elsewhere
	for _, row := range rows {
		q.add(r, row)
	}
	for _, row := range rows {
		if id := row.Int(colParent); id != 0 {
			if _, here := q.byRow[id]; !here {
				wanted[id] = true
			}
		}
	}
	more, err := r.store.messages(ctx, slices.Sorted(maps.Keys(wanted)))
	if view.Passing(err) {
		return nil, err
	}
	for _, row := range more {
		q.add(r, row)
	}
	return q, nil
}

func (q *quoted) add(r *reader, row view.Row) {
	said := quote{r.who(row), gist(row)}
	q.byRow[row.Int(colRow)] = said
	if key := stanzaKey(row.Text(colStanza)); key != "" {
		if _, twice := q.byStanza[key]; !twice {
			q.byStanza[key] = said
		}
	}
}

// replyTo tells what a message replies to, or "".
func (r *reader) replyTo(row view.Row, meta metadata, from *quoted) string {
	said, found := quote{}, false
	if meta.stanza != "" {
		if said, found = from.byStanza[stanzaKey(meta.stanza)]; !found && meta.quoted != "" {
			// The reply has a copy of what it quotes.
			said, found = quote{r.nameOf(meta.sender), excerpt(meta.quoted)}, true
		}
	}
	if !found {
		said, found = from.byRow[row.Int(colParent)], row.Int(colParent) != 0
	}
	switch {
	case !found && meta.stanza == "":
		return ""
	case said.text == "":
		return "in reply to a message that is not there any more"
	}
	return fmt.Sprintf("in reply to %s: “%s”", said.who, said.text)
}

// nameOf is the name of a JID as it stands beside messages.
func (r *reader) nameOf(jid string) string {
	if id := jidOf(jid, numberServer); id != "" && id == r.book.own {
		return ownName
	}
	return r.book.person(jid).name
}

// gist is what a message says, in some words.
func gist(row view.Row) string {
	kind := row.Int(colType)
	text := cmp.Or(row.Text(colText), row.Text(colTitle))
	if hasCaption(kind) {
		text = cmp.Or(row.Text(colTitle), row.Text(colText))
	}
	if kind == typePoll {
		text = readReceipt(row.Data(colReceipt)).poll.question
	}
	return cmp.Or(excerpt(text), "["+whatOf(kind)+"]")
}

const maxQuote = 80 // runes

// excerpt is the start of a text's first line.
func excerpt(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if utf8.RuneCountInString(text) > maxQuote {
		text = string([]rune(text)[:maxQuote]) + "…"
	}
	return text
}
