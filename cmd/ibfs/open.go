package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ibfs/backupfmt"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/snaptree"
	"ibfs/fs/view/all"
)

var errNoBackups = errors.New("no backups found")

// lookIn are the folders that backups are sought in, absolute. One of those that a person
// named must be there; the others may come later, as the usual ones may.
func (a *app) lookIn() (places []string, err error) {
	if a.background != nil {
		return a.backups, nil // who began this process has looked
	}
	if len(a.backups) == 0 {
		places = backupfmt.DefaultPlaces(runtime.GOOS, home(a.getenv), a.getenv)
		for i := range places {
			if places[i], err = filepath.Abs(places[i]); err != nil {
				return nil, err
			}
		}
		return places, nil
	}
	there := false
	for _, p := range a.backups {
		if around, ok := backupfmt.Around(p); ok {
			p = around
		}
		_, failed := os.Stat(p)
		if failed == nil {
			there = true
		} else if err == nil {
			err = failed
		}
		places = append(places, p)
	}
	if !there {
		return nil, err
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

// openTree finds everything at the places, or at the path of this machine that
// name is, and returns name as the tree takes it: such a path is absolute. What
// could also be a backup's name is a path when no backup has that name.
func (a *app) openTree(ctx context.Context, name string) (*snaptree.Tree, string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, "", err
	}
	place, here := onDisk(abs)
	if _, inside := backupfmt.Around(abs); name == "" || name == "." && !inside {
		here = false // it is the mounted tree's own folder
	}
	if !here || !isPath(name) {
		tree, err := a.look(ctx)
		if err != nil || !here || hasName(ctx, tree, name) {
			tree, err = a.holding(tree, err)
			return tree, name, err
		}
		tree.Close()
	}
	tree, err := a.holding(a.newTree(ctx, []string{place}, a.logger(), nil))
	return tree, abs, err
}

// holding is a tree, if there are backups in it.
func (a *app) holding(tree *snaptree.Tree, err error) (*snaptree.Tree, error) {
	if err != nil || len(tree.Snapshots()) > 0 {
		return tree, err
	}
	tree.Close()
	return nil, a.noBackups(tree)
}

// look finds everything at the places.
func (a *app) look(ctx context.Context) (*snaptree.Tree, error) {
	places, err := a.lookIn()
	if err != nil {
		return nil, err
	}
	return a.newTree(ctx, places, a.logger(), nil)
}

var errOwnMount = errors.New("it is a mount of ibfs, and shows backups that lie elsewhere")

// newTree is the tree of what is found at places. It does not look into mounts
// of ours, nor at a point that is to be one: they may lie in a folder that holds
// backups.
func (a *app) newTree(ctx context.Context, places []string, log *slog.Logger, point *mountpoint.Point) (*snaptree.Tree, error) {
	ours, err := mountpoint.Ours()
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		if mountpoint.Within(p, ours) {
			return nil, fmt.Errorf("%s: %w", p, errOwnMount)
		}
	}
	if point != nil {
		ours = append(ours, point.Path)
	}
	return snaptree.New(ctx, snaptree.Options{
		Places: places, Views: all.Views, Location: localZone(os.LookupEnv, os.Readlink), Logger: log, Protect: func(b []byte) { passwd.Lock(b) },
		Skip: func(path string) bool { return slices.Contains(ours, path) },
	})
}

// noBackups says that there are none and where they were sought, or why what
// looked like some is not.
func (a *app) noBackups(tree *snaptree.Tree) error {
	problems := a.problems(tree)
	if len(problems) == 0 {
		return fmt.Errorf("%w in %s, nor up to %d folders below", errNoBackups, strings.Join(tree.Places(), ", "), backupfmt.FindDepth)
	}
	var errs []error
	for _, p := range problems {
		errs = append(errs, p)
	}
	return fmt.Errorf("no backups found: %w", errors.Join(errs...))
}

// problems are what a person should know of what was found. Of the usual places
// one that is not there is nothing to speak of.
func (a *app) problems(tree *snaptree.Tree) (told []snaptree.Problem) {
	for _, p := range tree.Problems() {
		if len(a.backups) > 0 || !errors.Is(p, iofs.ErrNotExist) {
			told = append(told, p)
		}
	}
	return told
}

func (a *app) logger() *slog.Logger {
	level := slog.LevelError // what a person should know, the commands tell in words
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}
