package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ibfs/capture/lockdown"
)

func (a *app) pairCommand() *cobra.Command {
	var o phoneOptions
	wifi, yes := false, false
	c := &cobra.Command{
		Use:   "pair",
		Short: "Make this computer known to a phone",
		Long: `Pair makes this computer known to a phone, once for good: the phone asks whether
to trust it, and then for its passcode. ` + "`ibfs backup`" + ` does the same by itself.

With --new the phone is asked again, and what this computer knew of it is replaced:
for a phone whose key is another since a repair, or that takes the old pairing no
more. Finder, iTunes and others on this computer then use the new one as well.

With --wifi the phone also lets itself be reached over Wi-Fi, where the system's
daemon can do that.`,
		Args: takes(0),
	}
	a.deviceFlags(c, &o)
	noBackupsFlag(c, "leave it out")
	c.Flags().BoolVar(&wifi, "wifi", false, "let the phone be reached over Wi-Fi from now on")
	c.Flags().BoolVar(&o.anew, "new", false, "pair anew, in the place of a pairing that is there")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask whether to replace it")
	c.RunE = func(c *cobra.Command, _ []string) error { return a.pair(c.Context(), o, wifi, yes) }
	return c
}

// errOtherKeyAgain is about a phone that does not have the key that it has just told.
var errOtherKeyAgain = errors.New("the new pairing does not hold")

func (a *app) pair(ctx context.Context, o phoneOptions, wifi, yes bool) error {
	mux, err := a.mux()
	if err != nil {
		return err
	}
	found, err := a.choose(ctx, mux, o.device, false)
	if err != nil {
		return err
	}
	if o.anew && found[0].Paired && !yes {
		a.say("%s is paired with this computer. Paired anew, it asks again whether to trust it, and Finder, iTunes and others here use the new pairing.", found[0].title())
		if err := a.confirm(ctx, "Pair it anew? Type yes: ", "yes"); err != nil {
			return err
		}
	}
	p, _, err := a.connectTo(ctx, mux, found[0], o, &connectTask)
	if o.anew && errors.Is(err, lockdown.ErrOtherKey) {
		return fmt.Errorf("%w: %w", errOtherKeyAgain, err)
	}
	if err != nil {
		return err
	}
	defer p.Close()
	if wifi {
		if err := p.SetWiFi(ctx, true); err != nil {
			return connectTask.failed(phoneTitle(p), err)
		}
	}
	if a.json {
		return printJSON(a.stdout, struct {
			connected
			WiFi bool `json:"wifi,omitempty"` // it was told to let itself be reached so
		}{connected{Identity: p.Identity, Connection: p.Connection(), Paired: true}, wifi})
	}
	reach := ""
	if wifi {
		reach = ", and lets itself be reached over Wi-Fi"
	}
	_, err = fmt.Fprintf(a.stdout, "%s is paired with this computer%s.\n", printable(phoneTitle(p)), reach)
	return err
}
