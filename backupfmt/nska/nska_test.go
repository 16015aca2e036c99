package nska_test

import (
	"errors"
	"testing"

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
		object{"$class": ref(2), "transcriptionString": ref(3), "confidence": 0.5, "segments": ref(4), "link": ref(6), "none": ref(0)},
		class("VMVoicemailTranscript"),
		"Call me back",
		object{"$class": ref(5), "NS.keys": list{ref(8), ref(99), ref(9)}, "NS.objects": list{ref(3), ref(1)}},
		class("NSDictionary"),
		object{"NS.relative": ref(7)},
		object{"NS.string": object{"NS.string": "boxed"}},
		"said", "none",
	)
}

func TestArchive(t *testing.T) {
	a, err := nska.Open(transcript(t))
	if err != nil {
		t.Fatal(err)
	}
	root := a.Root()
	for name, c := range map[string]struct {
		got  nska.Value
		ok   bool
		text string
	}{
		"an object":           {root, true, ""},
		"a text":              {root.Field("transcriptionString"), true, "Call me back"},
		"a boxed text":        {root.Field("link"), true, "boxed"},
		"a number":            {root.Field("confidence"), true, ""},
		"null":                {root.Field("none"), false, ""},
		"absent":              {root.Field("no such").Field("below"), false, ""},
		"of a dictionary":     {root.Field("segments").Get("said"), true, "Call me back"},
		"a key alone":         {root.Field("segments").Get("none"), false, ""},
		"of what has no keys": {root.Get("said"), false, ""},
		"a class":             {root.Field("$class").Field("$classname"), true, "VMVoicemailTranscript"},
	} {
		if c.got.Ok() != c.ok || c.got.Text() != c.text {
			t.Errorf("%s: %v, %q", name, c.got.Ok(), c.got.Text())
		}
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
	if root.Text() != "" || root.Field("$class").Field("$classname").Text() != "" || root.Get("x").Ok() {
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
		var walk func(v nska.Value, depth int)
		walk = func(v nska.Value, depth int) {
			if text := v.Text(); text != "" && !v.Ok() {
				t.Errorf("no object, and the text %q", text)
			}
			for _, name := range []string{"NS.string", "NS.relative", "NS.objects", "title"} {
				field := v.Field(name)
				if field.Ok() && !v.Ok() {
					t.Errorf("no object, and the field %s of it", name)
				}
				if depth > 0 {
					walk(field, depth-1)
					walk(v.Get(name), depth-1)
				}
			}
		}
		walk(a.Root(), 5)
	})
}
