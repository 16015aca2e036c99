package bplist

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"howett.net/plist"
)

// values take every length and width that the format has.
var values = map[string]any{
	"empty string": "", "ascii": "DLMessageStatusResponse", "fourteen": strings.Repeat("x", 14),
	"fifteen": strings.Repeat("x", 15), "256": strings.Repeat("x", 256), "65536": strings.Repeat("y", 65536),
	"latin": "Søren", "beyond": "a😀b", "long beyond": strings.Repeat("é😀", 300),
	"true": true, "false": false,
	"0": 0, "255": 255, "256 as integer": 256, "65535": 65535, "65536 as integer": 65536, "2^32": 1 << 32, "largest": math.MaxInt64,
	"minus one": -1, "multi status": -13, "smallest": math.MinInt64,
	"real": 2.1, "whole real": 2.0, "negative real": -1.5, "no array": []any{}, "no dict": map[string]any{},
	"array": []any{"a", 1, []any{true}}, "dict": map[string]any{"k": "v", "deeper": map[string]any{"n": -6}},
}

// TestRoundTrip holds the encoder against another program's decoder, and the
// reader against the encoder.
func TestRoundTrip(t *testing.T) {
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			b := Encode(value)
			var other any
			if _, err := plist.Unmarshal(b, &other); err != nil {
				t.Fatal(err)
			}
			want := plain(value)
			if got := plain(other); !reflect.DeepEqual(got, want) {
				t.Errorf("another decoder reads %#v, not %#v", got, want)
			}
			v, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if got := all(v); !reflect.DeepEqual(got, want) {
				t.Errorf("read as %#v, not %#v", got, want)
			}
		})
	}
}

// TestOthersEncoders reads what another program writes, binary and XML.
func TestOthersEncoders(t *testing.T) {
	for _, format := range []int{plist.BinaryFormat, plist.XMLFormat} {
		for name, value := range values {
			t.Run(plist.FormatNames[format]+" "+name, func(t *testing.T) {
				b, err := plist.Marshal(value, format)
				if err != nil {
					t.Fatal(err)
				}
				v, err := Parse(b)
				if err != nil {
					t.Fatal(err)
				}
				got, want := all(v), plain(value)
				if f, ok := want.(float64); ok { // some write a whole real as an integer
					if n, ok := v.Number(); !ok || n != f {
						t.Errorf("read as %#v, not %v", got, f)
					}
				} else if !reflect.DeepEqual(got, want) {
					t.Errorf("read as %#v, not %#v", got, want)
				}
			})
		}
	}
}

func TestDate(t *testing.T) {
	want := time.Date(2026, 11, 25, 14, 3, 7, 0, time.UTC)
	var got time.Time
	if _, err := plist.Unmarshal(Encode(want), &got); err != nil || !got.Equal(want) {
		t.Errorf("another decoder reads %v (%v), not %v", got, err, want)
	}
}

func TestSecretsAreWiped(t *testing.T) {
	var e Encoder
	b := e.Finish(e.Any(map[string]any{"Password": Text("correct horse"), "Other": Text("pä ss!  ")}))
	v, err := Parse(bytes.Clone(b))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"Password": "correct horse", "Other": "pä ss!  "} {
		if got, _ := v.Get(key).Text(100); got != want {
			t.Errorf("%s is %q, not %q", key, got, want)
		}
	}
	e.Wipe()
	if bytes.Contains(b, []byte("correct")) {
		t.Error("the password is still there")
	}
}

// TestXMLNegativeCode reads a negative code as some programs send it.
func TestXMLNegativeCode(t *testing.T) {
	v, err := Parse([]byte(`<plist><array><integer>18446744073709551603</integer><integer>-13</integer></array></plist>`))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if n, ok := v.Index(i).Int(); !ok || n != -13 {
			t.Errorf("entry %d is %d (%v), not -13", i, n, ok)
		}
	}
}

// object makes a property list of the objects given, the first being the top.
func object(objects ...string) []byte {
	b := []byte("bplist00")
	var table []byte
	for _, o := range objects {
		table = append(table, byte(len(b)))
		b = append(b, o...)
	}
	at := len(b)
	b = append(b, table...)
	b = append(b, 0, 0, 0, 0, 0, 0, 1, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(len(objects)))
	b = binary.BigEndian.AppendUint64(b, 0)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

func TestNoPropertyList(t *testing.T) {
	sound := Encode([]any{"a"})
	trailer := func(at int, b byte) []byte {
		changed := bytes.Clone(sound)
		changed[len(changed)-32+at] = b
		return changed
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "magic alone": []byte("bplist00"), "cut": sound[:len(sound)-1],
		"offsets of no bytes": trailer(6, 0), "offsets of nine bytes": trailer(6, 9), "references of no bytes": trailer(7, 0),
		"2^56 objects": trailer(8, 1), "top object 200": trailer(23, 200), "table in the magic": trailer(31, 3), "table behind the end": trailer(30, 200),
		"xml cut": []byte("<plist><array><string>a"), "xml of no kind": []byte("<plist><thing/></plist>"),
		"xml key without value": []byte("<plist><dict><key>a</key></dict></plist>"),
		"xml entity bomb":       []byte(`<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><plist><string>&b;</string></plist>`),
		"xml nested 10^6":       []byte(strings.Repeat("<array>", 1e6)),
		"xml too long":          append([]byte("<plist><string>"), make([]byte, MaxXML)...),
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := Parse(b); err == nil {
				t.Errorf("no error, but %#v", all(v))
			}
		})
	}
}

// TestLies reads objects whose lengths and references are wrong: none has a value.
func TestLies(t *testing.T) {
	for name, b := range map[string][]byte{
		"string longer than the list":     object("\x5F\x10\xFF"),
		"length of 2^63":                  object("\x5F\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		"length that is no integer":       object("\x5F\x5F"),
		"data with a length of all bits":  object("\x4F\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		"utf-16 that ends in half a pair": object("\x61\xD8\x3D"),
		"utf-16 of two low halves":        object("\x62\xDC\x00\xDC\x00"),
		"ascii that is no text":           object("\x51\xFF"),
		"integer cut":                     object("\x13\x00"),
		"integer of 32 bytes":             object("\x15" + strings.Repeat("\x00", 32)),
		"real cut":                        object("\x23\x00"),
		"array longer than the list":      object("\xAF\x12\x7F\xFF\xFF\xFF"),
		"dict longer than the list":       object("\xDF\x12\x00\x40\x00\x01"),
	} {
		t.Run(name, func(t *testing.T) {
			v, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if got := all(v); got != nil {
				t.Errorf("read as %#v", got)
			}
		})
	}
}

// TestCycle follows a list that contains itself no deeper than is allowed.
func TestCycle(t *testing.T) {
	v, err := Parse(object("\xA1\x00"))
	if err != nil {
		t.Fatal(err)
	}
	depth := 0
	for v.d != nil {
		v = v.Index(0)
		depth++
	}
	if depth != MaxDepth+1 {
		t.Errorf("followed %d times", depth)
	}
}

// all reads everything that a value holds, and nil for what cannot be read. It
// stops after a number of objects, as a hostile list has more than time.
func all(v Value) any { n := 10_000; return readAll(v, &n) }

func readAll(v Value, left *int) any {
	if *left--; *left < 0 {
		return nil
	}
	if s, ok := v.Text(1 << 20); ok {
		return s
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	if n, ok := v.Int(); ok {
		return n
	}
	if f, ok := v.Number(); ok {
		return f
	}
	if entries, n, ok := v.Array(); ok {
		list := make([]any, 0, min(n, *left))
		for e := range entries {
			if *left < 0 {
				break
			}
			list = append(list, readAll(e, left))
		}
		return list
	}
	if entries, _, ok := v.Dict(); ok {
		dict := map[string]any{}
		for k, e := range entries {
			if key, ok := k.Text(1 << 20); ok && *left >= 0 {
				dict[key] = readAll(e, left)
			}
		}
		return dict
	}
	return nil
}

// plain makes all integers int64.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case uint64:
		return int64(v)
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, plain(e))
		}
		return list
	case map[string]any:
		dict := map[string]any{}
		for k, e := range v {
			dict[k] = plain(e)
		}
		return dict
	}
	return v
}

// FuzzParse reads any bytes, writes what it read, and reads the same again.
func FuzzParse(f *testing.F) {
	for _, v := range values {
		if b := Encode(v); len(b) < 1000 {
			f.Add(b)
		}
	}
	f.Add(object("\xA1\x00"))
	f.Add(object("\x6F\x13\x80\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("<plist><array><integer>-13</integer><real>2.1</real><true/><date>2026-11-25T14:03:07Z</date></array></plist>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Parse(b)
		if err != nil {
			return
		}
		first := all(v)
		if !writable(first) {
			return
		}
		again, err := Parse(Encode(first))
		if err != nil {
			t.Fatal(err)
		}
		if second := all(again); !reflect.DeepEqual(first, second) {
			t.Errorf("read %#v, written and read again %#v", first, second)
		}
	})
}

// writable says that a value holds nothing that could not be read, and no NaN,
// which equals nothing.
func writable(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case float64:
		return !math.IsNaN(v)
	case []any:
		for _, e := range v {
			if !writable(e) {
				return false
			}
		}
	case map[string]any:
		for _, e := range v {
			if !writable(e) {
				return false
			}
		}
	}
	return true
}
