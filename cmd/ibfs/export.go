package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/export"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

var (
	errPartly     = errors.New("not everything was copied as it is")
	errIntoBackup = errors.New("the folder is part of a backup, which nothing is written into")
)

func (a *app) exportCommand() *cobra.Command {
	viewName := ""
	c := &cobra.Command{
		Use:   "export {PATH | --view VIEW [BACKUP]} FOLDER",
		Short: "Copy from the mounted tree into a folder, without mounting it",
		Long: `Export copies a file, or a folder with all below it, into FOLDER, which is made
when it is not there. Times are kept. What is there already with the same size
and time is not copied again, so that an export that was interrupted goes on.
Nothing is deleted from FOLDER.

With --view it copies one view of a BACKUP, as all photos, which can be done
again with each later backup: what is new is added. BACKUP can be left out where
there is one device; it is its latest then. A photo that lies in several albums
takes its room once where FOLDER's file system has hard links. No photo takes
the place of another: one whose name is that of another file gets a number.

What ibfs writes, as conversations, is brought up to date. A version that is
longer than the new one, or newer, or lacks nothing where the new one is damaged,
stays beside it, as "conversation (until 2026-10-18).txt": what was deleted on
the phone is not lost. Folders of the phone's own, as those of apps, are brought
up to date. Some names, as those of recordings, have local times: what an export
in another time zone gave another name gets its new one, but for photos that come
into the folder of another month.

A name that FOLDER's file system refuses is written with %XX in the place of
what it does not take. Of names that it takes for one, the second gets a number.
These, the versions that were kept, and what could not be copied or not in full,
are listed at the end.`,
		Example: "  ibfs export --view photos ~/Pictures\n" +
			"  ibfs export --view messages \"Anna's iPhone@2026-10\" ~/messages\n" +
			"  ibfs export \"Anna's iPhone/latest/Apps/WhatsApp Messenger\" ~/whatsapp",
		Args: func(c *cobra.Command, args []string) error {
			if viewName == "" {
				return takes(2, "PATH", "FOLDER")(c, args)
			}
			if len(args) < 2 {
				return takes(1, "FOLDER")(c, args)
			}
			return takes(2, "BACKUP", "FOLDER")(c, args)
		},
	}
	a.passwordFlags(c)
	c.Flags().StringVar(&viewName, "view", "", "copy this `view`, named as its folder, in any case: photos, messages, ...")
	completeViews(c)
	a.completes(c, func(ctx context.Context, tree *snaptree.Tree, typed string) []string {
		if viewName != "" {
			return offerBackups(ctx, tree, typed)
		}
		return a.offerPaths(ctx, tree, typed)
	}, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		from, to := args[0], args[len(args)-1]
		if len(args) == 1 {
			from = "" // the only device's latest
		}
		return a.export(c.Context(), viewName, from, to)
	}
	return c
}

// exportReport is what export reports.
type exportReport struct {
	export.Report
	Notes []string `json:"notes"` // texts that tell what is not in the backup, or could not be read
}

// export copies a path of the tree, or a view of the backup that from names.
func (a *app) export(ctx context.Context, viewName, from, to string) error {
	tree, from, err := a.openTree(ctx, from)
	if err != nil {
		return err
	}
	defer tree.Close()
	for _, s := range tree.Snapshots() {
		if mountpoint.Within(to, []string{s.Path}) {
			return fmt.Errorf("export into %s: %w", to, errIntoBackup)
		}
	}
	id, err := a.source(ctx, tree, viewName, from)
	if err != nil {
		return err
	}
	show := a.progress("Copying", "bytes")
	report, err := export.Run(ctx, tree, id, to, export.Options{
		Original: tree.Original, Keep: viewName != "",
		Show: func(p export.Progress) { show.set(p.Bytes, p.TotalBytes) },
	})
	show.done()
	report.Failed = append(report.Failed, broken(ctx, tree, id)...)
	done := exportReport{report, []string{}}
	if err == nil {
		done.Notes = notes(ctx, tree, id)
	}
	if a.json {
		err = errors.Join(err, printJSON(a.stdout, done))
	} else if err == nil || done.any() {
		err = errors.Join(err, done.print(a.stdout))
	}
	lost := tree.Damage()
	a.warnDamage(lost)
	if err == nil && (lost > 0 || done.partly()) {
		err = fmt.Errorf("export %s: %w", cmp.Or(viewName, from), errPartly)
	}
	return err
}

// source finds what is to be copied, and unlocks it.
func (a *app) source(ctx context.Context, tree *snaptree.Tree, viewName, from string) (vtree.ID, error) {
	if viewName != "" {
		return a.viewOf(ctx, tree, viewName, from)
	}
	id, err := a.resolve(ctx, tree, from)
	if err != nil {
		return 0, err
	}
	return id, a.unlockBelow(ctx, tree, id)
}

// broken are the backups below a folder that cannot be opened: of each a text was
// copied that says why, and no more.
func broken(ctx context.Context, tree *snaptree.Tree, dir vtree.ID) (all []export.Failure) {
	for _, s := range tree.Snapshots() {
		device, err := tree.Lookup(ctx, tree.Root(), s.Device)
		if err != nil || dir != tree.Root() && dir != device {
			continue
		}
		if _, err := s.Open(ctx); err != nil && ctx.Err() == nil {
			all = append(all, export.Failure{Path: s.Device + "/" + s.Name, Error: err.Error()})
		}
	}
	return all
}

// notices are the texts in a view's folder that tell what is not shown there.
var notices = []struct{ name, what string }{
	{view.MissingName, "what is not in this backup, as what is only in iCloud"},
	{view.LostName, "what could not be read"},
	{view.FailedName, "why it cannot be shown"},
}

func notes(ctx context.Context, tree vtree.Tree, dir vtree.ID) []string {
	found := []string{}
	for _, n := range notices {
		if _, err := tree.Lookup(ctx, dir, n.name); err == nil {
			found = append(found, n.name)
		}
	}
	return found
}

func (e exportReport) any() bool { return e.Copied+e.Linked+e.Present > 0 }

func (e exportReport) partly() bool {
	unread := func(note string) bool { return note != view.MissingName }
	return slices.ContainsFunc(e.Notes, unread) || len(e.Failed)+len(e.Damaged)+len(e.Renamed) > 0
}

func (e exportReport) print(w io.Writer) error {
	var b strings.Builder
	for _, n := range e.Renamed {
		fmt.Fprintf(&b, "renamed  %s -> %s\n", printable(n.Path), printable(n.Name))
	}
	for _, n := range e.Numbered {
		fmt.Fprintf(&b, "numbered %s -> %s\n", printable(n.Path), printable(n.Name))
	}
	for _, n := range e.Kept {
		fmt.Fprintf(&b, "kept     an earlier %s as %s\n", printable(n.Path), printable(n.Name))
	}
	for _, f := range e.Damaged {
		fmt.Fprintf(&b, "damaged  %s: %s\n", printable(f.Path), oneLine(f.Error))
	}
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "failed   %s: %s\n", printable(f.Path), oneLine(f.Error))
	}
	for _, n := range notices {
		if slices.Contains(e.Notes, n.name) {
			fmt.Fprintf(&b, "see      %s, for %s\n", n.name, n.what)
		}
	}
	fmt.Fprintf(&b, "%d files copied, %s", e.Copied, humanSize(e.Bytes))
	for _, part := range []struct {
		n    int
		what string
	}{
		{e.Linked, "linked to those"}, {e.Present, "were there already"}, {len(e.Renamed), "renamed"},
		{len(e.Numbered), "numbered"}, {len(e.Kept), "earlier versions kept"}, {len(e.Damaged), "damaged"}, {len(e.Failed), "failed"},
	} {
		if part.n > 0 {
			fmt.Fprintf(&b, "; %d %s", part.n, part.what)
		}
	}
	b.WriteString(".\n")
	_, err := io.WriteString(w, b.String())
	return err
}
