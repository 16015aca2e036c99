package notes

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
)

// A library is what there is of notes, without their texts. All are by their
// rows.
type library struct {
	accounts    map[int64]*account
	folders     map[int64]*folder
	notes       []*note
	attachments map[int64]*attachment
	media       map[int64]*media
	byName      map[string]*attachment // by identifier, as texts refer to them
}

type account struct {
	row        int64
	name       string
	identifier string
}

type folder struct {
	row     int64
	title   string
	parent  int64
	account int64
	trash   bool
}

// A note is a note without its text.
type note struct {
	row        int64
	title      string // "" for one without
	snippet    string
	folder     int64
	account    int64
	data       int64 // row of its text
	pinned     bool
	locked     bool
	unfetched  bool // its text is in iCloud only
	created    time.Time
	changed    time.Time
	attached   []*attachment // in the order of their rows
	attachedIn string        // name of the folder that has its files, "" for none
}

// An attachment is something within a note: a file, a table, a link, a tag.
type attachment struct {
	row        int64
	identifier string
	uti        string
	title      string
	text       string // of one within a line, such as "#tag"
	url        string
	note       int64
	parent     int64 // row of the scans that it is one of
	media      int64
	generation string // of what stands in for it
	children   []*attachment

	file *file // nil for none in this backup
}

// A media is the file of an attachment.
type media struct {
	row        int64
	identifier string
	filename   string
	generation string
	attachment int64
}

// A record is a row of ZICCLOUDSYNCINGOBJECT.
type record struct {
	view.Row
	at map[string]int
}

// maxField bounds what is kept of a text, in bytes.
const maxField = 4096

// text is the first of several columns that has a text.
func (r record) text(columns ...string) string {
	for _, c := range columns {
		if i, ok := r.at[c]; ok {
			if s := r.Text(i); s != "" {
				return strings.ToValidUTF8(strings.Clone(s[:min(len(s), maxField)]), "")
			}
		}
	}
	return ""
}

// number is the first of several columns that has a number other than 0.
func (r record) number(columns ...string) int64 {
	for _, c := range columns {
		if i, ok := r.at[c]; ok {
			if n := r.Int(i); n != 0 {
				return n
			}
		}
	}
	return 0
}

// numbers are the values of several columns.
func (r record) numbers(columns []string) (all []int64) {
	for _, c := range columns {
		if n := r.number(c); n != 0 {
			all = append(all, n)
		}
	}
	return all
}

// time is the first of several columns that has a time, in seconds from 2001.
func (r record) time(columns ...string) time.Time {
	for _, c := range columns {
		if i, ok := r.at[c]; ok {
			if t := r.Cocoa(i); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

// columns are all that are read of ZICCLOUDSYNCINGOBJECT. Those with a number
// are another with each version; see store.numbered.
type columns struct {
	created, account, note, parent, attachment, generation []string
}

func (s *store) columns() (c columns, all []string) {
	c = columns{
		created: s.numbered("ZCREATIONDATE"), account: s.numbered("ZACCOUNT"), note: s.numbered("ZNOTE"),
		parent: s.numbered("ZPARENTATTACHMENT"), attachment: s.numbered("ZATTACHMENT"), generation: s.numbered("ZGENERATION"),
	}
	all = []string{
		"Z_PK", "Z_ENT", "ZIDENTIFIER", "ZMARKEDFORDELETION",
		"ZNAME",                        // ICAccount
		"ZTITLE2", "ZPARENT", "ZOWNER", // ICFolder
		"ZFOLDERTYPE",                                                                                            // 1 is the bin
		"ZTITLE1", "ZSNIPPET", "ZFOLDER", "ZNOTEDATA", "ZISPINNED", "ZISPASSWORDPROTECTED", "ZMODIFICATIONDATE1", // ICNote
		"ZNEEDSINITIALFETCHFROMCLOUD",
		"ZTITLE", "ZUSERTITLE", "ZTYPEUTI", "ZURLSTRING", "ZMEDIA", "ZFALLBACKIMAGEGENERATION", "ZFALLBACKPDFGENERATION", // ICAttachment
		"ZTYPEUTI1", "ZALTTEXT", // ICInlineAttachment
		"ZFILENAME", // ICMedia
	}
	for _, more := range [][]string{c.created, c.account, c.note, c.parent, c.attachment, c.generation} {
		all = append(all, more...)
	}
	return c, all
}

// library reads all but the texts. What cannot be read is told to lost.
func (s *store) library(ctx context.Context, lost func(string, error)) (*library, error) {
	kinds, texts := s.kinds(ctx, lost), s.texts(ctx, lost)
	l := &library{
		accounts: map[int64]*account{}, folders: map[int64]*folder{}, attachments: map[int64]*attachment{},
		media: map[int64]*media{}, byName: map[string]*attachment{},
	}
	of, all := s.columns()
	at := map[string]int{}
	for i, c := range all {
		at[c] = i
	}
	owners := map[*int64][]int64{} // rows that something may belong to
	guessed := 0
	for row := range s.Rows(ctx, s.db, s.objects, "some notes", lost, all...) {
		r := record{row, at}
		kind, hasText := kinds[r.number("Z_ENT")], texts[r.number("Z_PK")] != 0
		if kind == "" || hasText && kind != "ICNote" {
			kind = r.guess(hasText)
			guessed++
		}
		if kind == "ICNote" {
			if n := r.note(of); n != nil {
				l.notes = append(l.notes, n)
				owners[&n.account] = r.numbers(of.account)
			}
		} else {
			l.add(kind, r, of)
			if f := l.folders[r.number("Z_PK")]; f != nil {
				owners[&f.account] = append([]int64{f.account}, r.numbers(of.account)...)
			}
		}
	}
	for of, rows := range owners {
		if i := slices.IndexFunc(rows, func(row int64) bool { return l.accounts[row] != nil }); i >= 0 {
			*of = rows[i]
		}
	}
	if guessed > 0 {
		lost("some notes", fmt.Errorf("%d rows of %s do not say what they are, and are taken for what they look like", guessed, s.objects.Name))
	}
	for _, n := range l.notes {
		if n.data == 0 {
			n.data = texts[n.row]
		}
	}
	s.join(ctx, l, lost)
	return l, ctx.Err()
}

func (r record) note(of columns) *note {
	if r.number("ZMARKEDFORDELETION") != 0 {
		return nil // for good; iCloud has not been told yet
	}
	return &note{
		row: r.number("Z_PK"), title: r.text("ZTITLE1"), snippet: r.text("ZSNIPPET"), folder: r.number("ZFOLDER"), data: r.number("ZNOTEDATA"),
		pinned: r.number("ZISPINNED") != 0, locked: r.number("ZISPASSWORDPROTECTED") != 0, unfetched: r.number("ZNEEDSINITIALFETCHFROMCLOUD") != 0,
		created: r.time(of.created...), changed: r.time("ZMODIFICATIONDATE1"),
	}
}

// add takes a row that is no note.
func (l *library) add(kind string, r record, of columns) {
	row := r.number("Z_PK")
	switch kind {
	case "ICAccount":
		l.accounts[row] = &account{row: row, name: r.text("ZNAME"), identifier: r.text("ZIDENTIFIER")}
	case "ICFolder":
		id := r.text("ZIDENTIFIER")
		l.folders[row] = &folder{
			row: row, title: r.text("ZTITLE2"), parent: r.number("ZPARENT"), account: r.number("ZOWNER"),
			trash: strings.HasPrefix(id, "TrashFolder") || id == "" && r.number("ZFOLDERTYPE") == 1,
		}
	case "ICAttachment", "ICInlineAttachment":
		if r.number("ZMARKEDFORDELETION") != 0 {
			return
		}
		a := &attachment{
			row: row, identifier: r.text("ZIDENTIFIER"), uti: r.text("ZTYPEUTI", "ZTYPEUTI1"), title: r.text("ZUSERTITLE", "ZTITLE"),
			text: r.text("ZALTTEXT"), url: r.text("ZURLSTRING"), note: r.number(of.note...), parent: r.number(of.parent...),
			media: r.number("ZMEDIA"), generation: r.text("ZFALLBACKIMAGEGENERATION", "ZFALLBACKPDFGENERATION"),
		}
		l.attachments[row] = a
		if _, twice := l.byName[a.identifier]; a.identifier != "" && !twice {
			l.byName[a.identifier] = a
		}
	case "ICMedia":
		l.media[row] = &media{
			row: row, identifier: r.text("ZIDENTIFIER"), filename: r.text("ZFILENAME"),
			generation: r.text(of.generation...), attachment: r.number(of.attachment...),
		}
	}
}

// joinTable is where iOS 9 and 10 keep which notes a folder has, as
// Z_12NOTES (Z_12FOLDERS, Z_9NOTES).
var joinTable = regexp.MustCompile(`^Z_\d+NOTES$`)

// join finds the folders of notes that do not name theirs.
func (s *store) join(ctx context.Context, l *library, lost func(string, error)) {
	if s.objects.Has("ZFOLDER") {
		return
	}
	names, err := s.db.Tables(ctx)
	if err != nil {
		lost("the folders of notes", err)
		return
	}
	folderOf := map[int64]int64{}
	for _, name := range names {
		t, err := s.db.Table(ctx, name)
		if !joinTable.MatchString(name) || err != nil {
			continue
		}
		folders, notes := "", ""
		for _, c := range t.Columns {
			switch {
			case strings.HasSuffix(c, "FOLDERS"):
				folders = c
			case strings.HasSuffix(c, "NOTES"):
				notes = c
			}
		}
		if folders == "" || notes == "" {
			continue
		}
		for row := range s.Rows(ctx, s.db, t, "the folders of some notes", lost, folders, notes) {
			if l.folders[row.Int(0)] != nil {
				folderOf[row.Int(1)] = row.Int(0)
			}
		}
	}
	for _, n := range l.notes {
		n.folder = folderOf[n.row]
	}
}
