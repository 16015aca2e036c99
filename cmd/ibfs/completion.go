package main

import (
	"context"
	iofs "io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/snaptree"
	"ibfs/fs/vtree"
)

// lookTime bounds how long a shell waits for the phones to say who they are.
const lookTime = 2 * time.Second

// An offer finds what can stand where a person has typed the beginning of it.
type offer func(ctx context.Context, tree *snaptree.Tree, typed string) []string

// completes completes a command's first argument, or all of them. What is no name
// in the tree is left to the shell, which completes paths of this machine. Nobody
// is asked for a password: what the keyring does not open stays locked.
func (a *app) completes(c *cobra.Command, find offer, all bool) {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 && !all || isPath(typed) || a.complete() != nil {
			return nil, cobra.ShellCompDirectiveDefault
		}
		tree, err := a.look(c.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveDefault
		}
		defer tree.Close()
		found := find(c.Context(), tree, typed)
		goesOn := func(s string) bool { return strings.HasSuffix(s, "/") || strings.HasSuffix(s, "@") }
		if slices.ContainsFunc(found, goesOn) {
			return found, cobra.ShellCompDirectiveNoSpace
		}
		return found, cobra.ShellCompDirectiveDefault
	}
}

// offerBackups are the devices, and behind an @ the dates of one.
func offerBackups(_ context.Context, tree *snaptree.Tree, typed string) []string {
	var fit []string
	for _, s := range tree.Snapshots() {
		name := s.Device
		if strings.Contains(typed, "@") {
			name += "@" + s.Name
		}
		if strings.HasPrefix(name, typed) && !slices.Contains(fit, name) {
			fit = append(fit, name)
		}
	}
	return fit
}

// offerPaths are the names in a folder of the tree, those of folders with a slash
// behind them.
func (a *app) offerPaths(ctx context.Context, tree *snaptree.Tree, typed string) []string {
	cut := strings.LastIndexByte(typed, '/') + 1
	folder, begun := typed[:cut], typed[cut:]
	if device, inside, _ := strings.Cut(folder, "/"); inside != "" {
		a.openByKeyring(ctx, tree, device)
	}
	dir, err := vtree.Find(ctx, tree, strings.TrimSuffix(folder, "/"), true)
	if err != nil {
		return nil
	}
	var fit []string
	_ = tree.ReadDir(ctx, dir, 0, func(name string, _ vtree.ID, m iofs.FileMode) bool {
		if !strings.HasPrefix(name, begun) || name[0] == '.' && begun == "" {
			return true
		}
		if m.IsDir() || m.Type() == iofs.ModeSymlink && leadsToFolder(ctx, tree, dir, name) {
			name += "/"
		}
		fit = append(fit, folder+name)
		return ctx.Err() == nil
	}) // what cannot be listed has nothing to offer
	return fit
}

// openByKeyring unlocks what it can of a device's snapshots.
func (a *app) openByKeyring(ctx context.Context, tree *snaptree.Tree, device string) {
	locks, _ := tree.Locks(ctx) // those that can be told
	for _, lock := range locks {
		if lock.Device() != device {
			continue
		}
		if secret := a.fromKeyring(ctx, lock); secret != nil {
			_, _ = tree.Unlock(ctx, lock.KeybagID, secret) // it stays locked
			passwd.Wipe(secret)
		}
	}
}

func leadsToFolder(ctx context.Context, tree *snaptree.Tree, dir vtree.ID, name string) bool {
	id, err := vtree.FindFrom(ctx, tree, dir, name, true)
	if err != nil {
		return false
	}
	attr, err := tree.Attr(ctx, id)
	return err == nil && attr.Mode.IsDir()
}

// completesMounts completes the folder of a mount.
func (a *app) completesMounts(c *cobra.Command) {
	c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) (fit []string, _ cobra.ShellCompDirective) {
		mounts, _ := a.running(c.Context()) // those that answer
		for _, m := range mounts {
			if len(args) == 0 && strings.HasPrefix(m.Mountpoint, typed) {
				fit = append(fit, m.Mountpoint)
			}
		}
		return fit, cobra.ShellCompDirectiveDefault
	}
}

// completesDevices completes --device by the phones that are connected.
func (a *app) completesDevices(c *cobra.Command) {
	// It fails for a flag that is not there alone.
	_ = c.RegisterFlagCompletionFunc("device", func(c *cobra.Command, _ []string, typed string) (fit []string, _ cobra.ShellCompDirective) {
		mux, err := a.mux()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(c.Context(), lookTime)
		defer cancel()
		phones, _ := a.lookAround(ctx, mux) // those that have said who they are
		for _, p := range phones {
			for _, name := range []string{p.title(), p.dev.UDID} {
				if strings.HasPrefix(name, typed) && !slices.Contains(fit, name) {
					fit = append(fit, name)
				}
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	})
}
