package judge

import "context"

// A Note is a note as apple-notes-parser reads it.
type Note struct {
	Row     int64    // of ZICCLOUDSYNCINGOBJECT
	Title   string   // "" for none
	Account string   // its name
	Folders []string // from the outermost
	Text    string   // with U+FFFC for what is no text
	Pinned  bool
	Locked  bool
}

// Notes asks apple-notes-parser for the notes of a NoteStore.sqlite, given by its
// path.
func Notes(ctx context.Context, database string) ([]Note, error) {
	return lines[Note]("apple-notes-parser", tool(ctx, "judges-notes/bin/apple-notes", database))
}
