package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A logged call is one of CallHistory.sqlite.
type logged struct {
	at     time.Time
	length time.Duration
	people []person
	group  string // the group's JID, of a call in one

	incoming, video, missed bool
}

// readCalls reads the calls, the oldest first. ZWACDCALLEVENT is a call, a row
// of ZWAAGGREGATECALLEVENT several of one kind that follow each other, and who
// took part belongs to that.
//
// Source: iLEAPP whatsApp.py; whatsapp-chat-exporter agrees.
func (s *store) readCalls(ctx context.Context, src *view.Source, b *book, lost func(string, error)) []logged {
	db, err := src.Database(ctx, s.place.Domain, "CallHistory.sqlite")
	if errors.Is(err, view.ErrAbsent) {
		return nil
	}
	if err != nil {
		lost("calls", err)
		return nil
	}
	defer db.Close()
	var event, group, participant view.Table
	if err := db.Find(ctx,
		view.Wanted{Table: &event, Name: "ZWACDCALLEVENT", Needed: true},
		view.Wanted{Table: &group, Name: "ZWAAGGREGATECALLEVENT"},
		view.Wanted{Table: &participant, Name: "ZWACDCALLEVENTPARTICIPANT"},
	); err != nil {
		lost("calls", err)
		return nil
	}
	kinds := map[int64]logged{}
	for r := range s.Rows(ctx, db, group, "calls", lost, "rowid", "ZINCOMING", "ZVIDEO", "ZMISSED") {
		kinds[r.Int(0)] = logged{incoming: r.Bool(1), video: r.Bool(2), missed: r.Bool(3)}
	}
	for r := range s.Rows(ctx, db, participant, "calls", lost, "Z1PARTICIPANTS", "ZJIDSTRING") {
		c, there := kinds[r.Int(0)]
		if jid := r.Text(1); there && jid != "" && jidOf(jid, numberServer) != b.own && len(c.people) < maxChoices {
			c.people = append(c.people, b.person(jid))
			kinds[r.Int(0)] = c
		}
	}
	var all []logged
	for r := range s.Rows(ctx, db, event, "calls", lost, "Z1CALLEVENTS", "ZDATE", "ZDURATION", "ZGROUPJIDSTRING") {
		c := kinds[r.Int(0)]
		c.at, c.group = r.Cocoa(1), jidOf(r.Text(3), groupServer)
		if s := r.Float(2); s > 0 && s < 1e6 {
			c.length = time.Duration(s) * time.Second
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b logged) int { return a.at.Compare(b.at) })
	return all
}

// callSheet has a row for each call, as that of the phone's own calls has.
func callSheet(calls []logged, zone *time.Location) []byte {
	s := view.NewSheet("Date", "Direction", "Name", "Number", "Kind", "Duration")
	for _, c := range calls {
		direction := "outgoing"
		switch {
		case c.missed:
			direction = "missed"
		case c.incoming:
			direction = "incoming"
		}
		kind := "voice"
		if c.video {
			kind = "video"
		}
		if c.group != "" {
			kind = "group " + kind
		}
		var names, numbers []string
		for _, p := range unique(c.people) {
			if p.name != p.address {
				names = append(names, p.name)
			}
			numbers = append(numbers, p.address)
		}
		s.Row(view.Stamp(c.at, zone), direction, strings.Join(names, ", "), strings.Join(numbers, " / "), kind, fmt.Sprintf("PT%dS", int(c.length.Seconds())))
	}
	return s.Bytes()
}
