package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

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
	out, err := output(exec.CommandContext(ctx, filepath.Join(Tools(), "judges-notes/bin/apple-notes"), database))
	if err != nil {
		return nil, fmt.Errorf("ask apple-notes-parser: %w", err)
	}
	var all []Note
	for line := range bytes.Lines(out) {
		var n Note
		if err := json.Unmarshal(line, &n); err != nil {
			return nil, fmt.Errorf("ask apple-notes-parser: %w", err)
		}
		all = append(all, n)
	}
	return all, nil
}
