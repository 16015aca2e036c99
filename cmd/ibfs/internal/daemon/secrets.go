package daemon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"ibfs/cmd/ibfs/internal/passwd"
)

// Secrets are what opens backups, by the UUID of the keybag that each opens.
type Secrets map[string][]byte

// Wipe overwrites the secrets and forgets them.
func (s Secrets) Wipe() {
	for _, secret := range s {
		passwd.Wipe(secret)
	}
	clear(s)
}

// Bounds of what goes down the pipe. A secret of today's backups has 32 bytes;
// a person has few phones and changes their password rarely.
const (
	secretsMagic = "ibfskey1"
	maxSecrets   = 10000
	maxName      = 255 // bytes, as one counts them
	maxSecret    = 1024
)

// errSecrets says that what came down the pipe are no keys.
var errSecrets = errors.New("malformed keys")

// writeSecrets sends secrets, ordered by name.
//
// Wire: "ibfskey1"; uint32 big-endian number of secrets; for each of them one
// byte that counts the name's bytes, the name, uint16 big-endian that counts the
// secret's bytes, the secret. Then the end.
func writeSecrets(w io.Writer, secrets Secrets) error {
	if len(secrets) > maxSecrets {
		return fmt.Errorf("%w: %d of them", errSecrets, len(secrets))
	}
	buf := binary.BigEndian.AppendUint32([]byte(secretsMagic), uint32(len(secrets)))
	if _, err := w.Write(buf); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		secret := secrets[name]
		if len(name) > maxName || len(secret) > maxSecret {
			return fmt.Errorf("%w: name of %d bytes, secret of %d", errSecrets, len(name), len(secret))
		}
		buf = append(append(buf[:0], byte(len(name))), name...)
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(secret)))
		if _, err := w.Write(buf); err != nil {
			return err
		}
		if _, err := w.Write(secret); err != nil { // not by way of buf, which nobody wipes
			return err
		}
	}
	return nil
}

// readSecrets reads what writeSecrets wrote, to the end of r. Malformed input
// is errSecrets; numbers read from it count only within the bounds above.
func readSecrets(r io.Reader) (secrets Secrets, err error) {
	secrets = Secrets{}
	defer func() {
		if err != nil {
			secrets.Wipe()
			secrets = nil
		}
	}()
	var head [len(secretsMagic) + 4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:len(secretsMagic)]) != secretsMagic {
		return secrets, fmt.Errorf("%w: no header", errSecrets)
	}
	count := binary.BigEndian.Uint32(head[len(secretsMagic):])
	if count > maxSecrets {
		return secrets, fmt.Errorf("%w: %d of them", errSecrets, count)
	}
	for range count {
		name, secret, err := readSecret(r)
		if err != nil {
			return secrets, err
		}
		if _, twice := secrets[name]; twice {
			passwd.Wipe(secret)
			return secrets, fmt.Errorf("%w: two of one name", errSecrets)
		}
		secrets[name] = secret
	}
	if n, _ := io.ReadFull(r, head[:1]); n != 0 {
		return secrets, fmt.Errorf("%w: more than announced", errSecrets)
	}
	return secrets, nil
}

func readSecret(r io.Reader) (name string, secret []byte, err error) {
	cut := func(err error) error { return fmt.Errorf("%w: cut short: %w", errSecrets, err) }
	var size [2]byte
	if _, err := io.ReadFull(r, size[:1]); err != nil {
		return "", nil, cut(err)
	}
	text := make([]byte, size[0])
	if _, err := io.ReadFull(r, text); err != nil {
		return "", nil, cut(err)
	}
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return "", nil, cut(err)
	}
	n := binary.BigEndian.Uint16(size[:])
	if n > maxSecret {
		return "", nil, fmt.Errorf("%w: secret of %d bytes", errSecrets, n)
	}
	secret = make([]byte, n)
	passwd.Lock(secret)
	if _, err := io.ReadFull(r, secret); err != nil {
		passwd.Wipe(secret)
		return "", nil, cut(err)
	}
	return string(text), secret, nil
}
