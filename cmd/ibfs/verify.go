package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/fs/snaptree"
)

var (
	errDamageFound = errors.New("damage was found")

	// errRowsDamaged is damage of the manifest itself, which may have lost rows.
	errRowsDamaged = errors.New("damage was found, and in the manifest too")
)

// unproved is a backup that verify cannot look into.
type unproved struct{ error }

func (e unproved) Unwrap() error { return e.error }
func (unproved) Hint() string    { return "no file of it can be proved; try another copy of the backup" }

// verified is what verify found in one backup.
type verified struct {
	Device   string `json:"device"`
	Snapshot string `json:"snapshot"`
	Finished bool   `json:"finished"`
	backupfmt.Report
}

func (a *app) verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify [BACKUP]",
		Short: "Prove every file of a backup: there, whole, as the phone sent it",
		Long: `Verify reads every blob of a backup and holds it against its row: that it is
there, has a length that it can have, is what the phone's digest says where the
row has one, that its key unwraps and its end decrypts to padding.`,
		Args: takes(0, "BACKUP"),
	}
	a.passwordFlags(c)
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		err := a.verify(c.Context(), optional(args))
		if errors.Is(err, backupfmt.ErrDamaged) {
			return unproved{err}
		}
		return err
	}
	return c
}

func (a *app) verify(ctx context.Context, name string) error {
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return err
	}
	defer tree.Close()
	s, err := tree.Select(name)
	if err != nil {
		return err
	}
	if err := a.unlockSnapshot(ctx, tree, s); err != nil {
		return err
	}
	b, err := s.Open(ctx)
	if err != nil {
		return err
	}
	for _, w := range b.Info().Warnings {
		a.warn("%s", w)
	}
	show := a.progress("Verifying", "files")
	report, err := b.Verify(ctx, backupfmt.VerifyOptions{
		Progress: func(p backupfmt.VerifyProgress) { show.set(int64(p.Files), int64(p.Total)) },
	})
	show.done()
	if err != nil {
		return err
	}
	if a.json {
		err = printJSON(a.stdout, verified{s.Device, s.Name, b.Info().Finished, report})
	} else {
		err = printReport(a.stdout, s, report)
	}
	return errors.Join(err, verdict(s, report))
}

// verdict is nil for a backup without a finding.
func verdict(s snaptree.Snapshot, r backupfmt.Report) error {
	err := errDamageFound
	switch {
	case len(r.Findings) == 0:
		return nil
	case slices.ContainsFunc(r.Findings, ofManifest):
		err = errRowsDamaged
	}
	return fmt.Errorf("verify %s: %w", s.Device, err)
}

// ofManifest reports what was found of the manifest as a whole.
func ofManifest(f backupfmt.Finding) bool {
	return f.Kind == backupfmt.KindManifest || f.Domain == "" && f.Entry == 0
}

func printReport(w io.Writer, s snaptree.Snapshot, r backupfmt.Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		what := printable(whatItIs(f, s.Info)) + ": "
		if f.Kind == backupfmt.KindManifest {
			what = "" // the kind says it
		}
		fmt.Fprintf(&b, "%-8s %s%s\n", f.Kind, what, oneLine(f.Detail))
	}
	fmt.Fprintf(&b, "%s, %s: %d files, %s read, %d digests compared, %d damaged.\n",
		printable(s.Device), s.Name, r.Files, humanSize(r.Bytes), r.Digests, len(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// whatItIs names a file for a person: a photo by its name, a file of an app by
// the app's.
func whatItIs(f backupfmt.Finding, info backupfmt.Info) string {
	where := f.Domain + "/" + f.Path
	switch {
	case ofManifest(f):
		return "manifest"
	case f.Domain == "":
		return fmt.Sprintf("row %d of the manifest", f.Entry)
	}
	if f.Domain == "CameraRollDomain" && strings.HasPrefix(f.Path, "Media/DCIM/") {
		return "photo " + f.Path[strings.LastIndexByte(f.Path, '/')+1:] + " (" + where + ")"
	}
	if _, id, ok := strings.Cut(f.Domain, "-"); ok {
		if name := info.Apps[id].Name; name != "" {
			return name + " (" + where + ")"
		}
	}
	return where
}
