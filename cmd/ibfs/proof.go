package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"strings"
	"time"

	"ibfs/backupfmt"
	"ibfs/capture"
	"ibfs/capture/library"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs/snaptree"
	"ibfs/fs/view"
	"ibfs/keybag"
)

// A proof is what a new backup is verified with: its password, or what the
// keyring keeps of it, where there is one.
type proof struct {
	app      *app
	name     string // the phone's
	show     *runShow
	password []byte           // nil: none was given
	secret   backupfmt.Secret // of keybag; nil: none
	keybag   string
	odd      []string // what was told of rows that the phone makes odd
}

func (p *proof) wipe() {
	passwd.Wipe(p.password)
	passwd.Wipe(p.secret)
}

// prepare gets the password of encrypted backups and tests it on the newest
// snapshot that has one: a slip is told before the run, not after it. It cannot
// be more than told: the password may have been changed on the phone since. Nobody
// to ask is no error: the backup is then verified as far as that goes.
func (p *proof) prepare(ctx context.Context, snapshots []library.Snapshot) (err error) {
	defer func() {
		if err != nil {
			p.wipe()
		}
	}()
	older := p.newest(ctx, snapshots)
	if older != nil {
		defer older.Close()
		p.keybag = older.KeybagID()
	}
	from := p.app.password
	from.EnvFile = p.app.getenv("IBFS_PASSWORD_FILE")
	password, err := from.Read(ctx)
	switch {
	case err == nil:
		p.password = password
		if !p.test(ctx, older) {
			p.show.warn("it is not the password of the last encrypted snapshot; it is tried on the new one at the end")
		}
		return ctx.Err()
	case !errors.Is(err, passwd.ErrNone):
		return err
	}
	if older != nil {
		if p.secret = p.app.fromKeyring(ctx, snaptree.Lock{KeybagID: p.keybag, Backup: older}); p.secret != nil {
			return nil
		}
	}
	return p.ask(ctx, older)
}

// newest is the newest snapshot that is encrypted, opened.
func (p *proof) newest(ctx context.Context, snapshots []library.Snapshot) *backupfmt.Backup {
	for _, s := range slices.Backward(snapshots) {
		b, err := backupfmt.OpenDir(ctx, s.Path, backupfmt.Options{Logger: p.app.logger()})
		if err != nil {
			continue // it is no help; `ibfs verify` tells why
		}
		if b.Locked() {
			return b
		}
		b.Close()
	}
	return nil
}

// ask asks a person, who has a few tries. What they type twice they mean.
func (p *proof) ask(ctx context.Context, older *backupfmt.Backup) error {
	for try := 1; ; try++ {
		password, err := p.app.terminal().Ask(ctx, fmt.Sprintf("Password of the backups of %s, to verify them (empty: do not): ", printable(p.name)))
		if errors.Is(err, passwd.ErrNoTerminal) || errors.Is(err, passwd.ErrNone) {
			p.show.warn("without the backup password the backup is verified as far as that goes; use --password-file, --password-command or the keyring")
			passwd.Wipe(p.password)
			p.password = nil
			return nil
		}
		if err != nil {
			return err
		}
		meant := bytes.Equal(password, p.password) || try == maxTries
		passwd.Wipe(p.password)
		p.password = password
		if p.test(ctx, older) || ctx.Err() != nil {
			return ctx.Err()
		}
		if meant {
			p.show.say("it is tried on the new backup at the end.")
			return nil
		}
		p.show.say("that is not the password of the last encrypted snapshot. Was it changed since? Then type it again. Else: %s.", wrongPassword)
	}
}

// test derives the secret of an older snapshot, and says whether nothing speaks
// against the password.
func (p *proof) test(ctx context.Context, older *backupfmt.Backup) bool {
	if older == nil {
		return true
	}
	secret, err := p.derive(ctx, older)
	if err != nil {
		p.app.logger().Debug("password of the last snapshot", "err", err)
		return !errors.Is(err, keybag.ErrWrongPassword) // what is damaged proves nothing
	}
	p.secret = secret
	return true
}

func (p *proof) derive(ctx context.Context, b *backupfmt.Backup) (backupfmt.Secret, error) {
	lock := snaptree.Lock{KeybagID: b.KeybagID(), Snapshots: []snaptree.Snapshot{{Device: p.name}}, Backup: b}
	return p.app.tryPassword(ctx, lock, bytes.Clone(p.password))
}

// verify proves the tree in dir: all of its rows, and the content of what
// arrived, where its password is at hand.
func (p *proof) verify(ctx context.Context, dir string, arrived func(iofs.FileMode) bool) (library.Verified, error) {
	b, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{Logger: p.app.logger()})
	if err != nil {
		return "", badTree(err)
	}
	defer b.Close()
	if b.Locked() {
		if err := p.unlock(ctx, b); err != nil {
			return "", badTree(err)
		}
	}
	if b.Locked() {
		return library.VerifiedVisible, nil
	}
	began := time.Now()
	report, err := b.Verify(ctx, backupfmt.VerifyOptions{Whole: arrived, Progress: func(v backupfmt.VerifyProgress) {
		if v.Files == v.Total || time.Since(began) > time.Second/10 {
			began = time.Now()
			p.show.event(capture.Event{
				Step: capture.Verifying, Files: int64(v.Files), Of: int64(v.Total), Bytes: v.Bytes, Percent: 100 * float64(v.Files) / float64(max(1, v.Total)),
			})
		}
	}})
	if err != nil {
		return "", badTree(err)
	}
	return library.VerifiedAll, p.found(report.Findings, b.Info())
}

// found is the error of what was found in a tree. What the disk does not give is
// no fault of the phone's. A row that is odd by itself is told and kept: to send all
// of it again would bring that row again.
func (p *proof) found(all []backupfmt.Finding, of backupfmt.Info) error {
	var odd, unread, bad []backupfmt.Finding
	for _, f := range all {
		switch f.Kind {
		case backupfmt.KindRow:
			odd = append(odd, f)
		case backupfmt.KindRead:
			unread = append(unread, f)
		default:
			bad = append(bad, f)
		}
	}
	is := capture.ErrBadTree
	if len(bad) == 0 {
		is, bad = errUnread, unread
	}
	if len(bad) > 0 {
		return fmt.Errorf("%w: %d files, the first %s: %s", is, len(bad), whatItIs(bad[0], of), bad[0].Detail)
	}
	p.tellOdd(odd, of)
	return nil
}

// oddTold is how many odd rows are named.
const oddTold = 3

func (p *proof) tellOdd(odd []backupfmt.Finding, of backupfmt.Info) {
	if len(odd) == 0 {
		return
	}
	rows := 0
	var first []string
	for i, f := range odd {
		rows += max(f.Count, 1)
		if i < oddTold {
			first = append(first, oneLine(whatItIs(f, of)+": "+f.Detail))
		}
	}
	text := fmt.Sprintf("%d rows of the phone's manifest are odd, which no new backup mends; the first: %s", rows, strings.Join(first, "; "))
	p.odd = append(p.odd, text)
	p.show.warn("%s", text)
}

var errUnread = errors.New("what the phone sent cannot be read from the library's disk")

// badTree says of what is wrong with the backup itself, and not with this
// computer, that the tree is no good.
func badTree(err error) error {
	if view.Passing(err) {
		return err
	}
	for _, e := range []error{
		backupfmt.ErrDamaged, backupfmt.ErrNotBackup, backupfmt.ErrUnfinished, backupfmt.ErrUnpacked, backupfmt.ErrUnsupported, keybag.ErrDamaged,
	} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", capture.ErrBadTree, err)
		}
	}
	return err
}

// unlock opens the new backup, if a password or secret for it is at hand. A
// wrong one is told, and is no fault of the backup's. A secret may be wrong even
// for a keybag of the same UUID.
func (p *proof) unlock(ctx context.Context, b *backupfmt.Backup) error {
	if p.secret != nil && p.keybag == b.KeybagID() {
		if err := b.Unlock(ctx, p.secret); !errors.Is(err, keybag.ErrWrongPassword) {
			return err
		}
	}
	if p.password == nil {
		if p.secret != nil {
			p.show.warn("the backup password was changed since the last snapshot, so that the key in the keyring does not open the new backup; it is verified as far as that goes")
		}
		return nil
	}
	secret, err := p.derive(ctx, b)
	if errors.Is(err, keybag.ErrWrongPassword) {
		p.show.warn("the password does not open the new backup, which therefore is verified as far as that goes: %s", wrongPassword)
		return nil
	}
	if err != nil {
		return err
	}
	defer passwd.Wipe(secret)
	return b.Unlock(ctx, secret)
}
