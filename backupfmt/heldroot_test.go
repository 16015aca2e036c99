package backupfmt

import (
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestHeldRootSize(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "backup")
	for name, n := range map[string]int{"backup/ab/blob": 7, "backup/flat": 3, "backup/cd/ef/deep": 5, "outside/blob": 9} {
		name = filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, make([]byte, n), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"inside": "ab", "out": "../outside", "ab/link": "../flat", "ab/away": "../../outside/blob",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := holdRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	none := errors.New("any")
	for _, tt := range []struct {
		name string
		want int64
		err  error
	}{
		{"ab/blob", 7, nil},
		{"flat", 3, nil},
		{"cd/ef/deep", 5, nil},
		{"ab/none", 0, iofs.ErrNotExist},
		{"none/blob", 0, iofs.ErrNotExist},
		{"flat/blob", 0, none},
		{"inside/blob", 7, nil},
		{"ab/link", 3, nil},
		{"out/blob", 0, none},
		{"ab/away", 0, none},
		{"../outside/blob", 0, none},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // the second time the folder is known
				got, err := root.stat(tt.name)
				if got.size != tt.want || err == nil && !got.mode.IsRegular() || (err == nil) != (tt.err == nil) || tt.err != nil && tt.err != none && !errors.Is(err, tt.err) {
					t.Errorf("%+v, %v; want %d, %v", got, err, tt.want, tt.err)
				}
			}
		})
	}
	root.Close()
	if _, err := root.stat("ab/blob"); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
