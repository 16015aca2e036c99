package messages

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ibfs/fs/view"
)

// A span is the part of a conversation that one file shows: its messages from
// one instant to before another, in seconds since 2001. Those of no known date
// belong to the first.
type span struct {
	label    string // "" when it is all of the conversation
	from, to float64
	last     time.Time // of its messages
	whole    bool
}

var undivided = span{whole: true}

const (
	maxPerFile = 20_000 // messages; a longer conversation has a file for each year

	cocoaEpoch = 978307200 // 2001-01-01 UTC in Unix seconds
	farAway    = 1e15
)

func (p span) holds(at time.Time) bool {
	s := 0.0
	if !at.IsZero() {
		s = float64(at.Unix() - cocoaEpoch)
	}
	return s >= p.from && s < p.to
}

// dateOf is the date of a message of a conversation by which it belongs to a
// span: that of the join table where it has one, as then no message is read.
func (s *store) dateOf(c *conversation) string {
	if c.dated {
		return seconds(s.inChat.Col("message_date"))
	}
	return seconds(s.message.Col("date"))
}

// seconds is an expression of a date in seconds, whichever unit it is in.
func seconds(date string) string {
	return fmt.Sprintf("(CASE WHEN abs(ifnull(%s, 0)) > 1e12 THEN %s / 1e9 ELSE ifnull(%s, 0) END)", date, date, date)
}

// spans are the parts that a conversation is shown in.
func (s *store) spans(ctx context.Context, c *conversation, zone *time.Location) ([]span, error) {
	if c.count <= maxPerFile {
		return []span{undivided}, nil
	}
	from := s.from(c)
	if c.dated {
		from = fmt.Sprintf("FROM %s WHERE %s IN (%s)", s.inChat, s.inChat.Col("chat_id"), list(c.chats))
	}
	var dates []float64
	for row, err := range s.db.Rows(ctx, "SELECT "+s.dateOf(c)+" "+from) {
		if err != nil {
			return nil, err
		}
		dates = append(dates, row.Float(0))
	}
	return cut(dates, zone), nil
}

// cut makes a span of each year, and of each further maxPerFile messages in it.
// Dates that are unknown make none.
func cut(dates []float64, zone *time.Location) []span {
	dates = slices.DeleteFunc(dates, func(d float64) bool { return view.Cocoa(d).IsZero() })
	slices.Sort(dates)
	var all []span
	year, part, held := 0, 1, 0
	for i, d := range dates {
		y := view.Cocoa(d).In(zone).Year()
		if len(all) > 0 && y == year && (held < maxPerFile || d == dates[i-1]) {
			held++
			all[len(all)-1].last = view.Cocoa(d)
			continue
		}
		part++
		if y != year {
			part = 1
		}
		label := fmt.Sprint(y)
		if part > 1 {
			label = fmt.Sprintf("%d, part %d", y, part)
		}
		year, held = y, 1
		if len(all) > 0 {
			all[len(all)-1].to = d
		}
		all = append(all, span{label: label, from: d, to: farAway, last: view.Cocoa(d)})
	}
	if len(all) < 2 {
		return []span{undivided}
	}
	all[0].from = -farAway
	return all
}
