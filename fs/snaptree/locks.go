package snaptree

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"ibfs/backupfmt"
	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

// A Lock is a keybag whose password is not known, and what it keeps shut.
type Lock struct {
	KeybagID  string
	Snapshots []Snapshot        // the newest last
	Backup    *backupfmt.Backup // one of them, whose secret opens them all
}

// Device is the folder of the device that the keybag belongs to.
func (l Lock) Device() string { return l.Snapshots[len(l.Snapshots)-1].Device }

// Locks lists the keybags that keep snapshots shut, in the order of the
// devices. A snapshot that does not open is left out: its folder tells why.
func (t *Tree) Locks(ctx context.Context) ([]Lock, error) {
	var locks []Lock
	at := map[string]int{}
	for _, s := range t.Snapshots() {
		if s.Err != nil {
			continue
		}
		b, err := s.Open(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || !b.Locked() {
			continue
		}
		i, ok := at[b.KeybagID()]
		if !ok {
			i = len(locks)
			at[b.KeybagID()] = i
			locks = append(locks, Lock{KeybagID: b.KeybagID()})
		}
		if of := locks[i].Backup; of == nil || b.SecretSize() >= of.SecretSize() {
			locks[i].Backup = b
		}
		locks[i].Snapshots = append(locks[i].Snapshots, s)
	}
	return locks, nil
}

func (t *Tree) secret(keybagID string) backupfmt.Secret {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.secrets[keybagID]
}

// Unlock opens the snapshots of a keybag, those that come later too, and
// returns those that it opened. keybag.ErrWrongPassword says that the secret fits
// none. The error of a context that ends comes with what was opened before it.
func (t *Tree) Unlock(ctx context.Context, keybagID string, secret backupfmt.Secret) ([]Snapshot, error) {
	var changes []vtree.Change
	var errs []error
	var opened []Snapshot
	for _, s := range t.Snapshots() {
		b, err := s.Open(ctx)
		if err == nil && (b.KeybagID() != keybagID || !b.Locked()) || err != nil && !view.Passing(err) {
			continue // it has another one, or is broken
		}
		if err == nil {
			var c []vtree.Change
			c, err = s.s.unlock(ctx, secret)
			changes = append(changes, c...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s/%s: %w", s.Device, s.Name, err))
			continue
		}
		opened = append(opened, s)
	}
	if len(opened) > 0 {
		t.keep(keybagID, secret)
	}
	t.tell(changes)
	switch {
	case ctx.Err() != nil:
		return opened, ctx.Err()
	case len(opened) == 0:
		return nil, errors.Join(errs...)
	}
	for _, err := range errs {
		t.log.Warn("unlock", "keybag", keybagID, "err", err)
	}
	return opened, nil
}

// keep keeps a secret that fits for the snapshots that come later.
func (t *Tree) keep(keybagID string, secret backupfmt.Secret) {
	kept := bytes.Clone(secret)
	t.opt.Protect(kept)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secrets[keybagID] = kept
}
