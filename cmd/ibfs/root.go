package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/passwd"
)

// app is what the commands share: the world around the process, and the options
// that all of them have.
type app struct {
	stdin          *os.File
	stdout, stderr io.Writer
	getenv         func(string) string
	background     *daemon.Child // nil in the foreground
	stay           func() bool   // keeps a second signal from ending the process at once

	backups []string // folders that are backups or hold them; none: the default places
	json    bool
	verbose bool

	password  passwd.Options
	save      bool   // keep the key in the keyring
	noKeyring bool   // do not look into it
	known     []byte // the password for all backups: the demo's, or the one that an option gave; nil for none yet
}

// execute runs the command that args name. An error that came up before the
// command began is a wrong use of it.
func (a *app) execute(ctx context.Context, args []string) error {
	root := a.root()
	root.SetArgs(args)
	began := false
	mark(root, &began)
	used, err := root.ExecuteContextC(ctx)
	if err != nil && !began {
		return &usageError{command: used.CommandPath(), err: err}
	}
	return err
}

// mark notes that a command's own code began.
func mark(c *cobra.Command, began *bool) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*began = true
			return run(c, args)
		}
	}
	for _, sub := range c.Commands() {
		mark(sub, began)
	}
}

// root is the command line of ibfs. This is the one list of its commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ibfs",
		Short: "Shows the backups of iPhones and iPads as folders",
		Long: `ibfs finds the backups of iPhones and iPads on this machine, encrypted or not,
and shows every one of them as ordinary folders, read-only.

A BACKUP is a path, a device's name or its UDID or the beginning of one, each
with @DATE behind it for another than the latest. A PATH is one of the mounted
tree, as "Anna's iPhone/latest/Domains".`,
		Example:           "  ibfs mount ~/iphone\n  ibfs list",
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              knownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.complete() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")

	flags := root.PersistentFlags()
	flags.StringArrayVar(&a.backups, "backups", nil, "`folder` that is a backup or holds some; may be given several times (default: $IBFS_BACKUPS, else the usual places)")
	flags.BoolVar(&a.json, "json", false, "report as JSON")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "say what is done on the way")

	root.AddCommand(
		a.mountCommand(),
		a.unmountCommand(),
		a.unlockCommand(),
		a.listCommand(),
		a.infoCommand(),
		a.lsCommand(),
		a.catCommand(),
		a.exportCommand(),
		a.verifyCommand(),
		a.devicesCommand(),
		a.pairCommand(),
		a.backupCommand(),
		a.encryptionCommand(),
		a.restoreCommand(),
		a.deleteCommand(),
		a.demoCommand(),
		a.doctorCommand(),
		exitCodesTopic(),
		a.gendocs(),
	)
	return root
}

// complete fills in what the environment says and options did not.
func (a *app) complete() error {
	if len(a.backups) == 0 {
		for _, dir := range filepath.SplitList(a.getenv("IBFS_BACKUPS")) {
			if dir != "" {
				a.backups = append(a.backups, dir)
			}
		}
	}
	for i, dir := range a.backups {
		if dir == "" {
			return errors.New("--backups names no folder")
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			return fmt.Errorf("--backups %s: %w", dir, err)
		}
		a.backups[i] = abs
	}
	return nil
}

// exclusive refuses a command line that has two of some flags.
func exclusive(c *cobra.Command, names ...string) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		var given []string
		for _, name := range names {
			if c.Flags().Changed(name) {
				given = append(given, "--"+name)
			}
		}
		switch {
		case len(given) > 1:
			return fmt.Errorf("%s exclude each other: give one of them", strings.Join(given, " and "))
		case before != nil:
			return before(c, args)
		}
		return nil
	}
}

// noBackupsFlag refuses --backups on a command that looks for no backups, and that
// would seem to do with those folders what it does elsewhere.
func noBackupsFlag(c *cobra.Command, instead string) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		switch {
		case c.Flags().Changed("backups"):
			return fmt.Errorf("--backups says where backups are sought, and %s seeks none: %s", c.Name(), instead)
		case before != nil:
			return before(c, args)
		}
		return nil
	}
}

// takes says which arguments a command has, the first few of them needed.
func takes(needed int, names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < needed {
			return fmt.Errorf("%s is missing", names[len(args)])
		}
		if len(args) > len(names) {
			return fmt.Errorf("%q is one argument too many", args[len(names)])
		}
		for i, arg := range args {
			if arg == "" {
				return fmt.Errorf("%s is empty", names[i])
			}
		}
		return nil
	}
}

// optional is the one argument of a command that can do without, "" when it has
// to.
func optional(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// knownCommand refuses what is no command, with the likely one.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("there is no command %q", args[0])
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
	}
	return err
}
