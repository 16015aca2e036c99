package library

import (
	"context"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// What a run left is dropped, whatever lies in its way, and nothing else is.
func TestDropUnfinished(t *testing.T) {
	tests := map[string]func(t *testing.T, i *Incoming){
		"as it is": func(*testing.T, *Incoming) {},
		"a link and a pipe inside": func(t *testing.T, i *Incoming) {
			err := errors.Join(i.Root.Symlink("/", testUDID+"/link"), unix.Mkfifo(filepath.Join(i.Dir(), "pipe"), 0o600))
			if err != nil {
				t.Fatal(err)
			}
		},
		"a link in its place": func(t *testing.T, i *Incoming) {
			if err := errors.Join(os.RemoveAll(i.Dir()), os.Symlink("/", i.Dir())); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			d := device(t, newLibrary(t))
			w := lock(t, d)
			kept := backup(t, w, 1)
			before := frozen(t, kept.Path)
			if _, there, err := d.Unfinished(t.Context()); there || err != nil {
				t.Errorf("after a run that ended well: %v, %v", there, err)
			}
			i := incoming(t, w)
			write(t, i, "Snapshot/ab/arrived", "arrived")
			if err := w.DropUnfinished(t.Context()); !errors.Is(err, ErrBusy) {
				t.Errorf("while it is in use: %v", err)
			}
			if u, there, err := d.Unfinished(t.Context()); !there || err != nil || u.Own < int64(len("arrived")) {
				t.Errorf("it takes %+v, %v, %v", u, there, err)
			}
			change(t, i)
			i.Close()
			if _, there, _ := d.Unfinished(t.Context()); !there {
				t.Error("it is not found")
			}
			if err := w.DropUnfinished(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, there, err := d.Unfinished(t.Context()); there || err != nil {
				t.Errorf("after it: %v, %v", there, err)
			}
			if after := frozen(t, kept.Path); len(after) != len(before) {
				t.Errorf("the snapshot has changed: %v", after)
			}
			if i = incoming(t, w); i.Resumed {
				t.Error("it goes on")
			}
		})
	}
}

// A Delete that was broken off is known by name until its files are gone.
func TestDeleting(t *testing.T) {
	l := newLibrary(t)
	d := device(t, l)
	w := lock(t, d)
	first := backup(t, w, 1)
	backup(t, w, 2)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Delete(ctx, first.Name, false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if names, err := d.Deleting(); err != nil || !slices.Equal(names, []string{first.Name}) {
		t.Errorf("being removed: %q, %v", names, err)
	}
	w.Close()
	lock(t, d)
	if names, err := d.Deleting(); err != nil || len(names) > 0 {
		t.Errorf("after the next writer began: %q, %v", names, err)
	}
	if all, err := l.Devices(); err != nil || len(all) != 1 || all[0].Dir() != d.Dir() {
		t.Errorf("devices: %v, %v", all, err)
	}
	if _, err := os.Lstat(first.Path); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("the snapshot: %v", err)
	}
}
