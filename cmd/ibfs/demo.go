package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/demo"
	"ibfs/cmd/ibfs/internal/mountpoint"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo MOUNTPOINT",
		Short: "Make a small encrypted sample backup and mount it",
		Long: `Demo makes an encrypted sample backup with a few hundred files, in the cache
folder, and mounts it: a way to see what ibfs does without a phone. The backup's
password is "demo".`,
		Args: takes(1, "MOUNTPOINT"),
		RunE: func(c *cobra.Command, args []string) error { return a.demo(c.Context(), args[0]) },
	}
}

func (a *app) demo(ctx context.Context, at string) error {
	folder, err := demo.Folder()
	if err != nil {
		return fmt.Errorf("make the sample backup: %w", err)
	}
	fmt.Fprintf(a.stdout, "The sample backup lies in %s; its password is %q.\n", folder, demo.Password)
	a.known = []byte(demo.Password)
	err = a.mount(ctx, at, mountOptions{places: []string{folder}})
	if errors.Is(err, mountpoint.ErrMounted) {
		if m, mounted, _ := mountpoint.At(at); mounted && m.Source == folder {
			return a.tellMounted(ctx, m.Point, " already")
		}
	}
	return err
}
