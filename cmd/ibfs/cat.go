package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ibfs/fs/vtree"
)

func (a *app) catCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cat PATH...",
		Short: "Write files of the mounted tree to standard output",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("PATH is missing")
			}
			return nil
		},
	}
	a.passwordFlags(c)
	a.completes(c, a.offerPaths, true)
	c.RunE = func(c *cobra.Command, args []string) error {
		tree, _, err := a.openTree(c.Context(), "")
		if err != nil {
			return err
		}
		defer tree.Close()
		for _, path := range args {
			id, err := a.resolve(c.Context(), tree, path)
			if err == nil {
				err = copyOut(c.Context(), a.stdout, tree, id)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return nil
	}
	return c
}

// copyOut writes the content of a file.
func copyOut(ctx context.Context, w io.Writer, tree vtree.Tree, id vtree.ID) error {
	f, err := tree.Open(ctx, id)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, &contextReader{ctx, io.NewSectionReader(f, 0, f.Size())}, make([]byte, 1<<20))
	if err == nil && n != f.Size() {
		err = fmt.Errorf("it ends after %d of %d bytes", n, f.Size())
	}
	if err == nil {
		err = vtree.Damage(f)
	}
	return err
}

// contextReader ends a copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
