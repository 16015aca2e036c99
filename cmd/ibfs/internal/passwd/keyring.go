package passwd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Errors of a keyring.
var (
	ErrNoKey     = errors.New("the keyring has no key for this backup")
	ErrNoKeyring = errors.New("this system has no keyring that can be used")
)

// maxSecret bounds what is kept of and taken from a keyring. A secret of
// today's backups has 32 bytes.
const maxSecret = 1024

// A Keyring keeps secrets by the UUID of the keybag that they open, in the
// first store of the system that takes them.
type Keyring struct {
	stores []store
}

// A store is one place of the system that keeps secrets for a user. Its
// methods may wait for a person, who is asked to unlock the store.
type store interface {
	name() string
	get(id string) ([]byte, error) // ErrNoKey
	set(id string, secret []byte) error
	remove(id string) error // ErrNoKey
	patience() time.Duration
}

// NewKeyring is the keyring of this system and user: the Keychain on macOS;
// elsewhere the desktop's Secret Service when there is one, and after it the
// kernel's user keyring, which lasts until the machine restarts.
func NewKeyring(getenv func(string) string) *Keyring {
	return &Keyring{stores: systemStores(getenv)}
}

// Get returns the secret of a keybag, ErrNoKey when no store has it and
// ErrNoKeyring when none could be asked.
func (k *Keyring) Get(ctx context.Context, keybag string) ([]byte, error) {
	id, err := keyID(keybag)
	if err != nil {
		return nil, err
	}
	missing, failed := ErrNoKeyring, error(nil)
	for _, s := range k.stores {
		secret, err := patiently(ctx, s, func() ([]byte, error) { return s.get(id) })
		switch {
		case err == nil && len(secret) > 0 && len(secret) <= maxSecret:
			Lock(secret)
			return secret, nil
		case err == nil:
			Wipe(secret)
			failed = errors.Join(failed, fmt.Errorf("%s: key of %d bytes", s.name(), len(secret)))
		case errors.Is(err, ErrNoKey):
			missing = ErrNoKey
		default:
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name(), err))
		}
	}
	if failed != nil {
		return nil, fmt.Errorf("%w (%w)", missing, failed)
	}
	return nil, missing
}

// Available names the first store that answers; the error is ErrNoKeyring when
// none does.
func (k *Keyring) Available(ctx context.Context) (string, error) {
	failed := ErrNoKeyring
	for _, s := range k.stores {
		secret, err := patiently(ctx, s, func() ([]byte, error) { return s.get(nobody) })
		Wipe(secret)
		if err == nil || errors.Is(err, ErrNoKey) {
			return s.name(), nil
		}
		failed = fmt.Errorf("%w (%s: %w)", failed, s.name(), err)
	}
	return "", failed
}

// nobody is a keybag UUID that no phone has.
const nobody = "00000000000000000000000000000000"

// Set keeps the secret of a keybag, in place of an older one, and returns the
// name of the store that took it.
func (k *Keyring) Set(ctx context.Context, keybag string, secret []byte) (string, error) {
	id, err := keyID(keybag)
	if err != nil {
		return "", err
	}
	if len(secret) == 0 || len(secret) > maxSecret {
		return "", fmt.Errorf("keep the key of keybag %s: it has %d bytes", id, len(secret))
	}
	failed := error(nil)
	for _, s := range k.stores {
		err := k.put(ctx, s, id, secret)
		if err == nil {
			return s.name(), nil
		}
		failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name(), err))
	}
	if failed == nil {
		failed = ErrNoKeyring
	}
	return "", fmt.Errorf("keep the key of keybag %s: %w", id, failed)
}

// put keeps a secret and reads it back: a desktop says nothing when the person
// closes its dialog instead of allowing it.
func (k *Keyring) put(ctx context.Context, s store, id string, secret []byte) error {
	own := bytes.Clone(secret) // the caller's is wiped, perhaps before a store that is given up is done
	back, err := patiently(ctx, s, func() ([]byte, error) {
		defer Wipe(own)
		if err := s.set(id, own); err != nil {
			return nil, err
		}
		return s.get(id)
	})
	defer Wipe(back)
	if err == nil && !bytes.Equal(back, secret) {
		err = errors.New("it was not kept")
	}
	return err
}

// Remove forgets the secret of a keybag in every store, ErrNoKey when none had
// it.
func (k *Keyring) Remove(ctx context.Context, keybag string) error {
	id, err := keyID(keybag)
	if err != nil {
		return err
	}
	removed, failed := false, error(nil)
	for _, s := range k.stores {
		_, err := patiently(ctx, s, func() ([]byte, error) { return nil, s.remove(id) })
		switch {
		case err == nil:
			removed = true
		case !errors.Is(err, ErrNoKey):
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.name(), err))
		}
	}
	if failed != nil {
		return fmt.Errorf("forget the key of keybag %s: %w", id, failed)
	}
	if !removed {
		return ErrNoKey
	}
	return nil
}

// patiently waits for a store as long as it can make sense to.
func patiently(ctx context.Context, s store, f func() ([]byte, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.patience(), errors.New("no answer"))
	defer cancel()
	b, err := await(ctx, f)
	if errors.Is(err, context.DeadlineExceeded) {
		err = context.Cause(ctx)
	}
	return b, err
}

var uuid = regexp.MustCompile(`^[0-9a-f]{32}$`)

// IsKeybag says whether a text is the UUID of a keybag.
func IsKeybag(s string) bool {
	_, err := keyID(s)
	return err == nil
}

// keyID is a keybag's UUID in the form that keys are kept by: a backup is not
// trusted to name the keys of anything else.
func keyID(keybag string) (string, error) {
	id := strings.ToLower(strings.ReplaceAll(keybag, "-", ""))
	if !uuid.MatchString(id) {
		return "", fmt.Errorf("keybag UUID %q is none", keybag)
	}
	return id, nil
}
