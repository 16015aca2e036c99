package backupfmt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"howett.net/plist"
)

// binaryObjects writes a binary property list out of its objects as they are;
// the first is the top one. References in them take two bytes.
func binaryObjects(objects ...string) []byte {
	b := []byte("bplist00")
	var table []byte
	for _, o := range objects {
		table = binary.BigEndian.AppendUint32(table, uint32(len(b)))
		b = append(b, o...)
	}
	start := len(b)
	b = append(b, table...)
	b = append(b, 0, 0, 0, 0, 0, 0, 4, 2)
	b = binary.BigEndian.AppendUint64(b, uint64(len(objects)))
	b = binary.BigEndian.AppendUint64(b, 0)
	return binary.BigEndian.AppendUint64(b, uint64(start))
}

func marshalPlist(t testing.TB, format int, v any) []byte {
	t.Helper()
	b, err := plist.Marshal(v, format)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func xmlDict(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>` + inner + `</dict></plist>`
}

func TestDecodePlistBothForms(t *testing.T) {
	want := map[string]any{
		"text":  "Anna’s <iPhone> & more\n",
		"whole": uint64(42),
		"minus": int64(-7),
		"real":  1.5,
		"yes":   true,
		"no":    false,
		"data":  []byte{0, 1, 2, 0xff},
		"date":  time.Date(2021, 12, 3, 19, 33, 13, 0, time.UTC),
		"list":  []any{"a", []any{}, map[string]any{"k": "v"}},
		"empty": "",
		"ключ":  "значение 😀",
	}
	for name, format := range map[string]int{"binary": plist.BinaryFormat, "xml": plist.XMLFormat} {
		t.Run(name, func(t *testing.T) {
			var got map[string]any
			if err := decodePlist(marshalPlist(t, format, want), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %#v\nwant %#v", got, want)
			}
		})
	}
}

// The smallest inputs that panic the library past its own recover, or make it
// allocate what they claim.
func TestFC04PanicsAndLies(t *testing.T) {
	huge := strings.Repeat("\xff", 8)
	tests := map[string][]byte{
		"data of 2^64-1 bytes":         binaryObjects("\x4f\x13" + huge),
		"text of 2^63 units":           binaryObjects("\x6f\x13\x80" + strings.Repeat("\x00", 7)),
		"array of 2^63 elements":       binaryObjects("\xaf\x13\x80" + strings.Repeat("\x00", 7)),
		"dictionary of 2^63 pairs":     binaryObjects("\xdf\x13\x80" + strings.Repeat("\x00", 7)),
		"ASCII of 2^64-1 bytes":        binaryObjects("\x5f\x13" + huge),
		"length that is no integer":    binaryObjects("\x4f\x41\x00"),
		"length of 16 bytes":           binaryObjects("\x4f\x14" + huge + huge),
		"length cut off":               binaryObjects("\x4f\x13\x00"),
		"date cut off":                 binaryObjects("\x33\x00"),
		"integer of 2^15 bytes":        binaryObjects("\x1f\x00"),
		"real of 1 byte":               binaryObjects("\x20\x00"),
		"null":                         binaryObjects("\x00"),
		"unknown type":                 binaryObjects("\xf0"),
		"array that contains itself":   binaryObjects("\xa1\x00\x00"),
		"reference past the end":       binaryObjects("\xa1\x00\x09"),
		"dictionary keyed by a number": binaryObjects("\xd1\x00\x01\x00\x01", "\x10\x01"),
		"header alone":                 []byte("bplist00"),
		"no objects":                   binaryObjects(),
		"cut short":                    binaryObjects("\x08")[:40],
		"empty":                        nil,
		"text of neither form":         []byte("{ a = b; }"),
		"deep text of neither form":    bytes.Repeat([]byte("("), 1<<20),
		"markup without a value":       []byte("<plist></plist>"),
		"another markup":               []byte("<html><body>hello</body></html>"),
		"not closed tag":               []byte("<plist><dict"),
		"top value that is none":       []byte("<plist><date>yesterday</date></plist>"),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			var v any
			if err := decodePlist(b, &v); !errors.Is(err, ErrDamaged) {
				t.Errorf("err = %v, want ErrDamaged (got %v)", err, v)
			}
		})
	}
}

// What is lost of a list is no error of it; a list that is none is one.
func TestDecodePlistOfABackup(t *testing.T) {
	var v any
	lossy := []byte("bplist00\xa2\x01\x02\x13\x00\x00\x00\x00\x00\x00\x00\x07\x70" +
		"\x08\x0b\x14\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x15")
	var loss plistLoss
	if err := decodePlist(lossy, &v); !errors.As(err, &loss) {
		t.Fatalf("nothing is lost: %v", err)
	}
	if err := DecodePlist(lossy, &v); err != nil {
		t.Fatal(err)
	}
	if err := DecodePlist([]byte("fixture-payload"), &v); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, %v", v, err)
	}
}

func TestDecodePlistTooLong(t *testing.T) {
	var v any
	if err := decodePlist(make([]byte, maxPlist+1), &v); !errors.Is(err, ErrDamaged) {
		t.Errorf("err = %v, want ErrDamaged", err)
	}
}

// A value that cannot be read costs itself; what is beside it is decoded.
func TestFC05BadValueCostsItsKey(t *testing.T) {
	ok := "<key>name</key><string>A</string>"
	tests := []struct {
		name string
		in   []byte
		want map[string]any
		lost int
	}{
		{"control character", []byte(xmlDict("<key>name</key><string>A\x0bB\x00C</string>")), map[string]any{"name": "A\uFFFDB\uFFFDC"}, 0},
		{"control character by number", []byte(xmlDict("<key>name</key><string>A&#x0B;B</string>")), map[string]any{"name": "A\uFFFDB"}, 0},
		{"bytes that are no UTF-8", []byte(xmlDict("<key>name</key><string>A\xffB</string>")), map[string]any{"name": "A\uFFFDB"}, 0},
		{"unknown entity", []byte(xmlDict("<key>name</key><string>A&bogus;B & C</string>")), map[string]any{"name": "A&bogus;B & C"}, 0},
		{"entities and CDATA", []byte(xmlDict("<key>name</key><string>&lt;A&gt;<![CDATA[<B>&amp;]]></string>")), map[string]any{"name": "<A><B>&amp;"}, 0},
		{"bad date", []byte(xmlDict("<key>d</key><date>0000-00-00</date>" + ok)), map[string]any{"name": "A"}, 1},
		{"bad integer", []byte(xmlDict("<key>i</key><integer>12x</integer><key>j</key><integer/>" + ok)), map[string]any{"name": "A"}, 2},
		{"integer of 0x", []byte(xmlDict("<key>i</key><integer> 0x1F </integer>" + ok)), map[string]any{"name": "A", "i": uint64(31)}, 0},
		{"bad data", []byte(xmlDict("<key>d</key><data>A=B</data>" + ok)), map[string]any{"name": "A"}, 1},
		{"unknown element", []byte(xmlDict("<key>u</key><set>x</set>" + ok)), map[string]any{"name": "A"}, 1},
		{"key without value", []byte(xmlDict("<key>k</key>" + ok)), map[string]any{"name": "A"}, 1},
		{"value without key", []byte(xmlDict("<string>stray</string>" + ok)), map[string]any{"name": "A"}, 1},
		{"bad array element", []byte(xmlDict("<key>a</key><array><date>x</date><string>y</string></array>" + ok)), map[string]any{"name": "A", "a": []any{"y"}}, 1},
		{"text not closed", []byte("<plist><dict><key>a<key>b</key><string>x<key>name</key><string>A</string></dict></plist>"), map[string]any{"name": "A", "b": "x"}, 1},
		{"array not closed", []byte(xmlDict(ok + "<key>a</key><array><string>x</string>")), map[string]any{"name": "A", "a": []any{"x"}}, 1},
		{"cut off", []byte(xmlDict(ok + "<key>b</key><string>B")[:len(xmlDict(ok))-15]), map[string]any{"name": "A"}, 1},
		{"binary bad date", binaryObjects("\xd2\x00\x01\x00\x03\x00\x02\x00\x04", "\x54name", "\x51A", "\x51d", "\x35abcdefgh"), map[string]any{"name": "A", "d": false}, 1},
		{"binary loop", binaryObjects("\xd2\x00\x01\x00\x03\x00\x02\x00\x04", "\x54name", "\x51A", "\x51d", "\xa1\x00\x04"), map[string]any{"name": "A", "d": false}, 1},
		{"binary lying length", binaryObjects("\xd2\x00\x01\x00\x03\x00\x02\x00\x04", "\x54name", "\x51A", "\x51d", "\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff"), map[string]any{"name": "A", "d": false}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got map[string]any
			err := decodePlist(tt.in, &got)
			var loss plistLoss
			if err != nil && !errors.As(err, &loss) {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
			if (loss > 0) != (tt.lost > 0) || tt.lost == 1 && loss > 2 {
				t.Errorf("lost %d values, want about %d", loss, tt.lost)
			}
		})
	}
}

// chain is n arrays, each of which holds the next one width times.
func chain(n, width int) []string {
	var objects []string
	for i := range n {
		ref := string(binary.BigEndian.AppendUint16(nil, uint16(i+1)))
		objects = append(objects, string([]byte{0xa0 | byte(width)})+strings.Repeat(ref, width))
	}
	return append(objects, "\x09")
}

// Small inputs that would cost the library gigabytes, its stack or the age of the universe.
func TestDecodePlistBoundsItsCost(t *testing.T) {
	// Each sibling is a chain of 60 arrays that ends in the sibling before it.
	var stairs []string
	const siblings, rise = 8, 60
	top := "\xaf\x11" + string(binary.BigEndian.AppendUint16(nil, siblings))
	for s := range siblings {
		first := 1 + s*rise
		top += string(binary.BigEndian.AppendUint16(nil, uint16(first)))
		for r := range rise {
			next := first + r + 1
			if r == rise-1 {
				next = max(first-rise, 0)
			}
			if s == 0 && r == rise-1 {
				stairs = append(stairs, "\x09")
				continue
			}
			stairs = append(stairs, "\xa1"+string(binary.BigEndian.AppendUint16(nil, uint16(next))))
		}
	}
	tests := map[string][]byte{
		"doubling":                      binaryObjects(chain(60, 2)...),
		"a deep chain":                  binaryObjects(chain(60_000, 1)...),
		"stairs":                        binaryObjects(append([]string{top}, stairs...)...),
		"empty dictionaries":            []byte("<plist><array>" + strings.Repeat("<dict/>", 1<<17) + "</array></plist>"),
		"a hundred thousand times true": []byte("<plist><array>" + strings.Repeat("<true/>", 1<<17) + "</array></plist>"),
		"many arrays over one place":    overlapping(60_000),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			var v any
			_ = decodePlist(b, &v)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			runtime.ReadMemStats(&after)
			if got := int(after.TotalAlloc - before.TotalAlloc); got > 16<<20+128*len(b) {
				t.Errorf("%d bytes of input made it allocate %d", len(b), got)
			}
			if d := depthOf(v); d > maxPlistDepth {
				t.Errorf("decoded to a depth of %d", d)
			}
		})
	}
}

// overlapping is an array of n arrays that all lie at one offset and hold n
// times the same ten values: n*n references to follow.
func overlapping(n int) []byte {
	var refs []byte
	for i := range n {
		refs = binary.BigEndian.AppendUint16(refs, uint16(i+3))
	}
	head := "\xaf\x11" + string(binary.BigEndian.AppendUint16(nil, uint16(n)))
	objects := append([]string{head + string(refs), "\xaa" + strings.Repeat("\x00\x02", 10), "\x09", head + strings.Repeat("\x00\x01", n)}, make([]string, n-1)...)
	b := binaryObjects(objects...)
	table := b[len(b)-32-4*len(objects):]
	for i := 4; i < len(objects); i++ {
		copy(table[4*i:4*i+4], table[4*3:])
	}
	return b
}

func depthOf(v any) int {
	depth := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			depth = max(depth, 1+depthOf(e))
		}
	case map[string]any:
		for _, e := range v {
			depth = max(depth, 1+depthOf(e))
		}
	}
	return depth
}

func TestDecodePlistCutsDeepXML(t *testing.T) {
	in := xmlDict("<key>a</key>" + strings.Repeat("<array>", 100_000) + strings.Repeat("</array>", 100_000) + "<key>name</key><string>A</string>")
	var got map[string]any
	if err := decodePlist([]byte(in), &got); err != plistLoss(1) {
		t.Errorf("err = %v, want one value lost", err)
	}
	if d := depthOf(got); d != maxPlistDepth || got["name"] != "A" {
		t.Errorf("depth %d, name %v", d, got["name"])
	}
}

func TestDecodePlistSkipsKeys(t *testing.T) {
	in := xmlDict("<key>big</key><dict><key>x</key><data>!!!</data></dict><key>name</key><string>A</string>")
	var got map[string]any
	if err := decodePlist([]byte(in), &got, "big"); err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"name": "A"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPlainText(t *testing.T) {
	tests := map[string]string{
		"  Anna's iPhone ":             "Anna's iPhone",
		"A\x0bB\x1b[2J":                "A\uFFFDB\uFFFD[2J",
		"a\u202egpj.exe":               "a\uFFFDgpj.exe",
		"two\nlines":                   "two\uFFFDlines",
		"bad \xff byte":                "bad \uFFFD byte",
		"😀":                            "😀",
		strings.Repeat("é", 400):       strings.Repeat("é", 256),
		"a" + strings.Repeat("é", 400): "a" + strings.Repeat("é", 255),
	}
	for in, want := range tests {
		if got := plainText(in); got != want {
			t.Errorf("plainText(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDecodePlist(f *testing.F) {
	f.Add(binaryObjects("\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add(binaryObjects("\xd2\x00\x01\x00\x03\x00\x02\x00\x04", "\x54name", "\x51A", "\x51d", "\x35abcdefgh"))
	f.Add(binaryObjects(chain(20, 2)...))
	f.Add([]byte(xmlDict("<key>name</key><string>A\x0bB</string><key>d</key><date>x</date>")))
	f.Add([]byte("<plist><dict><key>a<key>b</key><array><string>x<![CDATA[y]]></dict>"))
	f.Add(marshalPlist(f, plist.BinaryFormat, map[string]any{"a": []any{1, "b", true}, "c": []byte("d")}))
	f.Add([]byte("( ( a ) )"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.Clone(b)
		var v any
		err := decodePlist(b, &v)
		if !bytes.Equal(b, in) {
			t.Fatal("the input was written to")
		}
		var loss plistLoss
		if err != nil && !errors.As(err, &loss) {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("an error of no known kind: %v", err)
			}
			return
		}
		if d := depthOf(v); d > maxPlistDepth {
			t.Fatalf("a depth of %d", d)
		}
		// What was mended once needs no mending, and decodes to the same.
		const budget = 1 << 24
		mended, _, err := mendPlist(b, nil)
		if err != nil {
			t.Fatalf("decoded, but not mended: %v", err)
		}
		mend := func(b []byte) ([]byte, int, error) { return mendXMLPlist(b, nil, budget) }
		if bytes.HasPrefix(b, []byte("bplist")) {
			mend = func(b []byte) ([]byte, int, error) { return mendBinaryPlist(b, budget) }
		}
		again, lost, err := mend(mended)
		if err != nil || lost != 0 || !bytes.Equal(again, mended) {
			t.Fatalf("mended twice: %d lost, %v\n%q\n%q", lost, err, mended, again)
		}
	})
}

func FuzzPlainText(f *testing.F) {
	f.Add("Anna's iPhone")
	f.Add("a" + strings.Repeat("é", 400))
	f.Add(strings.Repeat("\xff", 600))
	f.Fuzz(func(t *testing.T, s string) {
		got := plainText(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x00\x1b\u202e") || plainText(got) != got && len(got) <= maxPlistText {
			t.Errorf("plainText(%q) = %q", s, got)
		}
	})
}
