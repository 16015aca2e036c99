package passwd

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"
)

const someKeybag = "0123456789abcdef0123456789abcdef"

// memoryStore is a store that can fail, stay silent, or pretend.
type memoryStore struct {
	title  string
	keys   map[string]string
	broken error
	deaf   bool // takes keys and keeps none, as a dialog that was closed
	hangs  bool
}

func (m *memoryStore) name() string            { return m.title }
func (m *memoryStore) patience() time.Duration { return 50 * time.Millisecond }

func (m *memoryStore) get(id string) ([]byte, error) {
	if m.hangs {
		time.Sleep(time.Second)
		return nil, errors.New("too late for anybody")
	}
	if m.broken != nil {
		return nil, m.broken
	}
	s, ok := m.keys[id]
	if !ok {
		return nil, ErrNoKey
	}
	return []byte(s), nil
}

func (m *memoryStore) set(id string, secret []byte) error {
	if m.broken == nil && !m.deaf && !m.hangs {
		m.keys[id] = string(secret)
	}
	return m.broken
}

func (m *memoryStore) remove(id string) error {
	if _, err := m.get(id); err != nil {
		return err
	}
	delete(m.keys, id)
	return nil
}

func TestKeyring(t *testing.T) {
	errBroken := errors.New("locked by its owner")
	with := func(m *memoryStore, keys map[string]string) *memoryStore {
		m.keys = maps.Clone(keys)
		if m.keys == nil {
			m.keys = map[string]string{}
		}
		return m
	}
	key := map[string]string{someKeybag: "secret"}
	tests := []struct {
		name          string
		first, second *memoryStore
		get           string
		getErr        error
		setIn         string
	}{
		{name: "first has it", first: with(&memoryStore{}, key), second: with(&memoryStore{}, nil), get: "secret", setIn: "first"},
		{name: "second has it", first: with(&memoryStore{}, nil), second: with(&memoryStore{}, key), get: "secret", setIn: "first"},
		{name: "nobody has it", first: with(&memoryStore{}, nil), second: with(&memoryStore{}, nil), getErr: ErrNoKey, setIn: "first"},
		{name: "first is broken", first: &memoryStore{broken: errBroken}, second: with(&memoryStore{}, key), get: "secret", setIn: "second"},
		{name: "first hangs", first: with(&memoryStore{hangs: true}, nil), second: with(&memoryStore{}, key), get: "secret", setIn: "second"},
		{name: "first keeps nothing", first: with(&memoryStore{deaf: true}, nil), second: with(&memoryStore{}, nil), getErr: ErrNoKey, setIn: "second"},
		{name: "both are broken", first: &memoryStore{broken: errBroken}, second: &memoryStore{broken: errBroken}, getErr: ErrNoKeyring},
		{name: "too long a key", first: with(&memoryStore{}, map[string]string{someKeybag: strings.Repeat("x", maxSecret+1)}), second: with(&memoryStore{}, nil), getErr: ErrNoKey, setIn: "first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.first.title, tt.second.title = "first", "second"
			k := &Keyring{stores: []store{tt.first, tt.second}}
			got, err := k.Get(t.Context(), someKeybag)
			if string(got) != tt.get || !errors.Is(err, tt.getErr) {
				t.Errorf("Get() = %q, %v; want %q, %v", got, err, tt.get, tt.getErr)
			}
			where, err := k.Set(t.Context(), someKeybag, []byte("new"))
			if where != tt.setIn || (err == nil) != (tt.setIn != "") {
				t.Fatalf("Set() = %q, %v; want %q", where, err, tt.setIn)
			}
			if err != nil {
				return
			}
			if err := k.Remove(t.Context(), someKeybag); err != nil && tt.first.broken == nil && !tt.first.hangs {
				t.Errorf("Remove() = %v", err)
			}
			if len(tt.second.keys)+len(tt.first.keys) != 0 {
				t.Errorf("Remove() left %v, %v", tt.first.keys, tt.second.keys)
			}
		})
	}
}

func TestKeyringWithoutStores(t *testing.T) {
	k := &Keyring{}
	if _, err := k.Get(t.Context(), someKeybag); !errors.Is(err, ErrNoKeyring) {
		t.Errorf("Get() = %v", err)
	}
	if _, err := k.Set(t.Context(), someKeybag, []byte("x")); !errors.Is(err, ErrNoKeyring) {
		t.Errorf("Set() = %v", err)
	}
}

func TestKeyringRefusesNames(t *testing.T) {
	k := &Keyring{stores: []store{&memoryStore{keys: map[string]string{}}}}
	for _, id := range []string{"", "x", someKeybag + "0", someKeybag[:31] + "\n", "../" + someKeybag[3:], strings.Repeat("-", 32)} {
		if _, err := k.Set(t.Context(), id, []byte("x")); err == nil {
			t.Errorf("Set(%q) was taken", id)
		}
		if _, err := k.Get(t.Context(), id); err == nil || errors.Is(err, ErrNoKey) {
			t.Errorf("Get(%q) = %v", id, err)
		}
	}
	if _, err := k.Set(t.Context(), "01234567-89AB-CDEF-0123-456789ABCDEF", []byte("x")); err != nil {
		t.Error(err)
	}
	if got, err := k.Get(t.Context(), someKeybag); string(got) != "x" {
		t.Errorf("the two ways to write a UUID are two keys: %q, %v", got, err)
	}
}

func TestKeyringEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := &Keyring{stores: []store{&memoryStore{hangs: true}}}
	start := time.Now()
	if _, err := k.Get(ctx, someKeybag); !errors.Is(err, context.Canceled) || time.Since(start) > 500*time.Millisecond {
		t.Errorf("Get() = %v after %v", err, time.Since(start))
	}
}
