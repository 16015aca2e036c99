package keybag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// tlv is one tag; its value a string, or a number.
func tlv(tag string, value any) []byte {
	var v []byte
	switch value := value.(type) {
	case string:
		v = []byte(value)
	case []byte:
		v = value
	case int:
		v = binary.BigEndian.AppendUint32(nil, uint32(value))
	}
	b := append([]byte(tag), 0, 0, 0, 0)
	binary.BigEndian.PutUint32(b[4:], uint32(len(v)))
	return append(b, v...)
}

func list(tags ...[]byte) []byte { return bytes.Join(tags, nil) }

// marshal writes a bag as a phone would.
func marshal(b *Bag) []byte {
	out := list(tlv("VERS", int(b.Version)), tlv("TYPE", int(b.Type)), tlv("UUID", b.UUID[:]),
		tlv("HMCK", make([]byte, 40)), tlv("WRAP", 1), tlv("SALT", b.sha1.salt), tlv("ITER", int(b.sha1.rounds)))
	if !b.sha256.absent() {
		out = list(out, tlv("DPWT", 1), tlv("DPIC", int(b.sha256.rounds)), tlv("DPSL", b.sha256.salt))
	}
	for _, e := range b.Classes {
		out = list(out, tlv("UUID", make([]byte, 16)), tlv("CLAS", int(e.Class)), tlv("WRAP", int(e.Wrap)),
			tlv("KTYP", int(e.KeyType)), tlv("WPKY", e.Wrapped))
	}
	return out
}

var (
	id     = strings.Repeat("i", 16)
	wpky   = []byte(strings.Repeat("w", 40))
	salt   = []byte("0123456789abcdefghij")
	header = list(tlv("VERS", 5), tlv("TYPE", 1), tlv("UUID", id), tlv("HMCK", wpky), tlv("WRAP", 1),
		tlv("SALT", salt), tlv("ITER", 10), tlv("DPWT", 1), tlv("DPIC", 1000), tlv("DPSL", salt))
	class3 = list(tlv("UUID", id), tlv("CLAS", 3), tlv("WRAP", 2), tlv("KTYP", 0), tlv("WPKY", wpky))
)

func TestParse(t *testing.T) {
	bag := func(change func(*Bag)) *Bag {
		b := &Bag{
			UUID: [16]byte([]byte(id)), Version: 5, Type: 1,
			sha1: stage{salt, 10}, sha256: stage{salt, 1000},
			Classes: []ClassKey{{Class: 3, Wrap: 2, Wrapped: wpky}},
		}
		change(b)
		return b
	}
	same := func(*Bag) {}
	none := func(b *Bag) { b.Classes = nil }
	tests := []struct {
		name string
		in   []byte
		want *Bag // nil: ErrDamaged
	}{
		{"whole", list(header, class3), bag(same)},
		{"no classes", header, bag(none)},
		{"unknown tags", list(header, tlv("NEWT", "x"), class3, tlv("PBKY", wpky), tlv("SIGN", "")), bag(same)},
		{"flags in the type", list(header, tlv("TYPE", "\xc0\x00\x00\x01"), class3), bag(same)},
		{"salts after the classes", list(tlv("UUID", id), class3, tlv("SALT", salt), tlv("ITER", 10), tlv("DPIC", 1000),
			tlv("DPSL", salt), tlv("VERS", 5), tlv("TYPE", 1)), bag(same)},
		{"class tags before the second UUID", list(header, tlv("CLAS", 3), tlv("WPKY", wpky)), bag(none)},
		{"entry without a class", list(header, tlv("UUID", id), tlv("WPKY", wpky), class3), bag(same)},
		{"class of two bytes", list(header, tlv("UUID", id), tlv("CLAS", "\x00\x03")), bag(none)},
		{"class key cut", list(header, class3[:len(class3)-1]), bag(func(b *Bag) { b.Classes[0].Wrapped = nil })},
		{"tag cut", list(header, class3, []byte("UUI")), bag(same)},
		{"length cut", list(header, class3, []byte("UUID\x00\x00")), bag(same)},
		{"length of 4 GiB", list(header, class3, []byte("UUID\xff\xff\xff\xff")), bag(same)},
		{"class key of 4 bytes is kept", list(header, tlv("UUID", id), tlv("CLAS", 3), tlv("WPKY", "wwww")),
			bag(func(b *Bag) { b.Classes = []ClassKey{{Class: 3, Wrapped: []byte("wwww")}} })},
		{"as many classes as allowed", list(header, bytes.Repeat(class3, maxClasses)),
			bag(func(b *Bag) {
				for range maxClasses - 1 {
					b.Classes = append(b.Classes, b.Classes[0])
				}
			})},
		{"too many classes", list(header, bytes.Repeat(class3, maxClasses+1)), nil},
		{"too long", list(header, class3, tlv("FILL", make([]byte, maxBag))), nil},
		{"empty", nil, nil},
		{"no UUID", tlv("VERS", 5), nil},
		{"not a keybag", []byte("bplist00 and so on and on"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.in)
			if (err != nil) != (tt.want == nil) || err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("error %v", err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// A bag does not change when the bytes that it was read from do.
func TestParseCopies(t *testing.T) {
	in := list(header, class3)
	got, err := Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	clear(in)
	if !bytes.Equal(got.Classes[0].Wrapped, wpky) || !bytes.Equal(got.sha1.salt, salt) {
		t.Errorf("bag shares its input: %+v", got)
	}
}

func TestClassString(t *testing.T) {
	for c, want := range map[Class]string{
		0: "class 0", 1: "class 1 (NSFileProtectionComplete)", 4: "class 4 (NSFileProtectionNone)", 5: "class 5", 1 << 31: "class 2147483648",
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(list(header, class3))
	f.Add(list(header, class3, class3[:30]))
	f.Add(list(tlv("UUID", "short"), tlv("UUID", id), tlv("CLAS", 12), tlv("DPIC", "x"), tlv("KTYP", 1)))
	f.Add([]byte("UUID\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		bag, err := Parse(in)
		if err != nil {
			if bag != nil || !errors.Is(err, ErrDamaged) {
				t.Fatalf("bag %v with error %v", bag, err)
			}
			return
		}
		written := marshal(bag)
		if len(written) > maxBag { // the tags that marshal adds are not in every input
			return
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("parse what was parsed: %v", err)
		}
		// An empty value is written for one that is not there.
		for _, b := range []*Bag{bag, again} {
			for i, e := range b.Classes {
				b.Classes[i].Wrapped = append([]byte{}, e.Wrapped...)
			}
			b.sha1.salt = append([]byte{}, b.sha1.salt...)
			b.sha256.salt = append([]byte{}, b.sha256.salt...)
		}
		if !reflect.DeepEqual(bag, again) {
			t.Errorf("got  %+v\nwant %+v", again, bag)
		}
		if keys, err := bag.Unlock(salt); keys != nil || !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWrongPassword) {
			t.Errorf("a key of %d bytes unlocks: %v, %v", len(salt), keys, err)
		}
	})
}
