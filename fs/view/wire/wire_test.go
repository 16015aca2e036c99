package wire_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"ibfs/fs/view/wire"
)

// told are the fields of a message, a text for each, and the error.
func told(b []byte) (all []string, err error) {
	for f, e := range wire.Fields(b) {
		switch {
		case e != nil:
			err = e
		case f.Bytes != nil:
			all = append(all, fmt.Sprintf("%d %q", f.Number, f.Bytes))
		default:
			all = append(all, fmt.Sprintf("%d %d", f.Number, f.Int32()))
		}
	}
	return all, err
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		damaged  bool
	}{
		{"nothing", "", nil, false},
		{"a number", "\x08\x96\x01", []string{"1 150"}, false},
		{"a number below 0", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", []string{"1 -1"}, false},
		{"bytes", "\x12\x07testing", []string{`2 "testing"`}, false},
		{"no bytes", "\x12\x00", []string{`2 ""`}, false},
		{"in their order", "\x10\x02\x08\x01\x10\x03", []string{"2 2", "1 1", "2 3"}, false},
		{"fixed widths", "\x0d\x01\x02\x03\x04\x11\x01\x02\x03\x04\x05\x06\x07\x08\x08\x05", []string{"1 5"}, false},
		{"a group", "\x0b\x10\x01\x0c\x08\x05", []string{"1 5"}, false},
		{"a cut number", "\x08\x01\x10\x96", []string{"1 1"}, true},
		{"cut bytes", "\x08\x01\x12\x07test", []string{"1 1"}, true},
		{"longer than can be", "\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7fx", []string{"1 1"}, true},
		{"a group without end", "\x08\x01\x0b\x10\x01", []string{"1 1"}, true},
		{"number 0", "\x08\x01\x00\x01", []string{"1 1"}, true},
		{"no known type", "\x08\x01\x0e\x01", []string{"1 1"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n := len(slices.Collect(wire.Intact([]byte(c.in)))); n != len(c.want) {
				t.Errorf("%d fields are intact, want %d", n, len(c.want))
			}
			if got, err := told([]byte(c.in)); !slices.Equal(got, c.want) || (err != nil) != c.damaged {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// FuzzFields: the fields of a message, written again, have the same fields, and
// are no longer than it.
func FuzzFields(f *testing.F) {
	f.Add([]byte("\x08\x96\x01\x12\x07testing\x12\x00"))
	f.Add([]byte("\x0d\x01\x02\x03\x04\x0b\x10\x01\x0c\x08\x05"))
	f.Add([]byte("\x12\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x0b\x0b\x0b\x0c"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var again []byte
		for f, err := range wire.Fields(b) {
			switch n := protowire.Number(f.Number); {
			case err != nil:
			case f.Bytes != nil:
				again = protowire.AppendBytes(protowire.AppendTag(again, n, protowire.BytesType), f.Bytes)
			default:
				again = protowire.AppendVarint(protowire.AppendTag(again, n, protowire.VarintType), f.Value)
			}
		}
		first, _ := told(b)
		second, err := told(again)
		if err != nil || !slices.Equal(first, second) || len(again) > len(b) {
			t.Errorf("%q, then %q (%v), of %q and %q", first, second, err, b, again)
		}
	})
}
