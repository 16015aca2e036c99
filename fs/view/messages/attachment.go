package messages

import (
	"cmp"
	"context"
	"fmt"
	iofs "io/fs"
	"path"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A file is what was sent along with a message.
type file struct {
	message int64 // row of the message
	guid    string
	title   string // as its sender named it
	sticker bool
	hidden  bool // part of a sticker or of a link's preview, not shown by itself
	entry   backupfmt.Entry
	missing string // why it is not in the backup; "" when it is
	shown   string // its name in the folder "attachments"
}

// attach finds what was sent along in each conversation.
func (s *store) attach(ctx context.Context, src *view.Source, all []*conversation, lost func(string, error)) {
	files := s.files(ctx, lost)
	if len(files) == 0 {
		return
	}
	if _, err := src.Backup.Index(ctx); err != nil { // it finds paths faster than the manifest does
		lost("attachments", err)
		return
	}
	byMessage := map[int64][]file{}
	for _, f := range files {
		if err := f.find(ctx, src); err != nil {
			lost("attachments", err)
			return
		}
		byMessage[f.message] = append(byMessage[f.message], f.file)
	}
	s.deal(ctx, all, byMessage, lost)
}

// sent is a row of attachment.
type sent struct {
	file
	row       int64  // of attachment
	filename  string // a path on the phone; "" for what was never loaded
	mime, uti string // its type
}

// files are all attachments, in the order of their messages, each once for each.
func (s *store) files(ctx context.Context, lost func(string, error)) (all []sent) {
	const what = "some attachments"
	byRow := map[int64]sent{}
	for row := range s.Rows(ctx, s.db, s.attachment, what, lost, "ROWID", "guid", "filename", "transfer_name", "mime_type", "is_sticker", "hide_attachment", "uti") {
		f := sent{row: row.Int(0), filename: row.Text(2), mime: row.Text(4), uti: row.Text(7)}
		f.guid = row.Text(1)
		f.title = strings.TrimSpace(cmp.Or(row.Text(3), path.Base("/"+f.filename)))
		if len(f.title) > maxText {
			f.title = strings.ToValidUTF8(f.title[:maxText], "")
		}
		f.sticker = row.Bool(5)
		f.hidden = f.sticker || row.Bool(6) || strings.HasSuffix(f.filename, previewExt) || strings.HasSuffix(f.title, previewExt)
		byRow[f.row] = f
	}
	for row := range s.Rows(ctx, s.db, s.attachments, what, lost, "message_id", "attachment_id") {
		if f, ok := byRow[row.Int(1)]; ok {
			f.message = row.Int(0)
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b sent) int {
		return cmp.Or(cmp.Compare(a.message, b.message), cmp.Compare(a.row, b.row))
	})
	return slices.CompactFunc(all, func(a, b sent) bool { return a.message == b.message && a.row == b.row })
}

// previewExt is what a link's preview is kept as.
const previewExt = ".pluginPayloadAttachment"

const (
	notLoaded = "never loaded to the phone"
	notKept   = "not in this backup"
	noPath    = "at a place that is none of Messages"
)

// find looks up the row of the backup that is the attachment. The error is one
// that passes.
func (f *sent) find(ctx context.Context, src *view.Source) error {
	if f.filename == "" {
		f.missing = notLoaded
		return nil
	}
	p, ok := attachmentPath(f.filename)
	if !ok {
		f.missing = noPath
		return nil
	}
	for _, d := range []string{"MediaDomain", domain} {
		e, err := src.Lookup(ctx, d, p)
		var typ iofs.FileMode
		if err == nil {
			typ, err = src.Backup.Type(ctx, e)
		}
		switch {
		case view.Passing(err):
			return err
		case err == nil && (typ == 0 || typ.IsDir()):
			f.entry, f.missing = e, ""
			if typ == 0 {
				f.title = view.WithExtension(f.label(), f.mime, f.uti)
			}
			return nil
		}
	}
	f.missing = notKept
	return nil
}

// attachmentPath is the path in a domain of what a database names by a path on
// the phone, or on a Mac that it came from. It is one of the few folders that
// attachments lie in, and leads nowhere else.
func attachmentPath(filename string) (string, bool) {
	_, rest, ok := strings.Cut(filename, "Library/SMS/")
	if !ok {
		_, rest, ok = strings.Cut(filename, "Library/Messages/")
	}
	folder, below, deep := strings.Cut(rest, "/")
	if !ok || !deep || below == "" || path.Clean("/"+rest) != "/"+rest || strings.ContainsRune(rest, 0) {
		return "", false
	}
	switch folder {
	case "Attachments", "StickerCache", "Parts":
		return "Library/SMS/" + rest, true
	}
	return "", false
}

// maxDealt bounds what was sent along in all conversations. Rows of a damaged
// join table can name the messages of others.
const maxDealt = 500_000

// deal gives each conversation what was sent along in it.
func (s *store) deal(ctx context.Context, all []*conversation, byMessage map[int64][]file, lost func(string, error)) {
	type owner struct {
		kind kind
		id   int64
	}
	owners := map[owner]*conversation{}
	for _, c := range all {
		for _, id := range c.chats {
			owners[owner{c.kind, id}] = c
		}
		for _, id := range c.handles {
			owners[owner{c.kind, id}] = c
		}
	}
	with := "IN (SELECT " + view.Quote("message_id") + " FROM " + view.Quote(s.attachments.Name) + ")"
	queries := map[kind]string{}
	if slices.ContainsFunc(all, func(c *conversation) bool { return c.kind == inNone }) {
		queries[inNone] = fmt.Sprintf("SELECT %s, ifnull(%s, 0) FROM %s WHERE %s %s%s", s.message.Col("ROWID"), s.message.Col("handle_id"),
			s.message, s.message.Col("ROWID"), with, s.inNoChat())
	}
	for k, join := range map[kind]view.Table{inChat: s.inChat, inTrash: s.inTrash} {
		if join.Name != "" {
			queries[k] = fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s %s", join.Col("message_id"), join.Col("chat_id"), join, join.Col("message_id"), with)
		}
	}
	dealt := 0
	for _, k := range []kind{inChat, inNone, inTrash} {
		query, ok := queries[k]
		if !ok {
			continue
		}
		for row, err := range s.db.Rows(ctx, query) {
			if err != nil {
				lost("some attachments", err)
				break
			}
			c, files := owners[owner{k, row.Int(1)}], byMessage[row.Int(0)]
			if c == nil || len(files) == 0 {
				continue
			}
			if c.files == nil {
				c.files = map[int64][]file{}
			}
			if _, twice := c.files[row.Int(0)]; twice {
				continue
			}
			if dealt += len(files); dealt > maxDealt {
				lost("some attachments", view.ErrTooLong)
				return
			}
			c.files[row.Int(0)] = slices.Clone(files)
		}
	}
}
