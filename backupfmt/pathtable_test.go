package backupfmt

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFoldersWithoutNode(t *testing.T) {
	for name, c := range map[string]struct {
		have []string // folders with a node
		all  []string
		want string
	}{
		"none is missing":       {[]string{"A", "A/b"}, []string{"A/b"}, ""},
		"all are":               {nil, []string{"B/x", "A/y/z"}, "A A/y A/y/z B B/x"},
		"below one that is not": {[]string{"A", "A/b/c"}, []string{"A/b/c/d", "A/a"}, "A/a A/b A/b/c/d"},
		"by part, not by byte":  {nil, []string{"A/b", "A b", "A-"}, "A A/b A b A-"},
		"a prefix comes first":  {nil, []string{"AB/c", "A/d"}, "A A/d AB AB/c"},
	} {
		t.Run(name, func(t *testing.T) {
			table := newPathTable(0)
			table.list[0].node = 0
			for _, path := range slices.Concat(c.have, c.all) {
				n, ok := table.number([]byte(path))
				if !ok {
					t.Fatal("no room")
				}
				if slices.Contains(c.have, path) {
					table.list[n].node = 1
				}
			}
			var got []string
			for _, n := range table.withoutNode() {
				var parts []string
				for ; n != 0; n = table.list[n].parent {
					parts = append(parts, table.list[n].name)
				}
				slices.Reverse(parts)
				got = append(got, strings.Join(parts, "/"))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s\nwant %s", s, c.want)
			}
		})
	}
}

func TestFullPathTable(t *testing.T) {
	table := newPathTable(0)
	table.room = 4 // one is taken by the folder of all domains
	for _, c := range []struct {
		path string
		n    int32
		ok   bool
	}{
		{"A/b", 2, true}, {"A/b/c/d", 0, false}, {"A/b/c", 3, true}, {"A/b/x", 0, false}, {"A", 1, true}, {"B", 0, false}, {"", 0, true},
	} {
		if n, ok := table.number([]byte(c.path)); n != c.n || ok != c.ok {
			t.Errorf("%s: %d, %v", c.path, n, ok)
		}
	}
}

// endsAfter is a context that has ended after so many looks at it.
type endsAfter struct {
	context.Context
	looks int
}

func (c *endsAfter) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}

func TestBuildIndexInterrupted(t *testing.T) {
	ends := 0
	for ; ; ends++ {
		x, err := buildIndex(&endsAfter{t.Context(), ends}, []*segment{newSegment(), newSegment()}, new(damageLog))
		if err == nil {
			break
		}
		if x != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("after %d looks: %v, %v", ends, x, err)
		}
	}
	if ends != 4 {
		t.Errorf("%d looks at the context", ends)
	}
}
