package keybag

import (
	"bytes"
	"context"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"testing"
	"time"
)

// The examples of hashcat for its modes 14700 and 14800.
func TestPublishedVectors(t *testing.T) {
	old := list(tlv("UUID", id), tlv("SALT", unhex(t, "4542263740587424862267232255853830404566")), tlv("ITER", 10_000),
		tlv("UUID", id), tlv("CLAS", 3), tlv("WRAP", 2), tlv("KTYP", 0),
		tlv("WPKY", unhex(t, "b8e3f3a970239b22ac199b622293fe4237b9d16e74bad2c3c3568cd1bd3c471615a6c4f867265642")))
	recent := list(tlv("UUID", id), tlv("SALT", unhex(t, "2353363784073608264337337723324886300850")), tlv("ITER", 10_000),
		tlv("DPIC", 10_000_000), tlv("DPSL", unhex(t, "425b4bb4e200b5fd4c66979c9caca31716052063")),
		tlv("UUID", id), tlv("CLAS", 3), tlv("WRAP", 2), tlv("KTYP", 0),
		tlv("WPKY", unhex(t, "8b715f516ff8e64442c478c2d9abb046fc6979ab079007d3dbcef3ddd84217f4c3db01362d88fa68")))
	tests := []struct {
		name     string
		bag      []byte
		password string
		slow     bool
		err      error
	}{
		{"before iOS 10.2", old, "hashcat", false, nil},
		{"before iOS 10.2, another password", old, "hashcat ", false, ErrWrongPassword},
		{"iOS 10.2", recent, "hashcat", true, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.slow && testing.Short() {
				t.Skip("10 million rounds")
			}
			bag, err := Parse(tt.bag)
			if err != nil {
				t.Fatal(err)
			}
			estimate, start := bag.Estimate(), time.Now()
			key, err := bag.Derive(t.Context(), []byte(tt.password))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("estimated %v, took %v", estimate, time.Since(start))
			if _, err := bag.Unlock(key); !errors.Is(err, tt.err) {
				t.Errorf("unlock: %v, want %v", err, tt.err)
			}
		})
	}
}

func TestDerive(t *testing.T) {
	one := &Bag{sha1: stage{salt, 10}, Classes: []ClassKey{entry(t, 3, 2)}}
	two := &Bag{sha1: stage{salt, 10}, sha256: stage{[]byte("another"), 1000}, Classes: one.Classes}
	for _, password := range []string{"", "pä ss!  ", string(bytes.Repeat([]byte("long"), 50)), "nul\x00 and \xff"} {
		sha1Key := func(password string) []byte {
			key, err := pbkdf2.Key(sha1.New, password, salt, 10, keySize)
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
		k1, err := pbkdf2.Key(sha256.New, password, []byte("another"), 1000, keySize)
		if err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			bag  *Bag
			want []byte
		}{
			"one stage":  {one, sha1Key(password)},
			"two stages": {two, sha1Key(string(k1))},
		} {
			got, err := tt.bag.Derive(t.Context(), []byte(password))
			if err != nil || !bytes.Equal(got, tt.want) {
				t.Errorf("%s, %q: %x, %v, want %x", name, password, got, err, tt.want)
			}
		}
	}
}

func TestDeriveRefuses(t *testing.T) {
	sound := []ClassKey{entry(t, 3, 2)}
	tests := []struct {
		name string
		bag  Bag
	}{
		{"no salt", Bag{sha1: stage{nil, 10}, Classes: sound}},
		{"no stage", Bag{Classes: sound}},
		{"SHA-256 stage alone", Bag{sha256: stage{salt, 10}, Classes: sound}},
		{"0 rounds", Bag{sha1: stage{salt, 0}, Classes: sound}},
		{"too many rounds", Bag{sha1: stage{salt, maxRounds + 1}, Classes: sound}},
		{"DPIC without DPSL", Bag{sha1: stage{salt, 10}, sha256: stage{nil, 10}, Classes: sound}},
		{"DPSL without DPIC", Bag{sha1: stage{salt, 10}, sha256: stage{salt, 0}, Classes: sound}},
		{"too much DPIC", Bag{sha1: stage{salt, 10}, sha256: stage{salt, 1<<32 - 1}, Classes: sound}},
		{"nothing to unlock", Bag{sha1: stage{salt, 10}, sha256: stage{salt, maxRounds}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if key, err := tt.bag.Derive(t.Context(), nil); key != nil || !errors.Is(err, ErrDamaged) {
				t.Errorf("derive: %x, %v", key, err)
			}
			if keys, err := tt.bag.Unlock(derived); keys != nil || !errors.Is(err, ErrDamaged) {
				t.Errorf("unlock: %v, %v", keys, err)
			}
		})
	}
}

func TestDeriveEnds(t *testing.T) {
	bag := &Bag{sha1: stage{salt, 10}, sha256: stage{salt, 4_000_000}, Classes: []ClassKey{entry(t, 3, 2)}}
	t.Run("before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if key, err := bag.Derive(ctx, nil); key != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%x, %v", key, err)
		}
	})
	t.Run("while it runs", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		start := time.Now()
		if key, err := bag.Derive(ctx, nil); key != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%x, %v", key, err)
		}
		if took, all := time.Since(start), bag.Estimate(); took > 10*time.Millisecond+all/2 {
			t.Errorf("ended after %v, all of it takes %v", took, all)
		}
	})
}

func TestRounds(t *testing.T) {
	for name, tt := range map[string]struct {
		in           []byte
		sha256, sha1 int
	}{
		"iOS 10.2":        {header, 1000, 10},
		"before iOS 10.2": {list(tlv("UUID", id), tlv("VERS", 5), tlv("SALT", salt), tlv("ITER", 10)), 0, 10},
	} {
		bag, err := Parse(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if sha256, sha1 := bag.Rounds(); sha256 != tt.sha256 || sha1 != tt.sha1 {
			t.Errorf("%s: %d and %d", name, sha256, sha1)
		}
	}
}

func TestEstimate(t *testing.T) {
	small, large := &Bag{sha1: stage{salt, 1}}, &Bag{sha1: stage{salt, 1}, sha256: stage{salt, maxRounds}}
	if got := small.Estimate(); got <= 0 || got > 10*time.Millisecond {
		t.Errorf("one round: %v", got)
	}
	start := time.Now()
	if got := large.Estimate(); got < time.Second {
		t.Errorf("a billion rounds: %v", got)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("the probe took %v", took)
	}
}
