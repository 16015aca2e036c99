package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/capture"
	"ibfs/capture/library"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/usbmux"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/snaptree"
)

type restoreOptions struct {
	phoneOptions
	system, remove, freshSettings, noReboot, noApps, erased, yes bool
}

func (a *app) restoreCommand() *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Give a phone a backup back",
		Long: `Restore gives a connected phone a backup back: the phone that it is of, or another.
The backup is only read. The phone's iOS must be as new as the backup's, and Find My
must be off while it runs.

Another phone than the one backed up, or, with --erased, one that was erased, gets
all but the settings and loses what the backup does not have. The same phone gets back
what it still has the apps for, and keeps the rest; --remove makes it lose what the
backup does not have, and --system brings back the system's own data too. Every phone
keeps its present settings, unless --settings brings back those of the backup.

It asks for the phone's name to be typed before it begins.`,
		Args: takes(1, "BACKUP"),
	}
	a.deviceFlags(c, &o.phoneOptions)
	a.passwordFlags(c)
	f := c.Flags()
	f.BoolVar(&o.erased, "erased", false, "the phone was erased: treat it as another one")
	f.BoolVar(&o.system, "system", false, "bring back the system's own data too")
	f.BoolVar(&o.remove, "remove", false, "delete from the phone what the backup does not have")
	f.BoolVar(&o.freshSettings, "settings", false, "bring back the backup's settings in place of the phone's present ones")
	f.BoolVar(&o.noReboot, "no-reboot", false, "leave the phone running at the end")
	f.BoolVar(&o.noApps, "no-apps", false, "do not have the phone install the backup's apps")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error { return a.restore(c.Context(), args[0], o) }
	return c
}

func (a *app) restore(ctx context.Context, name string, o restoreOptions) error {
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return err
	}
	defer tree.Close()
	s, err := tree.Select(name)
	if err != nil {
		return err
	}
	held, err := a.hold(s)
	if err != nil {
		return about(s.Device, err)
	}
	defer held.Close()
	p, show, err := a.connect(ctx, o.phoneOptions, &restoreTask)
	if err != nil {
		return err
	}
	defer p.Close()
	ro, err := a.restoreOptionsFor(ctx, p, tree, s, o)
	defer passwd.Wipe(ro.Password)
	if err != nil {
		return err
	}
	plan, err := p.PlanRestore(ctx, ro)
	if err != nil {
		return connectTask.failed(phoneTitle(p), err)
	}
	ro.Verify = nil // the plan has looked
	a.tellPlan(p, s, plan, ro)
	if !o.yes {
		what, want := "name", p.Name
		if want == "" || shown(want, nameWidth) != want {
			what, want = "UDID", p.UDID // which can be typed
		}
		if err := a.confirm(ctx, fmt.Sprintf("Type the phone's %s, %s, to begin: ", what, want), want); err != nil {
			return err
		}
	}
	result, err := p.Restore(ctx, ro)
	show.done()
	if err != nil {
		return restoreTask.failed(phoneTitle(p), err)
	}
	if a.json {
		return printJSON(a.stdout, struct {
			Device string `json:"device"`
			UDID   string `json:"udid"`
			Path   string `json:"path"`
			Files  int    `json:"files"`
			Bytes  int64  `json:"bytes"`
		}{phoneTitle(p), p.UDID, s.Path, result.Sent.Files, result.Sent.Bytes})
	}
	_, err = fmt.Fprintf(a.stdout, "%s has the backup %s, %s: %d files, %s.\n", printable(phoneTitle(p)), printable(s.Device), s.Name, result.Sent.Files, humanSize(result.Sent.Bytes))
	return err
}

// hold keeps a snapshot of a library from being deleted meanwhile, which would leave
// half a phone. In what is no library, or one that cannot be written to or has no
// locks, ibfs deletes nothing.
func (a *app) hold(s snaptree.Snapshot) (io.Closer, error) {
	device, _, err := library.Around(s.Path, library.Options{Logger: a.logger()})
	if err == nil {
		var held io.Closer
		if held, err = device.Hold(); err == nil || errors.Is(err, library.ErrBusy) {
			return held, err
		}
	}
	a.logger().Debug("the backup is not held in its place", "err", err)
	return io.NopCloser(nil), nil
}

// restoreOptionsFor are the options for this phone, and the password that the
// backup needs, tested on it.
func (a *app) restoreOptionsFor(ctx context.Context, p *capture.Phone, tree *snaptree.Tree, s snaptree.Snapshot, o restoreOptions) (capture.RestoreOptions, error) {
	other := !usbmux.SameUDID(p.UDID, s.Info.UDID)
	ro := capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(o.erased || other), Dir: filepath.Clean(s.Path), NoApps: o.noApps}
	ro.SystemFiles = ro.SystemFiles || o.system
	ro.RemoveOthers = ro.RemoveOthers || o.remove
	ro.NoReboot = o.noReboot
	if o.freshSettings {
		ro.KeepSettings = false
	}
	ro.Verify = func(ctx context.Context, _ string) error { return a.allThere(ctx, s) }
	if s.Info.Encrypted {
		password, err := a.restorePassword(ctx, s)
		if err != nil {
			return ro, err
		}
		ro.Password = password
	}
	return ro, nil
}

// allThere says whether each file of a backup has its blob. A restore that lacks
// one ends midway, with half a phone.
func (a *app) allThere(ctx context.Context, s snaptree.Snapshot) error {
	b, err := s.Open(ctx)
	if err != nil {
		return err
	}
	show := a.progress("Looking for the backup's files", "files")
	defer show.done()
	report, err := b.Verify(ctx, backupfmt.VerifyOptions{
		Whole:    func(iofs.FileMode) bool { return false },
		Progress: func(v backupfmt.VerifyProgress) { show.set(int64(v.Files), int64(v.Total)) },
	})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		if f.Kind != backupfmt.KindRow && f.Kind != backupfmt.KindManifest {
			return fmt.Errorf("%w: %d files, the first %s: %s", errDamageFound, len(report.Findings), whatItIs(f, s.Info), f.Detail)
		}
	}
	return nil
}

// tellPlan says what will happen, and what will not come back (FC-34).
func (a *app) tellPlan(p *capture.Phone, s snaptree.Snapshot, plan capture.RestorePlan, ro capture.RestoreOptions) {
	a.say("%s gets the backup of %s of %s.", phoneTitle(p), s.Device, dateText(s.Date))
	if ro.RemoveOthers {
		but := ""
		if ro.KeepSettings {
			but = ", but for its settings"
		}
		a.say("It loses everything that the backup does not have%s.", but)
	}
	for _, what := range plan.LeftOut {
		a.say("It does not get back %s.", what)
	}
	if len(plan.Apps) > 0 {
		a.say("It lacks %d apps of the backup: %s.", len(plan.Apps), strings.Join(plan.Apps, ", "))
	}
	a.say("Find My has to be off, and the phone stays on power until it has restarted.")
}

// restorePassword gets the backup's password, which the phone wants itself, so
// that a key from the keyring does not do.
func (a *app) restorePassword(ctx context.Context, s snaptree.Snapshot) ([]byte, error) {
	b, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	lock := snaptree.Lock{KeybagID: b.KeybagID(), Snapshots: []snaptree.Snapshot{s}, Backup: b}
	from := a.password
	from.EnvFile = a.getenv("IBFS_PASSWORD_FILE")
	password, err := from.Read(ctx)
	var secret backupfmt.Secret
	switch {
	case err == nil:
		secret, err = a.tryPassword(ctx, lock, bytes.Clone(password))
	case errors.Is(err, passwd.ErrNone):
		password, secret, err = a.askForBoth(ctx, lock)
	}
	defer passwd.Wipe(secret)
	if err != nil {
		passwd.Wipe(password)
		return nil, err
	}
	return password, b.Unlock(ctx, secret)
}
