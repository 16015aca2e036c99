package main

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/fs/view/all"
	"ibfs/fs/vtree"
)

var errNoView = errors.New("there is no such view")

// viewOf finds the folder of a view in the backup that a person names, and
// unlocks the backup.
func (a *app) viewOf(ctx context.Context, tree *snaptree.Tree, name, backup string) (vtree.ID, error) {
	v, err := viewNamed(name)
	if err != nil {
		return 0, err
	}
	s, err := tree.Select(backup)
	if err != nil {
		return 0, err
	}
	if err := a.unlockSnapshot(ctx, tree, s); err != nil {
		return 0, err
	}
	id, err := tree.Lookup(ctx, s.Root, v)
	if errors.Is(err, iofs.ErrNotExist) {
		err = fmt.Errorf("%s of %s, %s: %w", v, s.Device, s.Name, view.ErrAbsent)
	}
	return id, err
}

// viewNamed is a view's folder, whatever the case of its name.
func viewNamed(name string) (string, error) {
	for _, v := range viewNames() {
		if strings.EqualFold(v, name) {
			return v, nil
		}
	}
	return "", fmt.Errorf("%q: %w; there are %s", name, errNoView, strings.Join(viewNames(), ", "))
}

func viewNames() []string {
	names := make([]string, len(all.Views))
	for i, v := range all.Views {
		names[i] = v.Name()
	}
	return names
}

// completeViews completes the names of views, in the case that is typed first.
func completeViews(c *cobra.Command) {
	// It fails for a flag that is not there alone.
	_ = c.RegisterFlagCompletionFunc("view", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var fit []string
		for _, name := range viewNames() {
			if len(typed) <= len(name) && strings.EqualFold(name[:len(typed)], typed) {
				fit = append(fit, typed+strings.ToLower(name[len(typed):]))
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	})
}
