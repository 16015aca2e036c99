package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/control"
	"ibfs/fs/snaptree"
)

func (a *app) unlockCommand() *cobra.Command {
	forget := false
	c := &cobra.Command{
		Use:   "unlock [BACKUP]",
		Short: "Give a running mount a password",
		Long: `Unlock opens locked backups in the mounts that are running: those of BACKUP's
device, or all of them. With --save the key is kept in this system's keyring, so
that later mounts need no password, and --forget takes it out again; both work
without a mount as well.`,
		Args: takes(0, "BACKUP"),
	}
	a.passwordFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if forget {
			return a.forget(c.Context(), optional(args))
		}
		return a.unlock(c.Context(), optional(args))
	}
	c.Flags().BoolVar(&forget, "forget", false, "take the key out of this system's keyring")
	c.MarkFlagsMutuallyExclusive("forget", "save")
	return c
}

// forget takes the keys of a backup's device, or of all, out of the keyring.
func (a *app) forget(ctx context.Context, name string) error {
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return err
	}
	defer tree.Close()
	locks, err := a.locksOf(ctx, tree, name)
	if err != nil {
		return err
	}
	for _, lock := range locks {
		err := a.keyring().Remove(ctx, lock.KeybagID)
		switch {
		case err == nil:
			fmt.Fprintf(a.stdout, "The key of %s is forgotten.\n", printable(lock.Device()))
		case !errors.Is(err, passwd.ErrNoKey):
			return err
		}
	}
	return nil
}

func (a *app) unlock(ctx context.Context, name string) error {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return err
	}
	mounts, err := control.List(ctx, folders)
	if err != nil {
		a.warn("%v", err)
	}
	if len(mounts) == 0 && !a.save {
		return fmt.Errorf("unlock: %w", control.ErrNotRunning)
	}
	if len(a.backups) == 0 {
		for _, m := range mounts {
			a.backups = append(a.backups, m.Sources...)
		}
	}
	tree, name, err := a.openTree(ctx, name)
	if err != nil {
		return err
	}
	defer tree.Close()
	locks, err := a.locksOf(ctx, tree, name)
	if err != nil {
		return err
	}
	if !a.save {
		locks = slices.DeleteFunc(locks, func(l snaptree.Lock) bool { return !slices.ContainsFunc(mounts, waitsFor(l.KeybagID)) })
	}
	for _, lock := range locks {
		secret, err := a.secretFor(ctx, lock)
		if err != nil {
			return err
		}
		err = a.giveToMounts(ctx, folders, mounts, lock.KeybagID, secret)
		passwd.Wipe(secret)
		if err != nil {
			return err
		}
	}
	if len(locks) == 0 {
		fmt.Fprintln(a.stdout, "Nothing is locked.")
	}
	return nil
}

// locksOf are the locks of the device of a backup, or all.
func (a *app) locksOf(ctx context.Context, tree *snaptree.Tree, name string) ([]snaptree.Lock, error) {
	locks, err := tree.Locks(ctx)
	if err != nil || name == "" {
		return locks, err
	}
	chosen, err := tree.Select(name)
	if err != nil {
		return nil, err
	}
	var of []snaptree.Lock
	for _, l := range locks {
		if l.Device() == chosen.Device {
			of = append(of, l)
		}
	}
	return of, nil
}

// waitsFor reports that a mount has a locked backup of a keybag.
func waitsFor(keybagID string) func(control.Status) bool {
	return func(m control.Status) bool {
		return slices.ContainsFunc(m.Backups, func(b control.Backup) bool { return b.Locked && b.Keybag == keybagID })
	}
}

// giveToMounts sends a secret to each mount that has a locked backup of its
// keybag.
func (a *app) giveToMounts(ctx context.Context, folders []string, mounts []control.Status, keybagID string, secret []byte) error {
	waits := waitsFor(keybagID)
	for _, m := range mounts {
		if !waits(m) {
			continue
		}
		client, err := control.Dial(ctx, folders, m.Mountpoint)
		if err != nil {
			return err
		}
		opened, err := client.Unlock(ctx, keybagID, secret)
		client.Close()
		if err != nil {
			return err
		}
		for _, name := range opened {
			fmt.Fprintf(a.stdout, "Unlocked %s in %s.\n", printable(name), m.Mountpoint)
		}
	}
	return nil
}
