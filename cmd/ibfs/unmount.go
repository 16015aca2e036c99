package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/fs"
	"ibfs/fs/control"
)

func (a *app) unmountCommand() *cobra.Command {
	thumbnails := false
	c := &cobra.Command{
		Use:     "unmount MOUNTPOINT",
		Aliases: []string{"umount"},
		Short:   "End a mount",
		Long: `Unmount ends a mount and returns when its process has wiped the keys. A mount
that is in use stays, and who uses it is told where that can be known.`,
		Args: takes(1, "MOUNTPOINT"),
	}
	c.Flags().BoolVar(&thumbnails, "thumbnails", false, "remove the thumbnails that file managers made of files in the mount")
	a.completesMounts(c)
	c.RunE = func(c *cobra.Command, args []string) error { return a.unmount(c.Context(), args[0], thumbnails) }
	return c
}

func (a *app) unmount(ctx context.Context, at string, thumbnails bool) error {
	at, err := filepath.Abs(at)
	if err != nil {
		return err
	}
	point, err := mountpoint.Resolve(at)
	if err == nil {
		err = os.Chdir("/") // this process would keep a mount busy that it was started in
	}
	if err != nil {
		return fmt.Errorf("unmount %s: %w", at, err)
	}
	left := findThumbnails(ctx, at, point) // now, while the mount says which files it has
	gone := a.waitForEnd(ctx, point)
	err = mountpoint.Unmount(point)
	if thumbnails && errors.Is(err, mountpoint.ErrNotOurs) {
		return a.leave(left, true)
	}
	if errors.Is(err, fs.ErrBusy) {
		if !a.answers(ctx, point) {
			return fmt.Errorf("unmount %s: %w", point, errSilent)
		}
		return busy(ctx, point, err)
	}
	if err != nil {
		return err
	}
	gone()
	if a.json {
		err = printJSON(a.stdout, struct {
			Mountpoint string `json:"mountpoint"`
		}{point})
	}
	if err != nil {
		return err
	}
	return a.leave(left, thumbnails)
}

// waitForEnd connects to the process of a mount, and waits, when called, until
// that process is done.
func (a *app) waitForEnd(ctx context.Context, point string) func() {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return func() {}
	}
	client, err := control.Dial(ctx, folders, point)
	if err != nil {
		return func() {} // it has died, or is another user's
	}
	return func() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_ = client.Wait(ctx) // the mount is gone already
		client.Close()
	}
}

// answerTime is how long a mount may take to say how it is: it opens its backups for
// that, on a disk that may have to spin up.
const answerTime = 4 * time.Second

// answers says whether the process of a mount does, if it can be asked.
func (a *app) answers(ctx context.Context, point string) bool {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return true
	}
	client, err := control.Dial(ctx, folders, point)
	if err != nil {
		return true
	}
	defer client.Close()
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err = client.Status(asking)
	return err == nil || asking.Err() == nil || ctx.Err() != nil
}

// busyError is a mount in use, and who uses it.
type busyError struct {
	error
	holders []mountpoint.Holder
}

func busy(ctx context.Context, point string, err error) error {
	holders, _ := mountpoint.Holders(ctx, point)
	return &busyError{err, holders}
}

func (e *busyError) Unwrap() error { return e.error }

func (e *busyError) Hint() string {
	if len(e.holders) == 0 {
		return "close the programs that use it, such as a file manager or a terminal in one of its folders"
	}
	return "close what uses it: " + holdersText(e.holders)
}

func holdersText(holders []mountpoint.Holder) string {
	var names []string
	for _, h := range holders {
		names = append(names, fmt.Sprintf("%s (%d) %s", h.Name, h.PID, h.How))
	}
	return strings.Join(names, "; ")
}
