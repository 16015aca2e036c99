package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/export"
)

var errPartly = errors.New("not everything was copied as it is")

func (a *app) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export PATH FOLDER",
		Short: "Copy from the mounted tree into a folder, without mounting it",
		Long: `Export copies a file, or a folder with all below it, into FOLDER, which is made
when it is not there. Times are kept. What is there already with the same size
and time is not copied again, so that an export that was interrupted goes on.

A name that FOLDER's file system refuses is written with %XX in the place of
what it does not take. Of names that it takes for one, the second gets a number.
Both, and what could not be copied, are listed at the end.`,
		Args: takes(2, "PATH", "FOLDER"),
	}
	a.passwordFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error { return a.export(c.Context(), args[0], args[1]) }
	return c
}

func (a *app) export(ctx context.Context, from, to string) error {
	tree, err := a.openTree(ctx, from)
	if err != nil {
		return err
	}
	defer tree.Close()
	id, err := a.resolve(ctx, tree, from)
	if err == nil {
		err = a.unlockBelow(ctx, tree, id)
	}
	if err != nil {
		return err
	}
	show := a.progress("Copying", "bytes")
	report, err := export.Run(ctx, tree, id, to, func(p export.Progress) { show.set(p.Bytes, p.TotalBytes) })
	show.done()
	if a.json {
		err = errors.Join(err, printJSON(a.stdout, report))
	} else if err == nil || report.Copied+report.Present > 0 {
		err = errors.Join(err, printExport(a.stdout, report))
	}
	lost := tree.Damage()
	if lost > 0 {
		a.warn("%d damaged places in the manifest, whose files are not there; `ibfs verify` lists them", lost)
	}
	if err == nil && lost+len(report.Failed)+len(report.Damaged)+len(report.Renamed) > 0 {
		err = fmt.Errorf("export %s: %w", from, errPartly)
	}
	return err
}

func printExport(w io.Writer, r export.Report) error {
	var b strings.Builder
	for _, n := range r.Renamed {
		fmt.Fprintf(&b, "renamed  %s -> %s\n", printable(n.Path), printable(n.Name))
	}
	for _, f := range r.Damaged {
		fmt.Fprintf(&b, "damaged  %s: %s\n", printable(f.Path), oneLine(f.Error))
	}
	for _, f := range r.Failed {
		fmt.Fprintf(&b, "failed   %s: %s\n", printable(f.Path), oneLine(f.Error))
	}
	fmt.Fprintf(&b, "%d files copied, %s; %d were there already; %d renamed, %d damaged, %d failed.\n",
		r.Copied, humanSize(r.Bytes), r.Present, len(r.Renamed), len(r.Damaged), len(r.Failed))
	_, err := io.WriteString(w, b.String())
	return err
}
