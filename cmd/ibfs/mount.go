package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/control"
	"ibfs/fs/snaptree"
)

// mountOptions are those of mount and of the mount helper.
type mountOptions struct {
	places     []string
	foreground bool
	allowOther bool
	quiet      bool // say nothing when all is well, as mount(8) does
	remove     bool // the folder, when the mount ends: it was made for it
}

func (a *app) mountCommand() *cobra.Command {
	var o mountOptions
	c := &cobra.Command{
		Use:   "mount MOUNTPOINT",
		Short: "Show all backups as folders, read-only",
		Long: `Mount shows every backup that is found as folders below MOUNTPOINT, which is made
when it is not there, and is then removed when the mount ends. It returns when the folders can be used; a process in the
background serves them until they are unmounted.

Encrypted backups are unlocked by the password that the options give, by the
keyring, or by asking. One whose password is not given stays locked: its folder
says how to open it. New snapshots appear while the mount stands.`,
		Example: "  ibfs mount ~/iphone\n  ibfs mount --backups /media/disk/MobileSync ~/iphone",
		Args:    takes(1, "MOUNTPOINT"),
	}
	a.passwordFlags(c)
	f := c.Flags()
	f.BoolVarP(&o.foreground, "foreground", "f", false, "stay in front, until interrupted")
	f.BoolVar(&o.allowOther, "allow-other", false, "let other users in: they can read what is in the backups")
	f.BoolVar(&o.remove, "remove-folder", false, "remove the folder when the mount ends")
	_ = f.MarkHidden("remove-folder")
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if o.places, err = a.lookIn(); err != nil {
			return err
		}
		return a.mount(c.Context(), args[0], o)
	}
	return c
}

// mount serves the backups at a folder: in this process, or in one in the
// background, for which this one asks for the passwords.
func (a *app) mount(ctx context.Context, at string, o mountOptions) error {
	point, err := mountpoint.Check(at, o.places)
	if err == nil {
		err = point.Make()
	}
	if err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	if o.remove {
		point.Own()
	}
	o.remove = point.Made()
	if a.background != nil {
		return a.serveInBackground(ctx, point, o)
	}
	if err := a.mountFromHere(ctx, point, o); err != nil {
		return errors.Join(err, point.Remove())
	}
	return nil
}

func (a *app) mountFromHere(ctx context.Context, point *mountpoint.Point, o mountOptions) error {
	tree, err := a.newTree(ctx, o.places, a.logger(), point)
	if err != nil {
		return err
	}
	defer tree.Close()
	a.tellFound(tree)
	secrets, err := a.secretsFor(ctx, tree)
	a.wipePassword() // a mount in front may stand for long
	if err != nil {
		return err
	}
	defer secrets.Wipe()
	if o.foreground {
		return a.serve(ctx, tree, point, o, secrets, a.logger(), nil, func() error {
			return a.tellMounted(ctx, point.Path, "; Ctrl-C ends it")
		})
	}
	if err := daemon.Start(ctx, backgroundArgs(point, o), secrets, func(line string) { fmt.Fprintln(a.stderr, line) }); err != nil {
		return err
	}
	if o.quiet {
		return nil
	}
	if len(secrets) > 0 {
		fmt.Fprintln(a.stderr, "File managers keep thumbnails of what they show, unencrypted; `ibfs unmount --thumbnails` removes those of this mount.")
	}
	return a.tellMounted(ctx, point.Path, "")
}

// tellMounted says that a mount stands; to a program, how it says it is.
func (a *app) tellMounted(ctx context.Context, point, more string) error {
	if !a.json {
		_, err := fmt.Fprintf(a.stdout, "Mounted on %s%s.\n", point, more)
		return err
	}
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, folders, point)
	if err != nil {
		return err
	}
	defer client.Close()
	status, err := client.Status(ctx)
	if err != nil {
		return err
	}
	return printJSON(a.stdout, status)
}

// backgroundArgs are the arguments of the background process: absolute, for it
// stands in another folder.
func backgroundArgs(point *mountpoint.Point, o mountOptions) []string {
	args := []string{"mount", "--foreground"}
	for _, p := range o.places {
		args = append(args, "--backups", p)
	}
	if o.allowOther {
		args = append(args, "--allow-other")
	}
	if o.remove {
		args = append(args, "--remove-folder")
	}
	return append(args, "--", point.Path)
}

// tellFound warns of what was found and is not shown.
func (a *app) tellFound(tree *snaptree.Tree) {
	for _, p := range a.problems(tree) {
		a.warn("%v", p)
	}
	if len(tree.Snapshots()) == 0 {
		a.warn("no backups in %s yet; those that come will appear", strings.Join(tree.Places(), ", "))
	}
}

// tellBroken warns of the snapshots that do not open, and of those whose index
// is not whole. That opens them all, so that "latest" leads to none of the first.
func (a *app) tellBroken(ctx context.Context, tree *snaptree.Tree) {
	for _, s := range tree.Snapshots() {
		b, err := s.Open(ctx)
		var glance error
		if err == nil && !b.Locked() {
			glance = b.Glance(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.warn("%s/%s cannot be shown: %v", s.Device, s.Name, err)
		case glance != nil:
			a.warn("%s/%s is not whole: %v; `ibfs verify` tells what is lost", s.Device, s.Name, glance)
		}
	}
}

// warn prints a line, or has it printed by the process that waits for this one.
func (a *app) warn(format string, args ...any) {
	line := "ibfs: warning: " + oneLine(fmt.Sprintf(format, args...))
	if a.background != nil {
		_ = a.background.Note(line) // when nobody waits any more, nobody can be told
		return
	}
	fmt.Fprintln(a.stderr, line)
}

// secretsFor gets the secrets of all keybags that keep snapshots shut. One
// that cannot be had leaves them shut, and the mount shows the others; where
// there are none, what went wrong with a password that was given is the error.
func (a *app) secretsFor(ctx context.Context, tree *snaptree.Tree) (daemon.Secrets, error) {
	locks, err := tree.Locks(ctx)
	if err != nil {
		return nil, err
	}
	secrets := daemon.Secrets{}
	var failed error
	var locked []error
	shut := 0
	for _, lock := range locks {
		secret, err := a.secretFor(ctx, lock)
		if errors.Is(err, context.Canceled) {
			secrets.Wipe()
			return nil, err
		}
		if err == nil {
			secrets[lock.KeybagID] = secret
			continue
		}
		if !errors.Is(err, passwd.ErrNone) && !errors.Is(err, passwd.ErrNoTerminal) {
			failed = err
		}
		locked = append(locked, err)
		shut += len(lock.Snapshots)
	}
	if failed != nil && shut == len(tree.Snapshots()) {
		return nil, failed
	}
	for _, err := range locked {
		a.warn("%v: it stays locked; `ibfs unlock` opens it in the mount", err)
	}
	return secrets, nil
}
