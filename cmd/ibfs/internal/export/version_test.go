package export

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/fs/vtree"
)

// A version is a text of the tree's, as one backup has it.
type version struct {
	text string
	at   time.Time
	lost bool // a part of it could not be read
}

// conversation is a tree that has one text, a version of it.
func conversation(t *testing.T, v version) vtree.Tree {
	t.Helper()
	tree := vtree.NewStatic(1, vtree.Meta{ModTime: day})
	content := vtree.Render(func(context.Context) ([]byte, error) {
		if v.lost {
			return []byte(v.text), vtree.Partial{Err: errors.New("a page is missing")}
		}
		return []byte(v.text), nil
	})
	if _, err := tree.AddFile(1, "conversation.txt", content, vtree.Meta{ModTime: v.at}); err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestKeepsVersions exports versions of one text after each other: each that
// could say more than the next is kept, once.
func TestKeepsVersions(t *testing.T) {
	const until, until2 = "conversation (until 2024-07-14).txt", "conversation (until 2024-07-14) (2).txt"
	later := day.AddDate(0, 0, 7)
	for name, c := range map[string]struct {
		versions []version
		want     map[string]string // beside the last version
		kept     int
	}{
		"longer":                 {[]version{{"one", day, false}, {"one, two", later, false}}, nil, 0},
		"longer, of no time":     {[]version{{"one", day, false}, {"one, two", time.Time{}, false}}, nil, 0},
		"as long":                {[]version{{"one", day, false}, {"two", day, false}}, nil, 0},
		"shorter":                {[]version{{"one, two", day, false}, {"two", later, false}}, map[string]string{until: "one, two"}, 1},
		"shorter, again":         {[]version{{"one, two", day, false}, {"two", later, false}, {"two", later, false}}, map[string]string{until: "one, two"}, 1},
		"shorter twice":          {[]version{{"1, 2, 3", day, false}, {"2, 3", day, false}, {"3", day, false}}, map[string]string{until: "1, 2, 3", until2: "2, 3"}, 2},
		"longer, older":          {[]version{{"three", later, false}, {"one, two", day, false}}, map[string]string{"conversation (until 2024-07-21).txt": "three"}, 1},
		"to and fro":             {[]version{{"1, 2", day, false}, {"3", later, false}, {"1, 2", day, false}, {"3", later, false}}, map[string]string{until: "1, 2", "conversation (until 2024-07-21).txt": "3"}, 2},
		"longer, damaged":        {[]version{{"one", day, false}, {"2, 3, 4, 5", later, true}}, map[string]string{until: "one"}, 1},
		"damaged, then sound":    {[]version{{"two", day, true}, {"one, two", day, false}}, nil, 0},
		"damaged, the same text": {[]version{{"one", day, false}, {"one", day, true}}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			to, kept := t.TempDir(), 0
			for _, v := range c.versions {
				tree := conversation(t, v)
				r, err := Run(t.Context(), tree, tree.Root(), to, Options{Keep: true})
				if err != nil || (len(r.Damaged) > 0) != v.lost || len(r.Failed) > 0 {
					t.Fatalf("%v, %+v", err, r)
				}
				if kept += len(r.Kept); len(r.Kept) > 0 && r.Kept[0].Path != "conversation.txt" {
					t.Errorf("%+v", r.Kept)
				}
			}
			want := map[string]string{"conversation.txt": c.versions[len(c.versions)-1].text}
			maps.Copy(want, c.want)
			holds(t, to, want)
			if kept != c.kept {
				t.Errorf("%d versions are told, want %d", kept, c.kept)
			}
			tree := conversation(t, version{"elsewhere", day, false})
			if _, err := Run(t.Context(), tree, tree.Root(), to, Options{}); err != nil {
				t.Fatal(err)
			}
			want["conversation.txt"] = "elsewhere" // without Keep the folder becomes what the tree is
			holds(t, to, want)
		})
	}
}

func TestVersionName(t *testing.T) {
	at := time.Date(2024, 7, 14, 0, 0, 0, 0, time.Local)
	var all []string
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"conversation.txt", 1, "conversation (until 2024-07-14).txt"},
		{"conversation 2023.html", 3, "conversation 2023 (until 2024-07-14) (3).html"},
		{"no extension", 1, "no extension (until 2024-07-14)"},
		{strings.Repeat("é", 120) + ".html", 1, strings.Repeat("é", 115) + " (until 2024-07-14).html"},
	} {
		got := versionName(c.name, at, c.n)
		if got != c.want || len(got) > vtree.MaxName {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
		all = append(all, got)
	}
	if slices.Sort(all); len(slices.Compact(all)) != 4 {
		t.Error(fmt.Sprint(all))
	}
}
