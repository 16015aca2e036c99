package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ibfs/fs/snaptree"
	"ibfs/fs/vtree"
)

// lsEntry is one line of ls.
type lsEntry struct {
	Name    string    `json:"name"`
	Type    string    `json:"type"` // "file", "folder" or "link"
	Size    int64     `json:"size"`
	ModTime time.Time `json:"modTime,omitzero"`
	Mode    string    `json:"mode"`                    // as ls shows it: "-r--r--r--"
	Target  string    `json:"target,omitempty"`        // as the mount shows it
	OnPhone string    `json:"targetOnPhone,omitempty"` // of a link, as the phone has it
}

func (a *app) lsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ls [PATH]",
		Short: "List a folder of the mounted tree, without mounting it",
		Args:  takes(0, "PATH"),
	}
	var long, hidden bool
	a.passwordFlags(c)
	c.Flags().BoolVarP(&long, "long", "l", false, "show size, time and what links lead to")
	c.Flags().BoolVarP(&hidden, "all", "a", false, "show names that begin with a dot")
	a.completes(c, a.offerPaths, true)
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.ls(c.Context(), optional(args), long, hidden || a.json)
	}
	return c
}

func (a *app) ls(ctx context.Context, path string, long, hidden bool) error {
	tree, path, err := a.openTree(ctx, path)
	if err != nil {
		return err
	}
	defer tree.Close()
	dir, err := a.resolve(ctx, tree, path)
	if err != nil {
		return err
	}
	all := []lsEntry{}
	var failed error
	add := func(name string, id vtree.ID, m iofs.FileMode) bool {
		e := lsEntry{Name: name, Type: typeName(m)}
		if long || a.json {
			failed = errors.Join(failed, e.fill(ctx, tree, id))
		}
		all = append(all, e)
		return ctx.Err() == nil
	}
	attr, err := tree.Attr(ctx, dir)
	switch {
	case err == nil && !attr.Mode.IsDir():
		add(path[strings.LastIndexByte(path, '/')+1:], dir, attr.Mode)
	case err == nil:
		err = tree.ReadDir(ctx, dir, 0, func(name string, id vtree.ID, m iofs.FileMode) bool {
			return name[0] == '.' && !hidden || add(name, id, m)
		})
	}
	if err != nil {
		return err
	}
	if a.json {
		err = printJSON(a.stdout, all)
	} else {
		err = printEntries(a.stdout, all, long)
	}
	a.warnDamage(tree.Damage())
	return errors.Join(err, failed)
}

// warnDamage tells of damaged places in manifests, where there are any.
func (a *app) warnDamage(places int) {
	const what = "in the manifest, whose files are not there; `ibfs verify` lists them"
	switch places {
	case 0:
	case 1:
		a.warn("1 damaged place %s", what)
	default:
		a.warn("%d damaged places %s", places, what)
	}
}

func (e *lsEntry) fill(ctx context.Context, tree *snaptree.Tree, id vtree.ID) error {
	attr, err := tree.Attr(ctx, id)
	if err != nil {
		return fmt.Errorf("%s: %w", vtree.Path(ctx, tree, id), err)
	}
	e.Size, e.ModTime, e.Mode = attr.Size, attr.ModTime, attr.Mode.String()
	if attr.Mode.Type() != iofs.ModeSymlink {
		return nil
	}
	if e.Target, err = tree.ReadLink(ctx, id); err != nil {
		return fmt.Errorf("%s: %w", vtree.Path(ctx, tree, id), err)
	}
	e.OnPhone, err = tree.PhoneTarget(ctx, id)
	return err
}

func typeName(m iofs.FileMode) string {
	switch {
	case m.IsDir():
		return "folder"
	case m.Type() == iofs.ModeSymlink:
		return "link"
	}
	return "file"
}

func printEntries(w io.Writer, all []lsEntry, long bool) error {
	for _, e := range all {
		name := printable(e.Name)
		if e.Type == "folder" {
			name += "/"
		}
		switch {
		case long && e.Mode == "": // nothing could be read of it
			name = fmt.Sprintf("%-10s %14s  %-19s  %s", "?", "?", "?", name)
		case long:
			name = fmt.Sprintf("%s %14d  %s  %s", e.Mode, e.Size, e.ModTime.Local().Format("2006-01-02 15:04:05"), name)
		}
		if e.Target != "" {
			name += " -> " + printable(e.Target)
			if e.OnPhone != "" {
				name += "  (on the phone: " + printable(e.OnPhone) + ")"
			}
		}
		if _, err := fmt.Fprintln(w, name); err != nil {
			return err
		}
	}
	return nil
}
