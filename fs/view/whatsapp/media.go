package whatsapp

import (
	"context"
	iofs "io/fs"
	"path"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

// A file is what was sent along with a message, and is in the backup.
type file struct {
	entry backupfmt.Entry
	title string // of a document: as its sender named it
	ext   string
	what  string // "photo"
	shown string // its name in the folder of attachments
}

// findFiles finds what was sent along in each chat.
func (s *store) findFiles(ctx context.Context, src *view.Source, all []*chat, lost func(string, error)) {
	type owner struct {
		*chat
		typ int64 // of the message
	}
	owners := map[int64]owner{} // by row of ZWAMEDIAITEM
	for _, c := range all {
		for _, m := range c.messages {
			if _, there := owners[m.media]; m.media != 0 && !there {
				owners[m.media] = owner{c, m.typ}
			}
		}
	}
	for r := range s.Rows(ctx, s.db, s.media, "some attachments", lost, "rowid", "ZMEDIALOCALPATH", "ZTITLE", "ZVCARDSTRING") {
		c, local := owners[r.Int(0)], r.Text(1)
		if c.chat == nil || local == "" {
			continue
		}
		p, ok := mediaPath(mediaFolder(s.place), local)
		if !ok {
			continue
		}
		entry, err := src.Lookup(ctx, s.place.Domain, p)
		var typ iofs.FileMode
		if err == nil {
			typ, err = src.Backup.Type(ctx, entry)
		}
		if view.Passing(err) {
			lost("some attachments", err)
			return
		}
		if err != nil || typ != 0 {
			continue // it is told beside the message
		}
		f := &file{entry: entry, what: whatOf(c.typ), ext: path.Ext(p)}
		if c.typ == typeDocument {
			f.title = line(r.Text(2))
		}
		if len(f.ext) < 2 || len(f.ext) > 8 {
			f.ext = view.Extension(r.Text(3))
		}
		if c.files == nil {
			c.files = map[int64]*file{}
		}
		c.files[r.Int(0)] = f
	}
}

// mediaPath is the path in the app's domain of what a database names by a path
// below one of its folders. It leads nowhere else.
func mediaPath(folder, local string) (string, bool) {
	p := strings.TrimPrefix(strings.TrimPrefix(local, "/"), folder)
	if p == "" || path.Clean("/"+p) != "/"+p || strings.ContainsRune(p, 0) {
		return "", false
	}
	return folder + p, true
}

// name is how a file is called: when it came and what it is, or its own name
// where it has one.
func (f *file) name(at time.Time, zone *time.Location) string {
	when := "Time unknown"
	if !at.IsZero() {
		when = at.In(zone).Format("2006-01-02 15.04.05")
	}
	if f.title == "" {
		return view.FileName(when+" "+f.what, f.ext)
	}
	return view.FileName(when+" "+strings.TrimSuffix(f.title, f.ext), f.ext)
}
