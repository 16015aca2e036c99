package messages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ibfs/fs/view"
)

// A tally is what a join table says of a chat.
type tally struct {
	count int
	last  time.Time
	dated bool

	newest int64 // message
}

// counts counts the messages of each chat that has one.
func (s *store) counts(ctx context.Context, join view.Table, date string, lost func(string, error)) map[int64]tally {
	counts, err := s.tallies(ctx, join, date)
	switch {
	case errors.Is(err, errTooMany) || view.Passing(err):
		lost("some conversations", err)
	case err != nil:
		return s.countEach(ctx, join, date, lost)
	}
	if err := s.dropEmpty(ctx, join, counts); err != nil {
		lost("which conversations have no message any more", err)
	}
	for _, t := range counts {
		if !t.last.IsZero() {
			return counts
		}
	}
	if err := s.dateCounts(ctx, join, counts); err != nil {
		lost("when something was last said in some conversations", err)
	}
	return counts
}

func (s *store) tallies(ctx context.Context, join view.Table, date string) (map[int64]tally, error) {
	counts := map[int64]tally{}
	d := join.Col(date)
	query := fmt.Sprintf("SELECT %s, count(*), max(%s), min(ifnull(%s, 0)), max(%s) FROM %s GROUP BY 1", join.Col("chat_id"), d, d, join.Col("message_id"), join)
	for row, err := range s.db.Rows(ctx, query) {
		if err == nil && len(counts) == maxConversations {
			err = errTooMany
		}
		if err != nil {
			return counts, err
		}
		counts[row.Int(0)] = tally{int(row.Int(1)), row.Cocoa(2), row.Float(3) > 0, row.Int(4)}
	}
	return counts, nil
}

// maxEmpty bounds the chats that are looked through for one message.
const maxEmpty = 200

// dropEmpty drops the chats whose messages are named by the join table alone.
// Most have the last one that it names; only the others are looked through.
func (s *store) dropEmpty(ctx context.Context, join view.Table, counts map[int64]tally) error {
	gone := map[int64]bool{} // chats
	lasts := map[int64]int64{}
	for chat, t := range counts {
		gone[chat], lasts[t.newest] = true, chat
	}
	for ids := range slices.Chunk(sortedKeys(lasts), 1000) {
		id := s.message.Col("ROWID")
		for row, err := range s.db.Rows(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (%s)", id, s.message, id, list(ids))) {
			if err != nil {
				return err // of a damaged table nothing can be told
			}
			delete(gone, lasts[row.Int(0)])
		}
	}
	query := fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s CROSS JOIN %s WHERE %s = ? AND %s = %s)", join, s.message,
		join.Col("chat_id"), s.message.Col("ROWID"), join.Col("message_id"))
	for _, chat := range sortedKeys(gone)[:min(maxEmpty, len(gone))] {
		for row, err := range s.db.Rows(ctx, query, chat) {
			switch {
			case err != nil:
				return err
			case !row.Bool(0):
				delete(counts, chat)
			}
		}
	}
	return nil
}

// dateCounts asks the messages for the dates that the join table has not, as up
// to iOS 10. Where they cannot be read they are missed, no more.
func (s *store) dateCounts(ctx context.Context, join view.Table, counts map[int64]tally) error {
	query := fmt.Sprintf("SELECT %s, max(%s) FROM %s CROSS JOIN %s WHERE %s = %s GROUP BY 1",
		join.Col("chat_id"), s.message.Col("date"), join, s.message, s.message.Col("ROWID"), join.Col("message_id"))
	for row, err := range s.db.Rows(ctx, query) {
		if err != nil {
			return err
		}
		if t, ok := counts[row.Int(0)]; ok {
			t.last = row.Cocoa(1)
			counts[row.Int(0)] = t
		}
	}
	return nil
}

// countEach counts what can be read of a damaged table.
func (s *store) countEach(ctx context.Context, join view.Table, date string, lost func(string, error)) map[int64]tally {
	counts := map[int64]tally{}
	for row := range s.Rows(ctx, s.db, join, "some messages", lost, "chat_id", date) {
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
	if err != nil && !view.Passing(err) && !errors.Is(err, errTooMany) {
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
