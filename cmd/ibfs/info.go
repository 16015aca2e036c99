package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
)

// described is what info tells of one backup.
type described struct {
	listed
	PhoneDate     *time.Time `json:"phoneDate,omitempty"` // by the phone's clock, of a snapshot, which Date gives by the computer's
	Build         string     `json:"build"`
	SerialNumber  string     `json:"serialNumber"`
	PasscodeSet   bool       `json:"passcodeSet"`
	State         string     `json:"state"`
	Index         string     `json:"index"`
	Keybag        string     `json:"keybag,omitempty"`
	Locked        bool       `json:"locked"`
	InstalledApps []string   `json:"installedApps"`
	Warnings      []string   `json:"warnings"`
}

func (a *app) infoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "info [BACKUP]",
		Short: "Tell what a backup says of itself; no password is needed",
		Args:  takes(0, "BACKUP"),
	}
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		tree, name, err := a.openTree(c.Context(), optional(args))
		if err != nil {
			return err
		}
		defer tree.Close()
		s, err := tree.Select(name)
		if err != nil {
			return err
		}
		d := described{listed: newListed(s), Build: s.Info.BuildVersion, SerialNumber: s.Info.SerialNumber,
			PasscodeSet: s.Info.PasscodeSet, State: s.Info.State, InstalledApps: s.Info.InstalledApps, Warnings: s.Info.Warnings}
		if s.Kept {
			d.PhoneDate = &s.Info.Date
		}
		b, err := s.Open(c.Context())
		if err == nil {
			d.Index, d.Keybag, d.Locked, d.Warnings = b.Format().String(), b.KeybagID(), b.Locked(), b.Info().Warnings
			d.Encrypted = b.Encrypted()
		} else {
			d.Error = err.Error()
		}
		if d.Size, err = backupfmt.DiskSize(c.Context(), s.Path); err != nil {
			return err
		}
		if a.json {
			return printJSON(a.stdout, d)
		}
		return d.print(a.stdout)
	}
	return c
}

// finished says whether the backup came to its end, which Status.plist tells.
func (d described) finished() string {
	if d.Finished && d.State == "" {
		return "not known"
	}
	return yesNo(d.Finished)
}

func (d described) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	byPhone := ""
	if d.PhoneDate != nil {
		byPhone = dateText(*d.PhoneDate)
	}
	for _, line := range []struct{ label, value string }{
		{"Device", d.Device},
		{"Snapshot", d.Snapshot},
		{"Model", d.Model},
		{"iOS", d.IOS},
		{"Build", d.Build},
		{"UDID", d.UDID},
		{"Serial number", d.SerialNumber},
		{"Date", dateText(d.Date)},
		{"By the phone", byPhone},
		{"Encrypted", yesNo(d.Encrypted)},
		{"Finished", d.finished()},
		{"Size", humanSize(d.Size)},
		{"Index", d.Index},
		{"Keybag", d.Keybag},
		{"Path", d.Path},
		{"Error", d.Error},
	} {
		if line.value != "" {
			fmt.Fprintf(t, "%s\t%s\n", line.label, printable(line.value))
		}
	}
	for _, warning := range d.Warnings {
		fmt.Fprintf(t, "Note\t%s\n", printable(warning))
	}
	return t.Flush()
}
