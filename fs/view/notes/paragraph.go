package notes

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// A paragraph is one line of a text.
type paragraph struct {
	line
	spans []span
}

// A span is a part of a paragraph that looks the same throughout.
type span struct {
	text string
	*run
}

// anchor stands in a text where something else is.
const anchor = "\uFFFC"

// anchors reports that the span stands for an object.
func (s span) anchors() bool { return s.object != "" && s.text == anchor }

func (p paragraph) empty() bool { return len(p.spans) == 0 }

// paragraphs yields the lines of a text, as strings.Split does. The spans are
// valid until the next one.
func (b *body) paragraphs() iter.Seq[paragraph] {
	return func(yield func(paragraph) bool) {
		c := cursor{body: b}
		var p paragraph
		styled := false // a line is as its first character says, be it the break at its end
		for rest := b.text; rest != ""; {
			r, n := c.run(rest)
			part := rest[:n]
			rest = rest[n:]
			for part != "" {
				if !styled {
					p.line, styled = r.line, true
				}
				before, after, broken := strings.Cut(part, "\n")
				p.add(before, r)
				if !broken {
					break
				}
				if !yield(p) {
					return
				}
				p, styled, part = paragraph{spans: p.spans[:0]}, false, after
			}
		}
		yield(p)
	}
}

// add adds a text of one look; each object in it is a span of its own.
func (p *paragraph) add(text string, r *run) {
	for r.object != "" {
		before, after, found := strings.Cut(text, anchor)
		if !found {
			break
		}
		if before != "" {
			p.spans = append(p.spans, span{before, r})
		}
		p.spans = append(p.spans, span{anchor, r})
		text = after
	}
	if text != "" {
		p.spans = append(p.spans, span{text, r})
	}
}

// A cursor goes through a text by its runs.
type cursor struct {
	*body
	next  int // of the runs
	early int // units by which a run ended within a character that the one before it took
}

var unstyled = &run{}

// run is the next run that has text, and how many bytes of the rest are its.
func (c *cursor) run(rest string) (*run, int) {
	for c.next < len(c.runs) {
		r := &c.runs[c.next]
		c.next++
		units := r.units - c.early
		if units <= 0 {
			c.early = -units
			continue
		}
		n, taken := prefix(rest, units)
		c.early = taken - units
		if c.early < 0 {
			c.early = 0 // the text ends before the run
		}
		return r, n
	}
	return unstyled, len(rest)
}

// prefix is how many bytes of a text have some number of UTF-16 code units, and
// how many they really are: one more where that ends within a character.
func prefix(s string, units int) (n, taken int) {
	for n < len(s) && taken < units {
		r, size := utf8.DecodeRuneInString(s[n:])
		n += size
		taken++
		if r > 0xFFFF {
			taken++
		}
	}
	return n, taken
}
