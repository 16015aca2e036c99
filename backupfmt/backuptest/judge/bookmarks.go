package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

// A Bookmark is one as bookmarks_parser reads it.
type Bookmark struct {
	Folders             []string
	Title, URL, AddDate string
}

// UnmarshalJSON reads a list of the four.
func (m *Bookmark) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&m.Folders, &m.Title, &m.URL, &m.AddDate})
}

// Bookmarks asks bookmarks_parser what is in a page of bookmarks.
func Bookmarks(ctx context.Context, page string) (all []Bookmark, err error) {
	out, err := output(exec.CommandContext(ctx, filepath.Join(Tools(), "judges-bookmarks/bin/bookmarks"), page))
	if err != nil {
		return nil, fmt.Errorf("ask bookmarks_parser: %w", err)
	}
	for line := range bytes.Lines(out) {
		var m Bookmark
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("ask bookmarks_parser: %w", err)
		}
		all = append(all, m)
	}
	return all, nil
}
