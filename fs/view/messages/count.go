package messages

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ibfs/fs/view"
)

// A tally is what a join table says of a chat.
type tally struct {
	count int
	last  time.Time
	dated bool
}

// counts counts the messages of each chat. When the dates are not in the join
// table, as up to iOS 10, those of the messages are asked.
func (s *store) counts(ctx context.Context, join view.Table, date string, lost func(string, error)) map[int64]tally {
	counts := map[int64]tally{}
	query := fmt.Sprintf("SELECT %s, count(*), max(%s), min(ifnull(%s, 0)) FROM %s GROUP BY 1",
		join.Col("chat_id"), join.Col(date), join.Col(date), join)
	var err error
	dated := false
	for row, e := range s.db.Rows(ctx, query) {
		if err = e; err == nil && len(counts) == maxConversations {
			err = errTooMany
		}
		if err != nil {
			break
		}
		t := tally{int(row.Int(1)), row.Cocoa(2), row.Float(3) > 0}
		dated = dated || !t.last.IsZero()
		counts[row.Int(0)] = t
	}
	switch {
	case errors.Is(err, errTooMany):
		lost("some conversations", err)
	case err != nil:
		return s.countEach(ctx, join, date, lost)
	}
	if dated {
		return counts
	}
	query = fmt.Sprintf("SELECT %s, max(%s) FROM %s CROSS JOIN %s WHERE %s = %s GROUP BY 1",
		join.Col("chat_id"), s.message.Col("date"), join, s.message, s.message.Col("ROWID"), join.Col("message_id"))
	for row, err := range s.db.Rows(ctx, query) {
		if err != nil {
			return counts // the dates are missed, no more
		}
		t := counts[row.Int(0)]
		t.last = row.Cocoa(1)
		counts[row.Int(0)] = t
	}
	return counts
}

// countEach counts what can be read of a damaged table.
func (s *store) countEach(ctx context.Context, join view.Table, date string, lost func(string, error)) map[int64]tally {
	counts := map[int64]tally{}
	for row, err := range s.db.Scan(ctx, join, "chat_id", date) {
		if err != nil {
			lost("some messages", err)
			continue
		}
		t, known := counts[row.Int(0)]
		if !known && len(counts) == maxConversations {
			lost("some conversations", errTooMany)
			break
		}
		t.count++
		if at := row.Cocoa(1); at.After(t.last) {
			t.last = at
		}
		counts[row.Int(0)] = t
	}
	return counts
}

// unjoined are the conversations of messages in no chat, one for each sender.
// When it cannot be told which those are, they are all messages: better twice
// than never.
func (s *store) unjoined(ctx context.Context, b *book, lost func(string, error)) []*conversation {
	all, err := s.bySender(ctx, b, s.inNoChat())
	if err != nil && ctx.Err() == nil && !errors.Is(err, errTooMany) {
		lost("which conversation some messages belong to", err)
		all, err = s.bySender(ctx, b, "")
		for _, c := range all {
			c.unsure = true
		}
	}
	if err != nil {
		lost("messages that belong to no conversation", err)
	}
	return all
}

func (s *store) bySender(ctx context.Context, b *book, condition string) (all []*conversation, err error) {
	query := fmt.Sprintf("SELECT ifnull(%s, 0), count(*), max(%s) FROM %s WHERE 1%s GROUP BY 1 ORDER BY 1",
		s.message.Col("handle_id"), s.message.Col("date"), s.message, condition)
	byKey := map[string]*conversation{}
	for row, err := range s.db.Rows(ctx, query) {
		if err == nil && len(all) == maxConversations {
			err = errTooMany
		}
		if err != nil {
			return all, err
		}
		p, ok := b.handles[row.Int(0)]
		if !ok {
			p = person{name: unknownName}
		}
		c := &conversation{kind: inNone, handles: []int64{row.Int(0)}, count: int(row.Int(1)), last: row.Cocoa(2), people: []person{p}}
		if first := byKey[p.key]; first != nil && len(first.handles) < maxMerged {
			first.merge(c)
			continue
		}
		byKey[p.key] = c
		all = append(all, c)
	}
	return all, nil
}
