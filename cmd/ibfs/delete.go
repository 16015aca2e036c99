package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/capture/library"
	"ibfs/fs/snaptree"
)

var (
	errNotInLibrary  = errors.New("it is no snapshot of a library of ibfs")
	errWhichSnapshot = errors.New("which snapshot?")
	errSharedName    = errors.New("several phones have this name")
	errDeclined      = errors.New("nothing was done")
	errNobodyToAsk   = errors.New("there is no terminal to ask")
)

func (a *app) deleteCommand() *cobra.Command {
	dir, force, yes, unfinished := "", false, false, false
	c := &cobra.Command{
		Use:   "delete BACKUP",
		Short: "Delete a snapshot from a library",
		Long: `Delete removes a snapshot that ` + "`ibfs backup`" + ` made, after saying what goes and how
much room that gives. It is sought where ` + "`ibfs list`" + ` looks, or in the --library
that is named. Of several it must be named: DEVICE@DATE. The last good snapshot of
a phone goes only with --force. Backups of other programs are never touched.

With --unfinished it removes what a backup has left that did not end well, and
that the next would go on with, of the phone that is named in place of BACKUP.`,
		Args: takes(1, "BACKUP"),
	}
	c.Flags().StringVar(&dir, "library", "", "look into the library in this `folder` alone")
	exclusive(c, "backups", "library")
	c.Flags().BoolVar(&force, "force", false, "delete also the last good snapshot of a phone")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&unfinished, "unfinished", false, "delete what a backup of the phone BACKUP has left that did not end well")
	exclusive(c, "force", "unfinished")
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		if dir != "" {
			abs, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			a.backups = []string{abs}
		}
		if unfinished {
			return a.dropUnfinished(c.Context(), args[0], yes)
		}
		return a.delete(c.Context(), args[0], force, yes)
	}
	return c
}

func (a *app) delete(ctx context.Context, name string, force, yes bool) error {
	if gone, err := a.goOnDeleting(ctx, name); gone || err != nil {
		return err
	}
	device, snap, title, err := a.kept(ctx, name)
	if err != nil {
		return err
	}
	all, err := device.Snapshots()
	if err != nil {
		return err
	}
	if library.LastGood(all, snap.Name) && !force {
		return about(title, library.ErrLastGood)
	}
	usage, err := device.Usage(ctx, snap)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // it is deleted whatever is wrong inside
		a.say("%s: what deleting it frees is not known: %v.", title, err)
	case usage.Exact:
		a.say("%s: %d files, %s; deleting it frees %s.", title, usage.Files, humanSize(usage.Bytes), humanSize(usage.Own))
	default:
		a.say("%s: %d files, %s; deleting it frees at most %s.", title, usage.Files, humanSize(usage.Bytes), humanSize(usage.Own))
	}
	if !yes {
		if err := a.confirm(ctx, "Delete it for good? Type yes: ", "yes"); err != nil {
			return err
		}
	}
	w, err := device.Lock(ctx)
	if err != nil {
		return about(title, err)
	}
	defer w.Close()
	if err := w.Delete(ctx, snap.Name, force); err != nil {
		if isGone(snap) {
			err = &deletedInPart{err}
		}
		return about(title, err)
	}
	if a.json {
		return printJSON(a.stdout, struct {
			Deleted string `json:"deleted"`
			Freed   int64  `json:"freed"`
		}{snap.Path, usage.Own})
	}
	_, err = fmt.Fprintf(a.stdout, "%s is deleted.\n", title)
	return err
}

// kept finds a snapshot by the name of a backup, and the library that it lies in.
func (a *app) kept(ctx context.Context, name string) (*library.Device, library.Snapshot, string, error) {
	device, snap, title, err := a.found(ctx, name)
	if err == nil || !isPath(name) {
		return device, snap, title, err
	}
	abs, failed := filepath.Abs(name)
	if failed != nil {
		return device, snap, title, err
	}
	if device, snap, failed = library.Around(abs, library.Options{Logger: a.logger()}); failed != nil {
		return device, snap, title, err
	}
	// Nothing can be read of it, but it is in its place.
	return device, snap, fmt.Sprintf("%s, %s (%s)", filepath.Base(device.Dir()), snap.Name, snap.Path), nil
}

// found is kept for what is shown.
func (a *app) found(ctx context.Context, name string) (*library.Device, library.Snapshot, string, error) {
	none := library.Snapshot{}
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return nil, none, "", err
	}
	defer tree.Close()
	s, err := tree.Select(name)
	if err != nil {
		return nil, none, "", err
	}
	_, oneOf := backupfmt.Around(name)
	if n := countOf(tree, s.Device); n > 1 && !oneOf && !strings.Contains(name, "@") {
		return nil, none, "", fmt.Errorf("%s has %d: %w", printable(s.Device), n, errWhichSnapshot)
	}
	if who, _, _ := strings.Cut(name, "@"); !oneOf && !isPath(name) && !backupfmt.MatchUDID(s.Info.UDID, who) && sharesName(tree, s.Device) {
		return nil, none, "", about(s.Device, errSharedName)
	}
	title := printable(fmt.Sprintf("%s, %s (%s)", s.Device, s.Name, s.Path))
	device, snap, err := library.Around(s.Path, library.Options{Logger: a.logger()})
	if errors.Is(err, library.ErrNoSnapshot) || errors.Is(err, library.ErrNotLibrary) {
		return nil, none, "", about(title, errNotInLibrary)
	}
	return device, snap, title, err
}

// sharesName says whether another device has its name with a suffix alone, and will
// have that of this one when this one is gone.
func sharesName(tree *snaptree.Tree, device string) bool {
	return slices.ContainsFunc(tree.Snapshots(), func(s snaptree.Snapshot) bool { return strings.HasPrefix(s.Device, device+" (") })
}

// countOf is how many backups of a device the tree shows.
func countOf(tree *snaptree.Tree, device string) (n int) {
	for _, s := range tree.Snapshots() {
		if s.Device == device {
			n++
		}
	}
	return n
}

// confirm asks a person, who has to type the answer.
func (a *app) confirm(ctx context.Context, question, want string) error {
	if !a.terminal().Present() {
		return fmt.Errorf("%w: %w", errDeclined, errNobodyToAsk)
	}
	fmt.Fprint(a.stderr, question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case got := <-answer:
		if got != want {
			return fmt.Errorf("%w: the answer was %q, not %q", errDeclined, clipped(got, nameWidth), want)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
