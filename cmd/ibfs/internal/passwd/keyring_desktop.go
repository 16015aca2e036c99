package passwd

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// desktop is the Secret Service of a Linux desktop, or the Keychain of macOS.
// Both keep text; the secret is in it as base64.
type desktop struct {
	title string
	wait  time.Duration
}

// service is the name that keys are kept under; keychain programs show it.
const service = "ibfs"

func (d desktop) name() string { return d.title }

func (d desktop) patience() time.Duration { return d.wait }

func (d desktop) get(id string) ([]byte, error) {
	text, err := keyring.Get(service, id)
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the key kept there is not one of ibfs") // err would show a part of it
	}
	return secret, nil
}

func (d desktop) set(id string, secret []byte) error {
	return keyring.Set(service, id, base64.StdEncoding.EncodeToString(secret))
}

func (d desktop) remove(id string) error {
	err := keyring.Delete(service, id)
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNoKey
	}
	return err
}
