package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ibfs/capture"
	"ibfs/capture/usbmux"
)

func (a *app) devicesCommand() *cobra.Command {
	watch := false
	c := &cobra.Command{
		Use:   "devices",
		Short: "List the phones that are connected",
		Long: `Devices lists the phones that are connected, by cable or, where the system's
daemon does that, by Wi-Fi. It needs no pairing and asks nothing of the phone.`,
		Args: takes(0),
	}
	noBackupsFlag(c, "leave it out")
	c.Flags().BoolVar(&watch, "watch", false, "go on, and tell which come and go")
	c.RunE = func(c *cobra.Command, _ []string) error {
		mux, err := a.mux()
		if err != nil {
			return err
		}
		if watch {
			return a.watchDevices(c.Context(), mux)
		}
		return a.listDevices(c.Context(), mux)
	}
	return c
}

func (a *app) listDevices(ctx context.Context, mux *usbmux.Mux) error {
	all, err := a.lookAround(ctx, mux)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.stdout, all)
	}
	if len(all) == 0 {
		return errNoPhone
	}
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tUDID\tMODEL\tIOS\tCONNECTION\tPAIRED")
	for _, c := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(c.title()), printable(c.UDID), printable(c.ProductType),
			printable(c.ProductVersion), c.Connection, yesNo(c.Paired))
	}
	return t.Flush()
}

// daemonPause is between two looks whether the daemon runs.
const daemonPause = 500 * time.Millisecond

// watchDevices tells what comes and goes until it is interrupted, which is its end.
// On many systems the daemon runs only while a phone is there, so it is waited for.
func (a *app) watchDevices(ctx context.Context, mux *usbmux.Mux) error {
	told := false
	for {
		err := mux.Watch(ctx, func(e usbmux.Event) { a.tellEvent(ctx, mux, e) })
		switch {
		case errors.Is(err, context.Canceled):
			return nil
		case !errors.Is(err, usbmux.ErrNotRunning):
			return err
		case !told:
			a.say("usbmuxd is not running: it is waited for. Most systems start it when a phone is plugged in; `ibfs doctor` looks further.")
			told = true
		}
		select {
		case <-time.After(daemonPause):
		case <-ctx.Done():
		}
	}
}

func (a *app) tellEvent(ctx context.Context, mux *usbmux.Mux, e usbmux.Event) {
	c := connected{Identity: capture.Identity{UDID: e.Device.UDID}, Connection: e.Device.Connection, dev: e.Device}
	if e.Kind == usbmux.Attached {
		c = a.whoIs(ctx, mux, e.Device)
	}
	if a.json {
		printLine(a.stdout, struct {
			Event string `json:"event"`
			connected
		}{e.Kind, c})
		return
	}
	fmt.Fprintf(a.stdout, "%-8s  %s  %s  %s\n", e.Kind, c.UDID, c.Connection, printable(c.Name))
}
