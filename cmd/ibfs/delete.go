package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/capture/library"
)

var (
	errNotInLibrary  = errors.New("it is not in the library")
	errWhichSnapshot = errors.New("which snapshot?")
	errDeclined      = errors.New("nothing was done")
)

func (a *app) deleteCommand() *cobra.Command {
	var o phoneOptions
	force, yes := false, false
	c := &cobra.Command{
		Use:   "delete BACKUP",
		Short: "Delete a snapshot from the library",
		Long: `Delete removes a snapshot that ` + "`ibfs backup`" + ` made, after saying what goes and how
much room that gives. Of several it must be named: DEVICE@DATE. The last good snapshot of a phone goes only with --force.
Backups of other programs are never touched.`,
		Args: takes(1, "BACKUP"),
	}
	o.libraryFlag(c)
	c.Flags().BoolVar(&force, "force", false, "delete also the last good snapshot of a phone")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error { return a.delete(c.Context(), args[0], o, force, yes) }
	return c
}

func (a *app) delete(ctx context.Context, name string, o phoneOptions, force, yes bool) error {
	device, snap, title, err := a.kept(ctx, name, o)
	if err != nil {
		return err
	}
	if last, err := lastGood(device, snap); err != nil || last && !force {
		return about(title, cmp.Or(err, library.ErrLastGood))
	}
	usage, err := device.Usage(ctx, snap)
	if err != nil {
		return err
	}
	most := ""
	if !usage.Exact {
		most = "at most "
	}
	a.say("%s: %d files, %s; deleting it frees %s%s.", title, usage.Files, humanSize(usage.Bytes), most, humanSize(usage.Own))
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

// lastGood says whether a device has no good snapshot but this.
func lastGood(device *library.Device, snap library.Snapshot) (bool, error) {
	all, err := device.Snapshots()
	if err != nil {
		return false, err
	}
	for _, other := range all {
		if other.Good() && other.Name != snap.Name {
			return false, nil
		}
	}
	return snap.Good(), nil
}

// kept finds a snapshot of the library by the name of a backup.
func (a *app) kept(ctx context.Context, name string, o phoneOptions) (*library.Device, library.Snapshot, string, error) {
	none := library.Snapshot{}
	dir, err := a.libraryDir(o)
	if err != nil {
		return nil, none, "", err
	}
	lib, err := library.Open(dir, library.Options{Logger: a.logger()})
	if err != nil {
		return nil, none, "", err
	}
	a.backups = []string{lib.Dir()}
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return nil, none, "", err
	}
	defer tree.Close()
	s, err := tree.Select(name)
	if err != nil {
		return nil, none, "", err
	}
	device, err := lib.Device(s.Info.UDID)
	if err != nil {
		return nil, none, "", err
	}
	all, err := device.Snapshots()
	if err != nil {
		return nil, none, "", err
	}
	title := printable(s.Device) + ", " + s.Name
	_, oneOf := backupfmt.Around(name)
	if !oneOf && !strings.Contains(name, "@") && len(all) > 1 {
		return nil, none, "", fmt.Errorf("%s has %d: %w", printable(s.Device), len(all), errWhichSnapshot)
	}
	for _, snap := range all {
		if filepath.Clean(snap.Path) == filepath.Clean(s.Path) {
			return device, snap, title, nil
		}
	}
	return nil, none, "", fmt.Errorf("%s: %w %s", title, errNotInLibrary, lib.Dir())
}

// confirm asks a person, who has to type the answer.
func (a *app) confirm(ctx context.Context, question, want string) error {
	if !a.terminal().Present() {
		return fmt.Errorf("%w: there is no terminal to ask", errDeclined)
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
			return errDeclined
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
