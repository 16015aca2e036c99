package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/fs/snaptree"
)

// listed is one backup as list and info tell it.
type listed struct {
	Device    string    `json:"device"`
	Snapshot  string    `json:"snapshot"`
	Latest    bool      `json:"latest"`
	UDID      string    `json:"udid"`
	Model     string    `json:"model"`
	IOS       string    `json:"ios"`
	Date      time.Time `json:"date"`
	Encrypted bool      `json:"encrypted"`
	Finished  bool      `json:"finished"`
	Size      int64     `json:"size,omitempty"` // with --size, and for info: bytes on the disk, of the blobs
	Path      string    `json:"path"`
	Error     string    `json:"error,omitempty"`
}

func (a *app) listCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List all backups and snapshots; no password is needed",
		Args:  takes(0),
	}
	var sizes bool
	c.Flags().BoolVar(&sizes, "size", false, "add up what each takes on the disk, which reads its folder")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		tree, err := a.look(ctx)
		if err != nil {
			return err
		}
		defer tree.Close()
		all := []listed{}
		for _, s := range tree.Snapshots() {
			l := newListed(s)
			if s.Err != nil && !a.json {
				a.warn("%s@%s: %v", s.Device, s.Name, s.Err)
			}
			if sizes {
				if l.Size, err = backupfmt.DiskSize(ctx, s.Path); err != nil {
					return err
				}
			}
			all = append(all, l)
		}
		if len(all) == 0 && !a.json {
			return a.noBackups(tree)
		}
		for _, p := range a.problems(tree) {
			a.warn("%v", p)
		}
		if a.json {
			return printJSON(a.stdout, all)
		}
		return printList(a.stdout, all, sizes)
	}
	return c
}

func newListed(s snaptree.Snapshot) listed {
	l := listed{
		Device: s.Device, Snapshot: s.Name, Latest: s.Latest, UDID: s.Info.UDID, Model: s.Info.ProductName,
		IOS: s.Info.ProductVersion, Date: s.Date, Encrypted: s.Info.Encrypted, Finished: s.Info.Finished, Path: s.Path,
	}
	if l.Model == "" {
		l.Model = s.Info.ProductType
	}
	if s.Err != nil {
		l.Error = s.Err.Error()
	}
	return l
}

func printList(w io.Writer, all []listed, sizes bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "DEVICE\tSNAPSHOT\tIOS\tMODEL\tENCRYPTED\tSTATE")
	if sizes {
		fmt.Fprint(t, "\tSIZE")
	}
	fmt.Fprintln(t)
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s", cell(l.Device), cell(l.Snapshot), cell(l.IOS), cell(l.Model), yesNo(l.Encrypted), l.state())
		if sizes {
			fmt.Fprintf(t, "\t%s", humanSize(l.Size))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// cell is a text of a table, of which a long one would push all others aside.
func cell(s string) string {
	const widest = 40
	return shown(s, widest)
}

func (l listed) state() string {
	switch {
	case l.Error != "":
		return "broken"
	case !l.Finished:
		return "unfinished"
	case l.Latest:
		return "latest"
	}
	return "finished"
}
