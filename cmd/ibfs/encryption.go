package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ibfs/capture"
	"ibfs/cmd/ibfs/internal/passwd"
)

var (
	errTwice         = errors.New("the two passwords are not the same")
	errNoNewPassword = errors.New("the new password is missing")
)

type encryptionOptions struct {
	phoneOptions
	newFile, newCommand string
}

func (a *app) encryptionCommand() *cobra.Command {
	var o encryptionOptions
	c := &cobra.Command{
		Use:   "encryption on|off|change",
		Short: "Turn the encryption of a phone's backups on or off, or change its password",
		Long: `The phone encrypts its backups with a password of their own. Only encrypted
backups hold passwords, Health data, call history and Safari's history. It holds
for every computer that the phone is backed up to. Keep the password well: without
it nobody can read the backups, and nobody can find it out.

The phone asks for its passcode first. Snapshots that are there keep the password
that they were made with.`,
		Args:      takes(1, "on, off or change"),
		ValidArgs: []string{"on", "off", "change"},
	}
	a.deviceFlags(c, &o.phoneOptions)
	f := c.Flags()
	f.StringVar(&a.password.File, "password-file", "", "take the password that is in force (for on: the new one) from a `file` (default: $IBFS_PASSWORD_FILE, but not for on)")
	f.StringVar(&a.password.Command, "password-command", "", "take the password that is in force (for on: the new one) from what a shell `command` prints")
	f.StringVar(&o.newFile, "new-password-file", "", "take the new password from a `file`")
	f.StringVar(&o.newCommand, "new-password-command", "", "take the new password from what a shell `command` prints")
	exclusive(c, "password-file", "password-command")
	exclusive(c, "new-password-file", "new-password-command")
	noBackupsFlag(c, "leave it out")
	c.RunE = func(c *cobra.Command, args []string) error { return a.encryption(c.Context(), args[0], o) }
	return c
}

func (a *app) encryption(ctx context.Context, what string, o encryptionOptions) error {
	if what != "on" && what != "off" && what != "change" {
		return &usageError{command: "ibfs encryption", err: fmt.Errorf("%q is neither on, off nor change", what)}
	}
	p, show, err := a.connect(ctx, o.phoneOptions, &encryptionTask)
	if err != nil {
		return err
	}
	defer p.Close()
	on, err := p.Encrypted(ctx)
	switch {
	case err != nil:
		return connectTask.failed(phoneTitle(p), err)
	case what == "on" && on:
		return about(phoneTitle(p), capture.ErrEncrypted)
	case what != "on" && !on:
		return about(phoneTitle(p), capture.ErrClear)
	}
	old, replacement, err := a.oldAndNew(ctx, phoneTitle(p), what, o)
	defer passwd.Wipe(old)
	defer passwd.Wipe(replacement)
	if err != nil {
		return err
	}
	err = p.ChangePassword(ctx, old, replacement)
	show.done()
	if err != nil {
		return encryptionTask.failed(phoneTitle(p), err)
	}
	return a.tellEncryption(p, what)
}

// oldAndNew gets the passwords that a change needs.
func (a *app) oldAndNew(ctx context.Context, name, what string, o encryptionOptions) (old, replacement []byte, err error) {
	if what != "on" {
		from := a.password
		from.EnvFile = a.getenv("IBFS_PASSWORD_FILE")
		if old, err = a.passwordFrom(ctx, from, "Backup password of "+printable(name)+": ", false); err != nil {
			return nil, nil, err
		}
	}
	if what != "off" {
		from := passwd.Options{File: o.newFile, Command: o.newCommand}
		if what == "on" && from == (passwd.Options{}) {
			from = a.password
		}
		replacement, err = a.passwordFrom(ctx, from, "New backup password of "+printable(name)+": ", true)
	}
	return old, replacement, err
}

// passwordFrom takes a password from where the options say, or asks for it, and
// twice where a slip would cost every backup to come.
func (a *app) passwordFrom(ctx context.Context, from passwd.Options, question string, twice bool) ([]byte, error) {
	password, err := from.Read(ctx)
	if err == nil || !errors.Is(err, passwd.ErrNone) {
		return password, err
	}
	password, err = a.terminal().Ask(ctx, question)
	switch {
	case twice && (errors.Is(err, passwd.ErrNone) || errors.Is(err, passwd.ErrNoTerminal)):
		return nil, fmt.Errorf("%w: %w", errNoNewPassword, err)
	case err != nil || !twice:
		return password, err
	}
	again, err := a.terminal().Ask(ctx, "Once more: ")
	defer passwd.Wipe(again)
	if err == nil && !bytes.Equal(password, again) {
		err = errTwice
	}
	if err != nil {
		passwd.Wipe(password)
		return nil, err
	}
	return password, nil
}

func (a *app) tellEncryption(p *capture.Phone, what string) error {
	if a.json {
		return printJSON(a.stdout, struct {
			Device    string `json:"device"`
			UDID      string `json:"udid"`
			Encrypted bool   `json:"encrypted"`
		}{phoneTitle(p), p.UDID, what != "off"})
	}
	text := map[string]string{
		"on": "Backups of %s are encrypted from now on.\n", "off": "Backups of %s are no longer encrypted.\n",
		"change": "Backups of %s have the new password from now on.\n",
	}[what]
	_, err := fmt.Fprintf(a.stdout, text, printable(phoneTitle(p)))
	return err
}
