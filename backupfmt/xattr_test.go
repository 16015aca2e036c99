package backupfmt

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestXattrs(t *testing.T) {
	many := pDict{}
	for i := range maxXattrs + 3 {
		many = append(many, fmt.Sprintf("n%05d", i), []byte{1})
	}
	long := strings.Repeat("n", maxXattrName)
	tests := []struct {
		name string
		list []byte
		want []Xattr
		left string // in the error; "" for none
	}{
		{"none", nil, nil, ""},
		{"empty", usual.encode(pDict{}), nil, ""},
		{"data and text", usual.encode(pDict{"b", []byte{1, 2}, "a", "text"}),
			[]Xattr{{"a", []byte("text")}, {"b", []byte{1, 2}}}, ""},
		{"UTF-16", usual.encode(pDict{pUTF16("ä"), pUTF16("ö")}), []Xattr{{"ä", []byte("ö")}}, ""},
		{"empty value", usual.encode(pDict{"a", []byte{}}), []Xattr{{"a", []byte{}}}, ""},
		{"longest name", usual.encode(pDict{long, []byte{1}}), []Xattr{{long, []byte{1}}}, ""},
		{"name too long", usual.encode(pDict{long + "n", []byte{1}, "a", []byte{2}}), []Xattr{{"a", []byte{2}}}, "1 left out"},
		{"empty name", usual.encode(pDict{"", []byte{1}}), nil, "1 left out"},
		{"name with NUL", usual.encode(pDict{"a\x00b", []byte{1}}), nil, "1 left out"},
		{"name that is no UTF-8", usual.encode(pDict{"a\xFF", []byte{1}}), nil, "1 left out"},
		{"name twice", usual.encode(pDict{"a", []byte{1}, "a", []byte{2}}), []Xattr{{"a", []byte{1}}}, "1 left out"},
		{"value that is a dict", usual.encode(pDict{"a", pDict{}, "b", 5, "c", []byte{1}}), []Xattr{{"c", []byte{1}}}, "2 left out"},
		{"no dict", usual.encode(pList{"a"}), nil, "no property list of names"},
		{"no list", []byte("bplist00 or so"), nil, "no property list of names"},
		{"refs beyond the objects", oneObject(0xD1, 5, 6), nil, "1 left out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Record{xattrs: tt.list}
			got, err := r.Xattrs()
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			switch {
			case tt.left == "" && err != nil:
				t.Error(err)
			case tt.left != "" && (!errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), tt.left)):
				t.Errorf("error %v, want one with %q", err, tt.left)
			}
		})
	}
	t.Run("too many", func(t *testing.T) {
		r := Record{xattrs: plistForm{4, 2, 0}.encode(many)}
		got, err := r.Xattrs()
		if len(got) != maxXattrs || err == nil || !strings.Contains(err.Error(), "3 left out") {
			t.Errorf("%d attributes, %v", len(got), err)
		}
	})
	for _, tt := range hostilePlists[1:] {
		t.Run(tt.name, func(t *testing.T) {
			r := Record{xattrs: tt.b}
			if _, err := r.Xattrs(); !errors.Is(err, ErrDamaged) {
				t.Errorf("%v, want ErrDamaged", err)
			}
		})
	}
}

// A thousand names share one text of 2 MB: the sum is what counts.
func TestXattrsSharedValue(t *testing.T) {
	const names = 1000
	var b, refs []byte
	b = append(b, "bplist00"...)
	var offsets []int
	for i := range names {
		offsets = append(offsets, len(b))
		b = append(b, 0x54)
		b = fmt.Appendf(b, "%04d", i)
		refs = appendBig(refs, uint64(i), 2)
	}
	offsets = append(offsets, len(b))
	b = usual.object(b, pUTF16(strings.Repeat("ä", 1<<20)))
	offsets = append(offsets, len(b))
	b = usual.count(b, 0xD0, names)
	b = append(b, refs...)
	for range names {
		b = appendBig(b, names, 2)
	}
	table := len(b)
	for _, off := range offsets {
		b = appendBig(b, uint64(off), 4)
	}
	b = appendTrailer(b, plistForm{4, 2, 0}, len(offsets), names+1, table)

	r := Record{xattrs: b}
	got, err := r.Xattrs()
	if len(got) != 1 || err == nil || !strings.Contains(err.Error(), "999 left out") {
		t.Errorf("%d attributes, %v", len(got), err)
	}
}

func FuzzXattrs(f *testing.F) {
	for _, tt := range hostilePlists {
		f.Add(tt.b, false)
	}
	f.Add(usual.encode(pDict{"b", []byte{1, 2}, "a", "text", pUTF16("ä"), pUTF16("ö")}), false)
	f.Add([]byte("\x00\x01a\x00\x02bc\x00\x01d\xFF\xFF"), true)
	f.Fuzz(func(t *testing.T, b []byte, mbdb bool) {
		r := Record{xattrs: b, mbdb: mbdb}
		got, err := r.Xattrs()
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("error that is not ErrDamaged: %v", err)
		}
		size := 0
		for _, x := range got {
			size += len(x.Name) + len(x.Value)
			if !legalXattr([]byte(x.Name)) {
				t.Fatalf("name %q", x.Name)
			}
		}
		if len(got) > maxXattrs || size > maxXattrBytes {
			t.Fatalf("%d attributes of %d bytes", len(got), size)
		}
		if !slices.IsSortedFunc(got, func(a, b Xattr) int { return strings.Compare(a.Name, b.Name) }) {
			t.Fatal("not sorted")
		}
		if err == nil && len(b) > 0 && !mbdb {
			if why := sameXattrs(&r); why != nil && !errors.Is(why, errLibrary) {
				t.Fatal(why)
			}
		}
	})
}
