package devicelink

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// mover is a memory that moves folders.
type mover struct {
	*memory
	whole map[string]error // by the folder moved from; others are not whole
}

func (m mover) MoveFolder(from, to string, names []string) (bool, error) {
	slices.Sort(names)
	m.note("try %s %s %s", from, to, strings.Join(names, ","))
	err, ok := m.whole[from]
	return ok, err
}

// TestMoveFolders moves by folders what can be, and the rest one by one.
func TestMoveFolders(t *testing.T) {
	for name, tt := range map[string]struct {
		moves map[string]any
		calls string // sorted
		code  int64
	}{
		"whole": {
			map[string]any{"u/S/aa/1": "u/aa/1", "u/S/aa/2": "u/aa/2"},
			"try u/S/aa u/aa 1,2", 0,
		},
		"not whole": {
			map[string]any{"u/S/bb/1": "u/bb/1", "u/S/bb/2": "u/bb/2"},
			"move u/S/bb/1 u/bb/1; move u/S/bb/2 u/bb/2; try u/S/bb u/bb 1,2", 0,
		},
		"whole, and the folder is not there again": {
			map[string]any{"u/S/cc/1": "u/cc/1", "u/S/cc/2": "u/cc/2"},
			"try u/S/cc u/cc 1,2", -11,
		},
		"one file": {
			map[string]any{"u/S/aa/1": "u/aa/1"},
			"move u/S/aa/1 u/aa/1", 0,
		},
		"another name": {
			map[string]any{"u/S/aa/1": "u/aa/x", "u/S/aa/2": "u/aa/y"},
			"move u/S/aa/1 u/aa/x; move u/S/aa/2 u/aa/y", 0,
		},
		"to two folders": {
			map[string]any{"u/S/aa/1": "u/aa/1", "u/S/aa/2": "u/bb/2"},
			"move u/S/aa/1 u/aa/1; move u/S/aa/2 u/bb/2", 0,
		},
		"no paths": {
			map[string]any{"u/S/aa/1": 1, "u/S/aa/2": "u/aa/2"},
			"move u/S/aa/2 u/aa/2", -1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, stream := opened(t, one("DLMessageMoveItems", tt.moves, map[string]any{}, 50.0))
			store := mover{newMemory(), map[string]error{"u/S/aa": nil, "u/S/cc": syscall.EIO}}
			for from := range tt.moves {
				if strings.HasPrefix(from, "u/") {
					store.files[from] = "content"
				}
			}
			_, outcome, err := c.Serve(t.Context(), store, nil)
			if err != nil {
				t.Fatal(err)
			}
			m, err := said(t, stream).Message()
			if err != nil {
				t.Fatal(err)
			}
			if code, _ := m.Index(1).Int(); code != tt.code || (outcome.Failure != nil) != (code != 0) {
				t.Errorf("code %d, failure %v, want code %d", code, outcome.Failure, tt.code)
			}
			if tt.code == -11 && !errors.Is(outcome.Failure, syscall.EIO) {
				t.Errorf("failure %v", outcome.Failure)
			}
			slices.Sort(store.calls)
			if got := strings.Join(store.calls, "; "); got != tt.calls {
				t.Errorf("did\n%s\nwant\n%s", got, tt.calls)
			}
		})
	}
}
