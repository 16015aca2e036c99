package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/control"
	"ibfs/fs/snaptree"
	"ibfs/keybag"
)

func (a *app) unlockCommand() *cobra.Command {
	forget := false
	c := &cobra.Command{
		Use:   "unlock [BACKUP]",
		Short: "Give a running mount a password",
		Long: `Unlock opens locked backups in the mounts that are running: those of BACKUP's
device, or all of them. With --save the key is kept in this system's keyring, so
that later mounts need no password, and --forget takes it out again; both work
without a mount as well, and --forget also by the UUID of a keybag, which info
tells, when the backup is gone.`,
		Args: takes(0, "BACKUP"),
	}
	a.passwordFlags(c)
	a.completes(c, offerBackups, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		if forget {
			return a.forget(c.Context(), optional(args))
		}
		return a.unlock(c.Context(), optional(args))
	}
	c.Flags().BoolVar(&forget, "forget", false, "take the key out of this system's keyring")
	exclusive(c, "forget", "save")
	return c
}

// forget takes the keys of a backup's device, of a keybag, or of all that is
// found, out of the keyring.
func (a *app) forget(ctx context.Context, name string) error {
	bags := []lockedBag{{Device: "keybag " + name, Keybag: name}}
	if !passwd.IsKeybag(name) {
		mounts, err := a.running(ctx)
		if err != nil {
			a.warn("%v", err)
		}
		locks, done, err := a.findLocks(ctx, name, mounts)
		if err != nil {
			return err
		}
		defer done()
		bags = nil
		for _, l := range locks {
			bags = append(bags, lockedBag{l.Device(), l.KeybagID})
		}
	}
	forgotten := []lockedBag{}
	for _, bag := range bags {
		err := a.keyring().Remove(ctx, bag.Keybag)
		switch {
		case err == nil:
			forgotten = append(forgotten, bag)
		case !errors.Is(err, passwd.ErrNoKey):
			return err
		}
	}
	if a.json {
		return printJSON(a.stdout, forgotten)
	}
	for _, bag := range forgotten {
		fmt.Fprintf(a.stdout, "The key of %s is forgotten.\n", printable(bag.Device))
	}
	if len(forgotten) == 0 {
		fmt.Fprintln(a.stdout, "The keyring has no key of it.")
	}
	return nil
}

// lockedBag is a keybag, as it is told.
type lockedBag struct {
	Device string `json:"device"`
	Keybag string `json:"keybag"`
}

// unlocked is a backup that was opened in a mount.
type unlocked struct {
	Backup     string `json:"backup"`
	Mountpoint string `json:"mountpoint"`
}

func (a *app) unlock(ctx context.Context, name string) error {
	mounts, silent := a.running(ctx)
	if len(mounts) == 0 && !a.save {
		return fmt.Errorf("unlock: %w", cmp.Or(silent, control.ErrNotRunning))
	}
	locks, done, err := a.findLocks(ctx, name, mounts)
	if err != nil {
		return err
	}
	defer done()
	if !a.save {
		locks = slices.DeleteFunc(locks, func(l snaptree.Lock) bool { return !slices.ContainsFunc(mounts, waitsFor(l.KeybagID)) })
	}
	all := []unlocked{}
	var shut []error // of other devices than the one that the password is for
	for _, lock := range locks {
		secret, err := a.secretFor(ctx, lock)
		if errors.Is(err, keybag.ErrWrongPassword) && name == "" {
			shut = append(shut, err)
			continue
		}
		if err != nil {
			return err
		}
		opened, err := a.giveToMounts(ctx, mounts, lock.KeybagID, secret)
		passwd.Wipe(secret)
		if err != nil {
			return err
		}
		all = append(all, opened...)
	}
	if silent != nil && len(locks) > 0 {
		a.warn("%v", silent)
	}
	if len(shut) > 0 && len(shut) == len(locks) {
		return errors.Join(shut...)
	}
	for _, err := range shut {
		a.warn("%v: it stays locked", err)
	}
	switch {
	case len(locks) == 0 && silent != nil:
		return fmt.Errorf("unlock: %w", silent)
	case a.json:
		return printJSON(a.stdout, all)
	case len(locks) == 0:
		fmt.Fprintln(a.stdout, "Nothing is locked.")
	}
	return nil
}

// giveToMounts sends a secret to each mount that has a locked backup of its
// keybag.
func (a *app) giveToMounts(ctx context.Context, mounts []control.Status, keybagID string, secret []byte) (all []unlocked, err error) {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return nil, err
	}
	waits := waitsFor(keybagID)
	for _, m := range mounts {
		if !waits(m) {
			continue
		}
		client, err := control.Dial(ctx, folders, m.Mountpoint)
		if err != nil {
			return nil, err
		}
		opened, err := client.Unlock(ctx, keybagID, secret)
		client.Close()
		if err != nil {
			return nil, err
		}
		for _, name := range opened {
			all = append(all, unlocked{name, m.Mountpoint})
			if !a.json {
				fmt.Fprintf(a.stdout, "Unlocked %s in %s.\n", printable(name), m.Mountpoint)
			}
		}
	}
	return all, nil
}
