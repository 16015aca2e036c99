package voicemail

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A message is a row of the table voicemail.
type message struct {
	id        int64 // the row's number, which the recording is named by
	at        time.Time
	sender    string // number or address; "" is withheld
	receiver  string // the line that it was left on; newer versions
	length    time.Duration
	deleted   bool
	deletedAt time.Time // zero: unknown
	stray     bool      // a recording that no row of the table tells of
}

const (
	noCaller      = "No caller ID"
	unknownCaller = "Unknown caller"

	// maxSize bounds all messages together, in bytes: some 100,000 of them.
	maxSize = 64 << 20

	// deletedFlags is what flags are of a message that was thrown away, also
	// where it has no date of that.
	deletedFlags = 75
)

// readMessages reads all messages, the oldest first, and what cannot be read.
func readMessages(ctx context.Context, db *view.Database) (all []message, lost []error, err error) {
	columns := []string{
		"rowid", "sender", "callback_num", "receiver", "flags",
		"date",         // Unix seconds
		"duration",     // seconds
		"trashed_date", // Cocoa seconds; 0 is not deleted
	}
	reading := view.Reading{Left: maxSize}
	err = reading.Table(ctx, db, "voicemail", []string{"sender", "date"}, columns, func(r view.Row) {
		m := message{id: r.Int(0), sender: cmp.Or(line(r.Text(1)), line(r.Text(2))), receiver: line(r.Text(3)), at: r.Unix(5), deletedAt: r.Cocoa(7)}
		m.deleted = r.Float(7) != 0 || r.Int(4) == deletedFlags
		if s := r.Float(6); s > 0 && s < 24*60*60 {
			m.length = time.Duration(s * float64(time.Second)).Round(time.Second)
		}
		all = append(all, m)
	})
	slices.SortStableFunc(all, func(a, b message) int { return a.at.Compare(b.at) })
	return all, reading.Lost, err
}

// line is a text as one line of bounded length.
func line(s string) string {
	return view.OneLine(strings.ToValidUTF8(s[:min(len(s), 500)], ""))
}

// title names a message: when it was left, and by whom.
func (m message) title(caller string, zone *time.Location) string {
	at := "Time unknown"
	if !m.at.IsZero() {
		at = m.at.In(zone).Format("2006-01-02 15.04")
	}
	if m.stray {
		return at + " " + unknownCaller
	}
	return at + " " + cmp.Or(caller, noCaller)
}
