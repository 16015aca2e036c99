package judge

import (
	"context"
	"encoding/json"
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
func Bookmarks(ctx context.Context, page string) ([]Bookmark, error) {
	return lines[Bookmark]("bookmarks_parser", tool(ctx, "judges-bookmarks/bin/bookmarks", page))
}
