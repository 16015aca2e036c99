package messages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ibfs/fs/view"
)

// The columns of message, by their places in a row. Dates are Cocoa seconds up
// to iOS 10 and nanoseconds from 11, value by value; 0 and NULL are unknown.
const (
	colRow         = iota
	colDate        // when it was sent
	colGUID        //
	colText        // NULL in most messages of iOS 16 and later
	colBody        // typed stream of an NSAttributedString
	colSubject     //
	colHandle      // the other one; 0 or NULL for own messages and unknown senders
	colService     // "iMessage", "SMS", "RCS", "iMessageLite" (by satellite)
	colRead        // when it was read, by whom it was sent to
	colDelivered   //
	colFromMe      //
	colItemType    // 0 a message; else an event, see eventOf
	colOtherHandle // of an event: whom it is about
	colGroupTitle  // of an event: the new name
	colGroupAction // of an event
	colShareStatus // of an event: 1 when sharing of the location ended
	colTarget      // guid of the message that a tapback is about, with "p:0/" or "bp:" before it
	colTapback     // 0, 2, 3 a message; 1000, 2000-2007, 3000-3007 see tapback.go; 4000 a vote
	colEmoji       // of a tapback, iOS 18
	colBalloon     // the app that made it
	colPayload     // of the app: a keyed archive
	colEffect      // "com.apple.MobileSMS.expressivesend.…"
	colThread      // guid of the message that it replies to, iOS 14
	colEdited      // when it was edited last, iOS 16
	colRetracted   // when it was unsent, iOS 16
	colSummary     // property list of edits and what was unsent
	colAudio       // 1: a spoken message
	colError       // not 0: sending failed
	colDeleted     // when it was deleted; of inTrash
	messageColumns = colDeleted
)

func (s *store) columns(trash bool) string {
	m := s.message
	list := make([]string, messageColumns)
	for i, name := range map[int]string{
		colRow: "ROWID", colDate: "date", colHandle: "handle_id", colRead: "date_read", colDelivered: "date_delivered",
		colFromMe: "is_from_me", colItemType: "item_type", colOtherHandle: "other_handle", colGroupAction: "group_action_type",
		colShareStatus: "share_status", colTapback: "associated_message_type", colEdited: "date_edited",
		colRetracted: "date_retracted", colAudio: "is_audio_message", colError: "error",
	} {
		list[i] = m.Col(name)
	}
	for i, name := range map[int]string{
		colGUID: "guid", colText: "text", colSubject: "subject", colService: "service", colGroupTitle: "group_title",
		colTarget: "associated_message_guid", colEmoji: "associated_message_emoji", colBalloon: "balloon_bundle_id",
		colEffect: "expressive_send_style_id", colThread: "thread_originator_guid",
	} {
		list[i] = m.Cut(name, maxText)
	}
	for i, name := range map[int]string{colBody: "attributedBody", colPayload: "payload_data", colSummary: "message_summary_info"} {
		list[i] = m.Within(name, maxBlob)
	}
	if trash {
		list = append(list, s.inTrash.Col("delete_date"))
	}
	return strings.Join(list, ", ")
}

// from is the FROM and WHERE of the messages of a conversation.
func (s *store) from(c *conversation) string {
	join := s.inChat
	switch c.kind {
	case inNone:
		condition := s.inNoChat()
		if c.unsure {
			condition = ""
		}
		return fmt.Sprintf("FROM %s WHERE ifnull(%s, 0) IN (%s)%s", s.message, s.message.Col("handle_id"), list(c.handles), condition)
	case inTrash:
		join = s.inTrash
	}
	// CROSS: the join table leads, as it has the index.
	return fmt.Sprintf("FROM %s CROSS JOIN %s WHERE %s = %s AND %s IN (%s)", join, s.message,
		s.message.Col("ROWID"), join.Col("message_id"), join.Col("chat_id"), list(c.chats))
}

// list is numbers as they stand in an IN.
func list(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// inNoChat is the condition of a message to belong to no conversation.
func (s *store) inNoChat() string {
	condition := ""
	for _, join := range []view.Table{s.inChat, s.inTrash} {
		if join.Name != "" {
			id := view.Quote("message_id")
			condition += fmt.Sprintf(" AND %s NOT IN (SELECT %s FROM %s WHERE %s IS NOT NULL)",
				s.message.Col("ROWID"), id, view.Quote(join.Name), id)
		}
	}
	return condition
}

// messages are the rows of a span in the order of their dates, each once. Rows
// that cannot be read are left out, and the error says so beside the others.
func (s *store) messages(ctx context.Context, c *conversation, p span) ([]view.Row, error) {
	where := s.from(c)
	if !p.whole {
		date := s.dateOf(c)
		where += fmt.Sprintf(" AND %s >= %f AND %s < %f", date, p.from, date, p.to)
	}
	rows, err := s.collect(ctx, "SELECT "+s.columns(c.kind == inTrash)+" "+where)
	if err != nil && !view.Passing(err) && !errors.Is(err, errTooMuch) {
		rows, err = s.oneByOne(ctx, c, p, err)
	}
	slices.SortStableFunc(rows, func(a, b view.Row) int {
		return cmp.Or(a.Cocoa(colDate).Compare(b.Cocoa(colDate)), cmp.Compare(a.Int(colRow), b.Int(colRow)))
	})
	rows = slices.CompactFunc(rows, func(a, b view.Row) bool { return a.Int(colRow) == b.Int(colRow) })
	return rows, err
}

func (s *store) collect(ctx context.Context, query string, args ...any) (all []view.Row, err error) {
	left := maxLoaded
	for row, err := range s.db.Rows(ctx, query, args...) {
		if err != nil {
			return all, err
		}
		if len(all) == maxRows {
			return all, errTooMuch
		}
		left = trim(row, left)
		all = append(all, row)
	}
	return all, nil
}

// later are the tapbacks of a conversation that came after a span, as they may
// be about its messages.
func (s *store) later(ctx context.Context, c *conversation, p span) ([]view.Row, error) {
	return s.collect(ctx, fmt.Sprintf("SELECT %s %s AND %s >= %f AND %s BETWEEN %d AND %d", s.columns(c.kind == inTrash), s.from(c),
		s.dateOf(c), p.to, s.message.Col("associated_message_type"), placedSticker, pollVote-1))
}

// byGUID are the messages of some guids.
func (s *store) byGUID(ctx context.Context, guids []string) (all []view.Row, err error) {
	for some := range slices.Chunk(guids, 500) {
		args := make([]any, len(some))
		for i, g := range some {
			args[i] = g
		}
		rows, err := s.collect(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (?%s)", s.columns(false), s.message,
			s.message.Col("guid"), strings.Repeat(", ?", len(some)-1)), args...)
		all = append(all, rows...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// maxLoaded bounds what the messages of one file are made from, in bytes. Rows
// can name the same pages of a damaged database again and again.
const (
	maxLoaded = 128 << 20
	maxRows   = 5 * maxPerFile
)

var errTooMuch = errors.New("more messages than one file can show")

// trim takes from a row what there is no room left for, and returns what is.
func trim(row view.Row, left int) int {
	for i, v := range row {
		n := 0
		switch v := v.(type) {
		case string:
			n = len(v)
		case []byte:
			n = len(v)
		}
		if n > left {
			row[i] = nil
			continue
		}
		left -= n
	}
	return left
}

// oneByOne reads messages each by a query of its own, so that a damaged page
// costs those on it. Which there are the join table tells. The error says how
// many are lost, or passes.
func (s *store) oneByOne(ctx context.Context, c *conversation, p span, because error) (all []view.Row, err error) {
	join := s.inChat
	switch c.kind {
	case inNone:
		return nil, because
	case inTrash:
		join = s.inTrash
	}
	deleted := map[int64]any{} // by message
	before := len(s.Lost)
	err = s.Scan(ctx, s.db, join, []string{"message_id", "chat_id", "delete_date"}, func(row view.Row) {
		if slices.Contains(c.chats, row.Int(1)) {
			deleted[row.Int(0)] = row[2]
		}
	})
	if err != nil {
		return nil, err
	}
	if len(s.Lost) > before {
		because = fmt.Errorf("%w; nor can all be read that says which they are: %w", because, s.Lost[before])
	}
	lost, left := 0, maxLoaded
	query := "SELECT " + s.columns(false) + " FROM " + s.message.String() + " WHERE " + s.message.Col("ROWID") + " = ?"
	for id, at := range deleted {
		for row, err := range s.db.Rows(ctx, query, id) {
			switch {
			case view.Passing(err):
				return nil, err
			case err != nil:
				lost++
			case p.whole || p.holds(row.Cocoa(colDate)):
				left = trim(row, left)
				all = append(all, append(row, at))
			}
		}
	}
	return all, fmt.Errorf("%d of %d messages cannot be read: %w", lost, len(deleted), because)
}
