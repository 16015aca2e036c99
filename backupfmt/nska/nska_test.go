package nska_test

import (
	"errors"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt"
	"ibfs/backupfmt/nska"
)

type (
	object = map[string]any
	list   = []any
	ref    = plist.UID
)

func class(name string) object { return object{"$classname": name, "$classes": list{name, "NSObject"}} }

func archive(t testing.TB, format int, objects ...any) []byte {
	t.Helper()
	b, err := plist.Marshal(object{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": object{"root": ref(1)}, "$objects": append(list{"$null"}, objects...),
	}, format)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// transcript has the shape of the file that lies beside a voicemail.
func transcript(t testing.TB) []byte {
	return archive(t, plist.BinaryFormat,
		object{"$class": ref(2), "transcriptionString": ref(3), "confidence": 0.5, "final": true, "segments": ref(4), "made": ref(8), "none": ref(0)},
		class("VMVoicemailTranscript"),
		"Call me back",
		object{"$class": ref(5), "NS.objects": list{ref(6), ref(6), ref(9), ref(1)}},
		class("NSArray"),
		object{"$class": ref(7), "NS.keys": list{ref(10), ref(99)}, "NS.objects": list{ref(11)}},
		class("NSDictionary"),
		object{"NS.time": 700000000.5},
		object{"NS.string": object{"NS.string": "boxed"}},
		"duration", object{"NS.intval": 42},
	)
}

func TestArchive(t *testing.T) {
	a, err := nska.Open(transcript(t))
	if err != nil {
		t.Fatal(err)
	}
	root := a.Root()
	for name, c := range map[string]struct{ got, want any }{
		"class":                 {root.Class(), "VMVoicemailTranscript"},
		"text":                  {root.Field("transcriptionString").Text(), "Call me back"},
		"real":                  {root.Field("confidence").Float(), 0.5},
		"true":                  {root.Field("final").Bool(), true},
		"true as a number":      {root.Field("final").Int(), int64(1)},
		"null":                  {root.Field("none").Ok(), false},
		"absent":                {root.Field("no such").Field("below").Text(), ""},
		"array":                 {root.Field("segments").Len(), 4},
		"class of a text":       {root.Field("transcriptionString").Class(), ""},
		"a text taken for data": {root.Field("transcriptionString").Data() == nil, true},
		"a text as a number":    {root.Field("transcriptionString").Int(), int64(0)},
		"date":                  {root.Field("made").Time(), time.Date(2023, 3, 8, 20, 26, 40, 5e8, time.UTC)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	var seen []string
	for key, v := range root.Field("segments").All {
		if key.Ok() {
			t.Error("an element of an array has a key")
		}
		seen = append(seen, v.Text())
		if d := v.Get("duration").Int(); v.Class() == "NSDictionary" && d != 42 {
			t.Errorf("duration %d", d)
		}
	}
	if len(seen) != 4 || seen[2] != "boxed" {
		t.Errorf("elements: %q", seen)
	}
}

func TestNoArchive(t *testing.T) {
	plain, err := plist.Marshal(object{"a": 1}, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "noise": []byte("bplist00noise"), "a list of another kind": plain, "cut": transcript(t)[:100],
	} {
		if _, err := nska.Open(b); !errors.Is(err, backupfmt.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLoops is of archives that contain themselves: each step is one object.
func TestLoops(t *testing.T) {
	a, err := nska.Open(archive(t, plist.BinaryFormat, object{"$class": ref(1), "$classname": ref(1), "NS.string": ref(1), "NS.objects": list{ref(1)}, "NS.keys": list{ref(1)}}, ref(1)))
	if err != nil {
		t.Fatal(err)
	}
	root := a.Root()
	if root.Text() != "" || root.Class() != "" || root.Get("x").Ok() || root.Len() != 1 {
		t.Error("a loop has a value")
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(transcript(f))
	f.Add([]byte("bplist00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := nska.Open(b)
		if err != nil {
			if !errors.Is(err, backupfmt.ErrDamaged) {
				t.Errorf("%v is not ErrDamaged", err)
			}
			return
		}
		var steps int
		var walk func(v nska.Value, depth int)
		walk = func(v nska.Value, depth int) {
			if steps++; depth == 8 || steps > 1000 {
				return
			}
			v.Class()
			v.Data()
			v.Time()
			if f := v.Float(); f != f {
				t.Error("NaN")
			}
			n := 0
			for key, e := range v.All {
				n++
				walk(key, depth+1)
				walk(e, depth+1)
				if text := key.Text(); text != "" && !v.Get(text).Ok() && e.Ok() && v.Len() == 1 {
					t.Errorf("the one key %q is not found", text)
				}
			}
			if n != v.Len() {
				t.Errorf("%d elements, and a length of %d", n, v.Len())
			}
		}
		walk(a.Root(), 0)
	})
}
