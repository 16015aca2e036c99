package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/transcript"
)

// The columns of a message and what belongs to it, by their places in a row.
const (
	colRow         = iota
	colMine        // 1: sent from this phone
	colDate        // Cocoa seconds
	colText        //
	colType        // see compose
	colEvent       // of types 6 and 10: what happened
	colMember      // row of ZWAGROUPMEMBER: who sent it to a group
	colFrom        // JID, of what came in
	colMedia       // row of ZWAMEDIAITEM
	colParent      // row of the message that it replies to; mostly 0
	colStarred     //
	colFlags       // bit 7: forwarded
	colStanza      // what the service calls it
	colTitle       // of the media: caption, or name of a document, or title of a link
	colCard        // of the media: its type, or a vCard
	colCardName    // of the media: whom a vCard is of, or the name of a place
	colLatitude    // degrees
	colLongitude   //
	colPath        // of the media: where it lies
	colLength      // of the media: seconds
	colMetadata    // of the media: see readMetadata
	colReceipt     // see readReceipt
	messageColumns = colReceipt + 1
)

func (s *store) columns() string {
	list := make([]string, messageColumns)
	for of, columns := range map[*view.Table]map[int]string{
		&s.message: {
			colRow: "rowid", colMine: "ZISFROMME", colDate: "ZMESSAGEDATE", colType: "ZMESSAGETYPE", colEvent: "ZGROUPEVENTTYPE",
			colMember: "ZGROUPMEMBER", colMedia: "ZMEDIAITEM", colParent: "ZPARENTMESSAGE", colStarred: "ZSTARRED", colFlags: "ZFLAGS",
		},
		&s.media: {colLatitude: "ZLATITUDE", colLongitude: "ZLONGITUDE", colLength: "ZMOVIEDURATION"},
	} {
		for i, name := range columns {
			list[i] = "NULL"
			if of.Name != "" {
				list[i] = of.Col(name)
			}
		}
	}
	for i, name := range map[int]string{colText: "ZTEXT", colFrom: "ZFROMJID", colStanza: "ZSTANZAID"} {
		list[i] = s.message.Cut(name, maxText)
	}
	for i, name := range map[int]string{colTitle: "ZTITLE", colCard: "ZVCARDSTRING", colCardName: "ZVCARDNAME", colPath: "ZMEDIALOCALPATH"} {
		list[i] = s.media.Cut(name, maxText)
	}
	list[colMetadata], list[colReceipt] = s.media.Within("ZMETADATA", maxBlob), s.info.Within("ZRECEIPTINFO", maxBlob)
	return strings.Join(list, ", ")
}

// from is the FROM of messages with what belongs to them: at most one row each,
// but for a table of receipts that has several.
func (s *store) from() string {
	from := "FROM " + s.message.String()
	if s.media.Name != "" {
		from += fmt.Sprintf(" LEFT JOIN %s ON %s = %s", s.media, s.media.Col("rowid"), s.message.Col("ZMEDIAITEM"))
	}
	switch {
	case s.info.Name == "":
	case s.message.Has("ZMESSAGEINFO"):
		from += fmt.Sprintf(" LEFT JOIN %s ON %s = %s", s.info, s.info.Col("rowid"), s.message.Col("ZMESSAGEINFO"))
	default:
		from += fmt.Sprintf(" LEFT JOIN %s ON %s = %s", s.info, s.info.Col("ZMESSAGE"), s.message.Col("rowid"))
	}
	return from
}

const (
	perQuery  = 500
	maxLoaded = 128 << 20 // bytes that the messages of one page are made from
)

// bare is the store without what comes with messages.
func (s *store) bare() *store { return &store{db: s.db, message: s.message} }

// messages are the rows of some messages, in their order. Those that cannot be
// read are left out, or without what comes with them where that is damaged, and
// the error says so beside the others.
func (s *store) messages(ctx context.Context, ids []int64) ([]view.Row, error) {
	left := maxLoaded
	rows := map[int64]view.Row{}
	collect := func(s *store, ids []int64) error {
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = strconv.FormatInt(id, 10)
		}
		query := fmt.Sprintf("SELECT %s %s WHERE %s IN (%s)", s.columns(), s.from(), s.message.Col("rowid"), strings.Join(texts, ","))
		for row, err := range s.db.Rows(ctx, query) {
			if err != nil {
				return err
			}
			if _, twice := rows[row.Int(colRow)]; twice {
				continue
			}
			for i := range row {
				left -= len(row.Text(i))
			}
			if left < 0 {
				return errTooMuch
			}
			rows[row.Int(colRow)] = row
		}
		return nil
	}
	var failed error
	lost := 0
	ends := func(err error) bool { return view.Passing(err) || errors.Is(err, errTooMuch) }
	for some := range slices.Chunk(ids, perQuery) {
		err := collect(s, some)
		if err != nil && !ends(err) {
			failed = err
			for _, id := range some { // a damaged page costs those on it
				if err = collect(s, []int64{id}); err != nil && !ends(err) {
					lost++
					err = collect(s.bare(), []int64{id})
				}
				if ends(err) {
					break
				}
				err = nil
			}
		}
		if err != nil {
			failed = err
			break
		}
	}
	var all []view.Row
	for _, id := range ids {
		if row, ok := rows[id]; ok {
			all = append(all, row)
		}
	}
	if lost > 0 && !view.Passing(failed) {
		failed = fmt.Errorf("%d of %d cannot be read, or not all of them: %w", lost, len(ids), failed)
	}
	return all, cmp.Or(ctx.Err(), failed)
}

// A reader makes the pages of one chat.
type reader struct {
	store *store
	book  *book
	chat  *chat
	zone  *time.Location
}

// read makes the page of a part. What the database does not give for a passing
// reason is an error; what is damaged is told in the page.
func (r *reader) read(ctx context.Context, p part) (*transcript.Page, error) {
	out := &transcript.Page{Title: r.chat.name, Zone: r.zone, Folder: attachmentsDir}
	if p.label != "" {
		out.Title += ", " + p.label
	}
	rows, err := r.store.messages(ctx, p.rows)
	switch {
	case view.Passing(err):
		return nil, err
	case err != nil:
		out.Lost = err
	}
	quotes, err := r.quotes(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		out.Messages = append(out.Messages, r.compose(row, quotes))
	}
	out.About = r.about(len(rows))
	return out, nil
}

func (r *reader) about(count int) []string {
	var lines, who []string
	for _, p := range r.chat.people {
		if p.name != p.address {
			who = append(who, p.name+" ("+p.address+")")
		} else {
			who = append(who, p.name)
		}
	}
	if len(who) > 0 {
		lines = append(lines, "With "+strings.Join(who, ", "))
	}
	text := fmt.Sprintf("%d messages", count)
	if count == 1 {
		text = "1 message"
	}
	if r.chat.archived {
		text += ", in an archived chat"
	}
	return append(lines, text)
}

// who is the sender of a row.
func (r *reader) who(row view.Row) string {
	switch jid := r.book.members[row.Int(colMember)]; {
	case row.Bool(colMine):
		return ownName
	case jid != "":
		return r.book.person(jid).name
	case !r.chat.group && len(r.chat.people) > 0:
		return r.chat.people[0].name
	case r.chat.kind == inFeed && r.chat.title != "":
		return r.chat.title
	}
	if from := jidOf(row.Text(colFrom), ""); from != "" && !strings.HasSuffix(from, groupServer) {
		return r.book.person(from).name
	}
	return unknownName
}
