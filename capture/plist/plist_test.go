package plist

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"howett.net/plist"
)

func everything() map[string]any {
	return map[string]any{
		"text":  "Anna’s iPhone 📱",
		"empty": "",
		"yes":   true,
		"no":    false,
		"small": int64(7),
		"less":  int64(-13),
		"large": uint64(math.MaxUint64 - 12),
		"real":  2.5,
		"data":  []byte{0, 1, 0xff},
		"none":  []byte{},
		"when":  time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC),
		"list":  []any{"a", "a", int64(1), []any{}},
		"dict":  map[string]any{"text": "a", "deeper": map[string]any{}},
	}
}

// asBinary is how phones write.
func asBinary(v any) ([]byte, error) { return plist.Marshal(v, plist.BinaryFormat) }

func TestDecodeWhatWasEncoded(t *testing.T) {
	for name, encode := range map[string]func(any) ([]byte, error){"XML": XML, "binary": asBinary} {
		t.Run(name, func(t *testing.T) {
			b, err := encode(everything())
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, any(everything())) {
				t.Errorf("got %#v", got)
			}
			for n := range len(b) - len("</plist>\n") {
				if _, err := Decode(b[:n]); !errors.Is(err, ErrMalformed) {
					t.Fatalf("cut at %d of %d: %v", n, len(b), err)
				}
			}
		})
	}
}

func TestDecodeXML(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want any
	}{
		"control bytes":          {"<plist><string>a\x00\x1b[2Jb\tc</string></plist>", "a  [2Jb\tc"},
		"no UTF-8":               {"<plist><string>a\xffb</string></plist>", "a\uFFFDb"},
		"a NUL at the end":       {"<plist><true/></plist>\n\x00", nil},
		"CDATA and comments":     {"<plist><!-- x --><string>a<![CDATA[<&]]>b</string></plist>", "a<&b"},
		"data over lines":        {"<plist><data>\n\tAAEC\n\t/w==\n</data></plist>", []byte{0, 1, 2, 255}},
		"hexadecimal":            {"<plist><integer>-0x10</integer></plist>", int64(-16)},
		"leading zero":           {"<plist><integer>010</integer></plist>", int64(10)},
		"two values":             {"<plist><true/><true/></plist>", nil},
		"no value":               {"<plist></plist>", nil},
		"no plist":               {"<dict></dict>", nil},
		"key without value":      {"<plist><dict><key>a</key></dict></plist>", nil},
		"value without key":      {"<plist><dict><true/></dict></plist>", nil},
		"element in text":        {"<plist><string><b/></string></plist>", nil},
		"unknown element":        {"<plist><script/></plist>", nil},
		"entity":                 {`<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]><plist><string>&x;</string></plist>`, nil},
		"integer too large":      {"<plist><integer>18446744073709551616</integer></plist>", nil},
		"date that is none":      {"<plist><date>2026-13-01T00:00:00Z</date></plist>", nil},
		"the text format":        {`{a = b;}`, nil},
		"the text format, deep":  {strings.Repeat("(", 1<<20), nil},
		"containers without end": {"<plist>" + strings.Repeat("<array>", 1<<18), nil},
		"65 deep":                {"<plist>" + strings.Repeat("<array>", 66) + strings.Repeat("</array>", 66) + "</plist>", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(c.in))
			if name == "a NUL at the end" {
				if got != true || err != nil {
					t.Fatalf("got %v, %v", got, err)
				}
				return
			}
			if c.want == nil {
				if !errors.Is(err, ErrMalformed) {
					t.Fatalf("got %v, %v", got, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Fatalf("got %#v, %v", got, err)
			}
		})
	}
}

// forge lays out a binary list of the given objects, the first of which is the top.
func forge(objects ...string) []byte {
	b := []byte(binaryMagic)
	var offsets []byte
	for _, o := range objects {
		offsets = binary.BigEndian.AppendUint16(offsets, uint16(len(b)))
		b = append(b, o...)
	}
	return trailer(b, offsets, 2, 1, len(objects))
}

func trailer(b, offsets []byte, offSize, refSize byte, count int) []byte {
	table := len(b)
	b = append(b, offsets...)
	b = append(b, 0, 0, 0, 0, 0, 0, offSize, refSize)
	for _, n := range []int{count, 0, table} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func TestDecodeHostileBinary(t *testing.T) {
	overlap := []byte(binaryMagic)
	overlap = append(overlap, 0xAF, 0x12, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(overlap[len(overlap)-4:], 40000)
	offsets := []byte{0, 8}
	for i := range 40000 {
		overlap = binary.BigEndian.AppendUint16(overlap, uint16(i%40000+1))
	}
	long := len(overlap)
	overlap = append(overlap, 0x4F, 0x12, 0, 1, 0x86, 0xA0)
	overlap = append(overlap, make([]byte, 100000)...)
	for range 40000 {
		offsets = append(offsets, byte(long>>8), byte(long))
	}
	for name, b := range map[string][]byte{
		"an array in itself":           forge("\xA1\x00"),
		"a loop of two":                forge("\xA1\x01", "\xA1\x00"),
		"an array named twice":         forge("\xA2\x01\x01", "\xA0"),
		"unfolds to 2^30":              forge("\xA2\x01\x01", "\xA2\x02\x02", "\xA2\x03\x03", "\xA2\x04\x04", "\xA0"),
		"a dictionary as its own key":  forge("\xD1\x00\x00"),
		"a key that is a number":       forge("\xD1\x01\x01", "\x10\x05"),
		"a reference to nothing":       forge("\xA1\x07"),
		"an array of 2^62":             forge("\xAF\x13\x40\x00\x00\x00\x00\x00\x00\x00"),
		"an array of minus one":        forge("\xAF\x13\xff\xff\xff\xff\xff\xff\xff\xff"),
		"a length of 16 bytes":         forge("\x4F\x14\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"),
		"data past the end":            forge("\x4F\x12\x7f\xff\xff\xff"),
		"a length that is text":        forge("\x4F\x51\x41"),
		"an integer past the end":      forge("\x13\x00"),
		"a date that is no number":     forge("\x33\x7f\xf8\x00\x00\x00\x00\x00\x00"),
		"a date without end":           forge("\x33\x7f\xf0\x00\x00\x00\x00\x00\x00"),
		"a date of the year 11507":     forge("\x33\x42\x51\x76\x59\x2e\x00\x00\x00"),
		"a date before the year 0":     forge("\x33\xc2\x51\x76\x59\x2e\x00\x00\x00"),
		"a UID":                        forge("\x80\x01"),
		"a number that is none":        forge("\x23\x7f\xf8\x00\x00\x00\x00\x00\x00"),
		"null":                         forge("\x00"),
		"more objects than bytes":      trailer([]byte(binaryMagic+"\x09"), []byte{8}, 1, 1, 1<<40),
		"offsets of no size":           trailer([]byte(binaryMagic+"\x09"), []byte{8}, 0, 1, 1),
		"one string, in 40000 objects": trailer(overlap, offsets, 2, 2, 40001),
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := Decode(b); !errors.Is(err, ErrMalformed) {
				t.Fatalf("got %v, %v", v, err)
			}
		})
	}
}

func TestDecodeDictWantsOne(t *testing.T) {
	if _, err := DecodeDict([]byte("<plist><array/></plist>")); !errors.Is(err, ErrMalformed) {
		t.Errorf("an array: %v", err)
	}
	d, err := DecodeDict([]byte("<plist><dict><key>n</key><integer>18446744073709551603</integer></dict></plist>"))
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := d.Int("n"); n != -13 || !ok {
		t.Errorf("2^64-13 is %d, %v", n, ok)
	}
	if n, ok := d.Int("m"); n != 0 || ok {
		t.Errorf("nothing is %d, %v", n, ok)
	}
	if d.String("n") != "" || d.Dict("n") != nil || d.Dict("n").String("x") != "" {
		t.Error("a wrong type is not an absent one")
	}
}

func TestReadFrame(t *testing.T) {
	var wire bytes.Buffer
	if err := WriteFrame(&wire, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	whole := wire.String()
	got, err := ReadFrame(iotest.OneByteReader(&wire), 5)
	if string(got) != "hello" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := ReadFrame(&wire, 5); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if _, err := ReadFrame(strings.NewReader(whole), 4); !errors.Is(err, ErrFrame) {
		t.Errorf("too long: %v", err)
	}
	for n := 1; n < len(whole); n++ {
		if _, err := ReadFrame(strings.NewReader(whole[:n]), 5); err != io.ErrUnexpectedEOF {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	lie := strings.NewReader("\x0f\xff\xff\xffabc")
	if n := testing.AllocsPerRun(1, func() { ReadFrame(lie, 1<<28) }); n > 10 {
		t.Errorf("%v allocations for a length that lies", n)
	}
}

// FuzzDecode holds that what was decoded is decoded again from what is written of it.
func FuzzDecode(f *testing.F) {
	for _, encode := range []func(any) ([]byte, error){XML, asBinary} {
		b, err := encode(everything())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(forge("\xA2\x01\x01", "\xA2\x02\x02", "\xA0"))
	f.Add([]byte("<plist><dict><key>a</key><integer>-0x10</integer></dict></plist>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		written, err := asBinary(v)
		if err != nil {
			t.Fatalf("%s: cannot be written: %v", base64.StdEncoding.EncodeToString(b), err)
		}
		again, err := Decode(written)
		if err != nil {
			t.Fatalf("cannot be read again: %v", err)
		}
		if !same(v, again) {
			t.Fatalf("%#v was read again as %#v", v, again)
		}
	})
}

// same is reflect.DeepEqual where dates may differ by what a float64 of seconds loses.
func same(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Sub(b).Abs() < time.Millisecond
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !same(a[k], b[k]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// FuzzReadFrame holds that a frame is what its length says, and is written the same.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05hello"))
	f.Add([]byte("\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xffhello"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		body, err := ReadFrame(in, 1<<20)
		if err != nil {
			return
		}
		var written bytes.Buffer
		if err := WriteFrame(&written, body); err != nil {
			t.Fatal(err)
		}
		if took := b[:len(b)-in.Len()]; !bytes.Equal(written.Bytes(), took) {
			t.Fatalf("%x was read, and written as %x", took, written.Bytes())
		}
	})
}
