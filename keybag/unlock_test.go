package keybag

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
)

var (
	derived = bytes.Repeat([]byte{7}, keySize)
	wrong   = bytes.Repeat([]byte{8}, keySize)
)

// classKey is the key of a class in the bags of these tests.
func classKey(c Class) []byte { return bytes.Repeat([]byte{byte(c)}, keySize) }

// entry is a sound entry, its key wrapped with derived.
func entry(t testing.TB, c Class, wrapBits uint32) ClassKey {
	return ClassKey{Class: c, Wrap: wrapBits, Wrapped: wrap(newAES(t, derived), classKey(c))}
}

// foreign is an entry whose key is wrapped with something else.
func foreign(t testing.TB, c Class, wrapBits uint32) ClassKey {
	return ClassKey{Class: c, Wrap: wrapBits, Wrapped: wrap(newAES(t, bytes.Repeat([]byte{9}, keySize)), classKey(c))}
}

func bagOf(classes ...ClassKey) *Bag {
	return &Bag{sha1: stage{salt, 10}, Classes: classes}
}

// fileKey is wrapped with the key of a class.
func fileKey(t testing.TB, c Class) (key [32]byte, wrapped []byte) {
	copy(key[:], "the key of one file, as it should be")
	return key, wrap(newAES(t, classKey(c)), key[:])
}

func TestUnlock(t *testing.T) {
	asymmetric := entry(t, 2, byPassword)
	asymmetric.KeyType = 1
	short := entry(t, 3, byPassword)
	short.Wrapped = short.Wrapped[:32]
	long := entry(t, 3, byPassword)
	long.Wrapped = append(long.Wrapped, 0)

	tests := []struct {
		name        string
		classes     []ClassKey
		key         []byte
		err         error
		opens       []Class
		unavailable []Class
	}{
		{name: "as a phone writes it", key: derived,
			classes: []ClassKey{entry(t, 11, 3), entry(t, 10, 3), entry(t, 9, 3), entry(t, 8, 2), entry(t, 7, 2), entry(t, 6, 2),
				entry(t, 5, 3), entry(t, 4, 2), entry(t, 3, 2), entry(t, 2, 2), entry(t, 1, 2)},
			opens: []Class{1, 2, 3, 4, 6, 7, 8}},
		{name: "unknown class", key: derived, classes: []ClassKey{entry(t, 12, 2)}, opens: []Class{12}},
		{name: "wrong password", key: wrong, err: ErrWrongPassword,
			classes: []ClassKey{entry(t, 4, 2), entry(t, 3, 2), entry(t, 2, 2), entry(t, 1, 2)}},
		{name: "key of another length", key: derived[:31], err: ErrWrongPassword, classes: []ClassKey{entry(t, 3, 2)}},
		{name: "no key", err: ErrWrongPassword, classes: []ClassKey{entry(t, 3, 2)}},
		{name: "some fail", key: derived, classes: []ClassKey{foreign(t, 4, 2), entry(t, 3, 2), foreign(t, 1, 2)},
			opens: []Class{3}, unavailable: []Class{1, 4}},
		{name: "asymmetric class", key: derived, classes: []ClassKey{asymmetric, entry(t, 3, 2)},
			opens: []Class{3}, unavailable: []Class{2}},
		{name: "one class key cut", key: derived, classes: []ClassKey{short, entry(t, 4, 2)},
			opens: []Class{4}, unavailable: []Class{3}},
		{name: "one class key cut, wrong password", key: wrong, err: ErrWrongPassword, classes: []ClassKey{short, entry(t, 4, 2)}},
		{name: "wrapped by the phone too: a candidate", key: derived, classes: []ClassKey{entry(t, 1, 3), entry(t, 3, 2)},
			opens: []Class{1, 3}},
		{name: "candidate that fails", key: derived, classes: []ClassKey{foreign(t, 1, 3), entry(t, 3, 2)},
			opens: []Class{3}, unavailable: []Class{1}},
		{name: "garbage in a class of the phone", key: derived, classes: []ClassKey{foreign(t, 5, 3), entry(t, 3, 2)}, opens: []Class{3}},
		{name: "a candidate does not decide", key: derived, err: ErrWrongPassword,
			classes: []ClassKey{entry(t, 1, 3), entry(t, 5, 3), foreign(t, 3, 2), foreign(t, 4, 2)}},
		{name: "wrapped by the phone alone: no word", key: derived, classes: []ClassKey{entry(t, 1, 1), entry(t, 2, 0), entry(t, 3, 2)},
			opens: []Class{3}},
		{name: "one class twice, first bad", key: derived, classes: []ClassKey{foreign(t, 3, 2), entry(t, 3, 2)}, opens: []Class{3}},
		{name: "candidate before the sound one", key: derived,
			classes: []ClassKey{{Class: 3, Wrap: 3, Wrapped: wrap(newAES(t, derived), wrong)}, entry(t, 3, 2)}, opens: []Class{3}},
		{name: "no classes", key: derived, err: ErrDamaged},
		{name: "phone's classes alone", key: derived, err: ErrDamaged, classes: []ClassKey{entry(t, 5, 3), entry(t, 3, 1)}},
		{name: "candidates alone", key: derived, err: ErrDamaged, classes: []ClassKey{entry(t, 3, 3), entry(t, 4, 3)}},
		{name: "asymmetric classes alone", key: derived, err: ErrDamaged, classes: []ClassKey{asymmetric}},
		{name: "class keys of wrong length", key: derived, err: ErrDamaged,
			classes: []ClassKey{short, long, {Class: 4, Wrap: 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			keys, err := bagOf(tt.classes...).Unlock(tt.key)
			if !errors.Is(err, tt.err) || (keys == nil) != (tt.err != nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			var opens []Class
			for c := range Class(14) {
				want, wrapped := fileKey(t, c)
				var got [32]byte
				err := keys.Unwrap(c, &got, wrapped)
				switch {
				case err == nil && got == want:
					opens = append(opens, c)
				case !errors.Is(err, ErrNoClass):
					t.Errorf("class %d: %v, key %x", c, err, got)
				}
			}
			if !slices.Equal(opens, tt.opens) {
				t.Errorf("opens %v, want %v", opens, tt.opens)
			}
			if got := keys.Unavailable(); !slices.Equal(got, tt.unavailable) {
				t.Errorf("unavailable %v, want %v", got, tt.unavailable)
			}
		})
	}
}

func TestUnwrap(t *testing.T) {
	keys, err := bagOf(entry(t, 3, 2)).Unlock(derived)
	if err != nil {
		t.Fatal(err)
	}
	_, sound := fileKey(t, 3)
	_, other := fileKey(t, 4)
	flipped := slices.Clone(sound)
	flipped[39] ^= 1
	tests := []struct {
		name    string
		class   Class
		wrapped []byte
		err     error
	}{
		{"of another class's key", 3, other, ErrIntegrity},
		{"one bit flipped", 3, flipped, ErrIntegrity},
		{"empty", 3, nil, ErrIntegrity},
		{"one byte short", 3, sound[:39], ErrIntegrity},
		{"one byte long", 3, append(slices.Clone(sound), 0), ErrIntegrity},
		{"class 0", 0, sound, ErrNoClass},
		{"class that the bag lacks", 4, other, ErrNoClass},
		{"class beyond all", 1<<32 - 1, sound, ErrNoClass},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dst := [32]byte{1, 2, 3}
			if err := keys.Unwrap(tt.class, &dst, tt.wrapped); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if dst != [32]byte{} {
				t.Errorf("leaves %x", dst)
			}
		})
	}
	t.Run("allocates the cipher alone", func(t *testing.T) {
		var dst [32]byte
		alone := testing.AllocsPerRun(100, func() { newAES(t, derived) })
		got := testing.AllocsPerRun(100, func() {
			if err := keys.Unwrap(3, &dst, sound); err != nil {
				t.Error(err)
			}
		})
		if got > alone {
			t.Errorf("%v allocations, a cipher has %v", got, alone)
		}
	})
}

func TestWipe(t *testing.T) {
	keys, err := bagOf(entry(t, 3, 2), foreign(t, 2, 2), entry(t, 4, 2)).Unlock(derived)
	if err != nil {
		t.Fatal(err)
	}
	mem := keys.Memory()
	if !bytes.Contains(mem, classKey(3)) || !bytes.Contains(mem, classKey(4)) {
		t.Error("class keys lie elsewhere")
	}
	want, wrapped := fileKey(t, 3)
	var running sync.WaitGroup
	started := make(chan bool, 4)
	for range cap(started) {
		running.Go(func() {
			var got [32]byte
			for first := true; ; first = false {
				err := keys.Unwrap(3, &got, wrapped)
				if first {
					started <- true
				}
				if errors.Is(err, ErrNoClass) {
					return
				}
				if err != nil || got != want {
					t.Errorf("beside Wipe: %v, key %x", err, got)
					return
				}
			}
		})
	}
	for range cap(started) {
		<-started
	}
	keys.Wipe()
	running.Wait()
	if !bytes.Equal(mem, make([]byte, len(mem))) {
		t.Errorf("memory holds %x", mem)
	}
	keys.Wipe()
	if got := keys.Unavailable(); !slices.Equal(got, []Class{2}) {
		t.Errorf("unavailable %v", got)
	}
}

func BenchmarkUnwrap(b *testing.B) {
	keys, err := bagOf(entry(b, 3, 2)).Unlock(derived)
	if err != nil {
		b.Fatal(err)
	}
	_, wrapped := fileKey(b, 3)
	var dst [32]byte
	b.ReportAllocs()
	for b.Loop() {
		if err := keys.Unwrap(3, &dst, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}
