package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"ibfs/backupfmt"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/snaptree"
	"ibfs/fs/vtree"
	"ibfs/keybag"
)

// maxTries is how often a person is asked for one password.
const maxTries = 3

// passwordFlags are the ways to give a password without being asked.
func (a *app) passwordFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.password.File, "password-file", "", "take the backup password from a `file` (default: $IBFS_PASSWORD_FILE)")
	f.StringVar(&a.password.Command, "password-command", "", "take the backup password from what a shell `command` prints")
	f.BoolVar(&a.save, "save", false, "keep the key, not the password, in this system's keyring")
	exclusive(c, "password-file", "password-command")
}

// unlockSnapshot unlocks the keybag of a snapshot, if it is locked.
func (a *app) unlockSnapshot(ctx context.Context, tree *snaptree.Tree, s snaptree.Snapshot) error {
	b, err := s.Open(ctx)
	if err != nil || !b.Locked() {
		return err
	}
	lock := snaptree.Lock{KeybagID: b.KeybagID(), Snapshots: []snaptree.Snapshot{s}, Backup: b}
	secret, err := a.secretFor(ctx, lock)
	if err != nil {
		return err
	}
	defer passwd.Wipe(secret)
	_, err = tree.Unlock(ctx, lock.KeybagID, secret)
	return err
}

// unlockBelow unlocks all snapshots of a device's folder, or of the root.
func (a *app) unlockBelow(ctx context.Context, tree *snaptree.Tree, dir vtree.ID) error {
	if _, ok := tree.At(dir); ok {
		return nil // resolve has unlocked it
	}
	locks, err := tree.Locks(ctx)
	if err != nil {
		return err
	}
	for _, lock := range locks {
		device, err := tree.Lookup(ctx, tree.Root(), lock.Device())
		if err != nil || dir != tree.Root() && dir != device {
			continue
		}
		secret, err := a.secretFor(ctx, lock)
		if err != nil {
			return err
		}
		_, err = tree.Unlock(ctx, lock.KeybagID, secret)
		passwd.Wipe(secret)
		if err != nil {
			return err
		}
	}
	return nil
}

// secretFor gets the secret of a keybag: from the password that the options
// give, from the keyring, or from a person, who has a few tries. It is proven
// to fit. The error is passwd.ErrNoTerminal when there is nobody to ask, and
// passwd.ErrNone when the person gave none.
func (a *app) secretFor(ctx context.Context, lock snaptree.Lock) (backupfmt.Secret, error) {
	if a.known != nil {
		return a.tryPassword(ctx, lock, bytes.Clone(a.known))
	}
	from := a.password
	from.EnvFile = a.getenv("IBFS_PASSWORD_FILE")
	password, err := from.Read(ctx)
	if err == nil {
		a.known = password // a pipe gives it once
		return a.tryPassword(ctx, lock, bytes.Clone(password))
	}
	if !errors.Is(err, passwd.ErrNone) {
		return nil, err
	}
	if secret := a.fromKeyring(ctx, lock); secret != nil {
		return secret, nil
	}
	return a.askFor(ctx, lock)
}

// wipePassword forgets the password that an option gave.
func (a *app) wipePassword() {
	passwd.Wipe(a.known)
	a.known = nil
}

// fromKeyring is the secret that the keyring keeps, nil when it has none that
// fits.
func (a *app) fromKeyring(ctx context.Context, lock snaptree.Lock) backupfmt.Secret {
	if a.noKeyring {
		return nil
	}
	secret, err := a.keyring().Get(ctx, lock.KeybagID)
	if err != nil {
		return nil
	}
	if lock.Backup.Check(secret) != nil {
		passwd.Wipe(secret)
		return nil
	}
	return secret
}

func (a *app) askFor(ctx context.Context, lock snaptree.Lock) (backupfmt.Secret, error) {
	password, secret, err := a.askForBoth(ctx, lock)
	passwd.Wipe(password)
	return secret, err
}

// askForBoth asks for a password, and returns it with the secret that it is for.
func (a *app) askForBoth(ctx context.Context, lock snaptree.Lock) ([]byte, backupfmt.Secret, error) {
	question := fmt.Sprintf("Backup password of %s: ", printable(lock.Device()))
	for try := 1; ; try++ {
		password, err := a.terminal().Ask(ctx, question)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", lock.Device(), err)
		}
		secret, err := a.tryPassword(ctx, lock, bytes.Clone(password))
		if err == nil {
			return password, secret, nil
		}
		passwd.Wipe(password)
		if !errors.Is(err, keybag.ErrWrongPassword) || try == maxTries {
			return nil, nil, err
		}
		fmt.Fprintf(a.stderr, "That is not it: %s.\n", wrongPassword)
	}
}

// tryPassword derives the secret of a password, wipes the password, and keeps
// the secret where the person wishes so.
func (a *app) tryPassword(ctx context.Context, lock snaptree.Lock, password []byte) (backupfmt.Secret, error) {
	defer passwd.Wipe(password)
	done := a.showDerivation(lock.Backup.DeriveTime())
	secret, err := lock.Backup.Derive(ctx, password)
	done()
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", lock.Device(), err)
	}
	passwd.Lock(secret)
	if err := lock.Backup.Check(secret); err != nil {
		passwd.Wipe(secret)
		return nil, fmt.Errorf("unlock %s: %w", lock.Device(), err)
	}
	if a.save {
		where, err := a.keyring().Set(ctx, lock.KeybagID, secret)
		if err != nil {
			fmt.Fprintln(a.stderr, "ibfs: warning: the key is not kept:", oneLine(err.Error()))
		} else {
			fmt.Fprintf(a.stderr, "The key of %s is kept in %s.\n", lock.Device(), where)
		}
	}
	return secret, nil
}

func (a *app) terminal() passwd.Terminal {
	out, _ := a.stderr.(*os.File)
	return passwd.Terminal{In: a.stdin, Out: out}
}

func (a *app) keyring() *passwd.Keyring { return passwd.NewKeyring(a.getenv) }

// showDerivation shows how far a derivation must be by now.
func (a *app) showDerivation(took time.Duration) (done func()) {
	if took < time.Second/2 || !isTerminal(a.stderr) {
		return func() {}
	}
	const steps = 100
	bar := progressbar.NewOptions(steps, progressbar.OptionSetWriter(a.stderr), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription("Unlocking"), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	tick := time.NewTicker(took / steps)
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for shown := 0; ; {
			select {
			case <-tick.C:
				if shown < steps-1 {
					shown++
					_ = bar.Add(1)
				}
			case <-stop:
				_ = bar.Finish()
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		close(stop)
		<-stopped
	}
}
