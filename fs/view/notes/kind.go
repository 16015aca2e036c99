package notes

import "context"

// kinds are the names of the kinds of rows, by Z_ENT, which is another with
// each model of the database. What cannot be read is told to lost, and has no
// kind.
func (s *store) kinds(ctx context.Context, lost func(string, error)) map[int64]string {
	const what = "what is a note and what is not, which is therefore taken for what it looks like"
	names := map[int64]string{}
	t, err := s.db.Table(ctx, "Z_PRIMARYKEY")
	if err == nil {
		err = t.Need("Z_ENT", "Z_NAME")
	}
	if err != nil {
		lost(what, err)
		return names
	}
	for row := range s.Rows(ctx, s.db, t, what, lost, "Z_ENT", "Z_NAME") {
		names[row.Int(0)] = row.Text(1)
	}
	return names
}

// guess is the kind of a row by what it holds.
func (r record) guess(hasText bool) string {
	switch {
	case hasText, r.number("ZNOTEDATA", "ZFOLDER") != 0, r.text("ZTITLE1", "ZSNIPPET") != "":
		return "ICNote"
	case r.text("ZTITLE2") != "":
		return "ICFolder"
	case r.text("ZFILENAME") != "":
		return "ICMedia"
	case r.text("ZTYPEUTI") != "":
		return "ICAttachment"
	case r.text("ZTYPEUTI1") != "":
		return "ICInlineAttachment"
	}
	return "ICAccount" // nothing is shown of one that no note is in
}

// texts are the rows of texts by their notes: a text knows its note, as the note
// knows it.
func (s *store) texts(ctx context.Context, lost func(string, error)) map[int64]int64 {
	byNote := map[int64]int64{}
	if !s.data.Has("ZNOTE") {
		return byNote
	}
	for row := range s.Rows(ctx, s.db, s.data, "the texts of some notes", lost, "Z_PK", "ZNOTE") {
		if note := row.Int(1); note != 0 {
			byNote[note] = row.Int(0)
		}
	}
	return byNote
}
