package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) pairCommand() *cobra.Command {
	var o phoneOptions
	wifi := false
	c := &cobra.Command{
		Use:   "pair",
		Short: "Make this computer known to a phone",
		Long: `Pair makes this computer known to a phone, once for good: the phone asks whether
to trust it, and then for its passcode. ` + "`ibfs backup`" + ` does the same by itself.

With --wifi the phone also lets itself be reached over Wi-Fi, where the system's
daemon can do that.`,
		Args: takes(0),
	}
	a.deviceFlags(c, &o)
	noBackupsFlag(c, "leave it out")
	c.Flags().BoolVar(&wifi, "wifi", false, "let the phone be reached over Wi-Fi from now on")
	c.RunE = func(c *cobra.Command, _ []string) error { return a.pair(c.Context(), o, wifi) }
	return c
}

func (a *app) pair(ctx context.Context, o phoneOptions, wifi bool) error {
	p, _, err := a.connect(ctx, o)
	if err != nil {
		return err
	}
	defer p.Close()
	if wifi {
		if err := p.SetWiFi(ctx, true); err != nil {
			return about(p.Name, err)
		}
	}
	if a.json {
		return printJSON(a.stdout, connected{Identity: p.Identity, Connection: p.Connection(), Paired: true})
	}
	_, err = fmt.Fprintf(a.stdout, "%s is paired with this computer.\n", printable(p.Name))
	return err
}
