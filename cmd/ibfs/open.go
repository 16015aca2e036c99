package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/snaptree"
	"ibfs/fs/view/all"
	"ibfs/fs/vtree"
)

var errNoBackups = errors.New("no backups found")

// lookIn are the folders that backups are sought in. Those that a person named
// must be there; the usual ones need not.
func (a *app) lookIn() (places []string, err error) {
	for _, p := range a.backups {
		if around, ok := backupfmt.Around(p); ok {
			p = around
		}
		if _, err := os.Stat(p); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	if len(places) > 0 {
		return places, nil
	}
	usual := backupfmt.DefaultPlaces(runtime.GOOS, home(a.getenv), a.getenv)
	for _, p := range usual {
		if _, err := os.Stat(p); !errors.Is(err, iofs.ErrNotExist) {
			places = append(places, p)
		}
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("%w in %s", errNoBackups, strings.Join(usual, ", "))
	}
	return places, nil
}

// home is the user's home folder, also where the environment does not tell it.
func home(getenv func(string) string) string {
	if h := getenv("HOME"); h != "" {
		return h
	}
	if u, err := user.Current(); err == nil {
		return u.HomeDir
	}
	return ""
}

// openTree finds everything at the places, and at others that a path names.
func (a *app) openTree(ctx context.Context, also ...string) (*snaptree.Tree, error) {
	var places []string
	for _, p := range also {
		if place, ok := onDisk(p); ok {
			places = append(places, place)
		}
	}
	if len(places) == 0 {
		var err error
		if places, err = a.lookIn(); err != nil {
			return nil, err
		}
	}
	return snaptree.New(ctx, snaptree.Options{Places: places, Views: all.Views, Logger: a.logger()})
}

// onDisk is the folder of this machine to look in that an argument names: the
// backup that it lies in, or a folder that may hold some. It says that it is a
// path of this machine by a slash or dot in front, and by being there.
func onDisk(arg string) (place string, ok bool) {
	if !filepath.IsAbs(arg) && !strings.HasPrefix(arg, ".") {
		return "", false
	}
	abs, err := filepath.Abs(arg)
	if err != nil {
		return "", false
	}
	if around, ok := backupfmt.Around(abs); ok {
		return around, true
	}
	if arg == "." || abs == "/" { // the mounted tree's own folder
		return "", false
	}
	info, err := os.Stat(abs)
	return abs, err == nil && info.IsDir()
}

// resolve finds an entry by a path of the mounted tree, or by a BACKUP with a
// path behind it, and unlocks the snapshot that it lies in.
func (a *app) resolve(ctx context.Context, tree *snaptree.Tree, name string) (vtree.ID, error) {
	if _, ok := onDisk(name); ok {
		s, err := tree.Select(name)
		if err != nil {
			return 0, err
		}
		return s.Root, a.unlockSnapshot(ctx, tree, s)
	}
	first, rest, _ := strings.Cut(strings.Trim(path.Clean("/"+name), "/"), "/")
	if first == "" {
		return tree.Root(), nil
	}
	dir, err := tree.Lookup(ctx, tree.Root(), first)
	if err != nil {
		s, err := tree.Select(first)
		if err != nil {
			return 0, err
		}
		dir = s.Root
	} else {
		second, deeper, _ := strings.Cut(rest, "/")
		if second == "" {
			return dir, nil
		}
		if dir, err = vtree.FindFrom(ctx, tree, dir, second, true); err != nil {
			return 0, fmt.Errorf("%s/%s: %w", first, second, err)
		}
		rest = deeper
	}
	if s, ok := tree.At(dir); ok {
		if err := a.unlockSnapshot(ctx, tree, s); err != nil {
			return 0, err
		}
	}
	id, err := vtree.FindFrom(ctx, tree, dir, rest, true)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", rest, err)
	}
	return id, nil
}

func (a *app) logger() *slog.Logger {
	level := slog.LevelError // what a person should know, the commands tell in words
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}
