package messages

import (
	"slices"
	"strings"
	"testing"

	"howett.net/plist"
)

func TestReadChanges(t *testing.T) {
	c := readChanges(summary(map[int][]string{1: {"second", "2nd"}, 0: {"first", "1st?", "1st"}, 2: {}}, 3))
	var before, now []string
	for _, e := range c.edits {
		before = append(before, e.text)
		if e.at.IsZero() {
			t.Errorf("%q has no time", e.text)
		}
	}
	for _, e := range c.now {
		now = append(now, e.text)
	}
	if !slices.Equal(before, []string{"first", "1st?", "second"}) || !slices.Equal(now, []string{"1st", "2nd"}) || !slices.Equal(c.unsent, []int64{3}) {
		t.Errorf("%q, %q, %v", before, now, c.unsent)
	}
	if got := c.current().String(); got != "1st\n2nd" {
		t.Errorf("%q", got)
	}
	for name, v := range map[string]any{
		"no dictionary": []any{1}, "wrong types": map[string]any{"ec": 1, "rp": "x"},
		"wrong parts": map[string]any{"ec": map[string]any{"x": []any{}, "0": []any{1, map[string]any{"t": []byte("no")}}}, "rp": []any{"0", -1.5}},
	} {
		if c := readChanges(binaryPlist(v)); len(c.edits)+len(c.now)+len(c.unsent) > 0 {
			t.Errorf("%s: %v", name, c)
		}
	}
}

// A version that cannot be read costs none of the others.
func TestBadVersions(t *testing.T) {
	good := func(text string) any {
		return map[string]any{"d": 700000001.0, "t": body(rich{{text: text}})}
	}
	bad := map[string]any{"d": "x", "t": []byte("no")}
	for name, c := range map[string]struct {
		versions    []any
		before, now []string
	}{
		"the first":    {[]any{bad, good("2"), good("3")}, []string{"2"}, []string{"3"}},
		"in between":   {[]any{good("1"), bad, good("3")}, []string{"1"}, []string{"3"}},
		"the last":     {[]any{good("1"), bad}, []string{"1"}, nil},
		"no date":      {[]any{map[string]any{"d": "x", "t": body(rich{{text: "1"}})}, good("2")}, []string{"1"}, []string{"2"}},
		"of no type":   {[]any{1, good("2")}, nil, []string{"2"}},
		"none is good": {[]any{bad, bad}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := readChanges(binaryPlist(map[string]any{"ec": map[string]any{"0": c.versions}}))
			var before, now []string
			for _, e := range got.edits {
				before = append(before, e.text)
			}
			for _, e := range got.now {
				now = append(now, e.text)
			}
			if !slices.Equal(before, c.before) || !slices.Equal(now, c.now) {
				t.Errorf("before %q, now %q, want %q and %q", before, now, c.before, c.now)
			}
		})
	}
}

func TestBalloonText(t *testing.T) {
	app := binaryPlist(map[string]any{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": map[string]any{"root": plist.UID(1)},
		"$objects": []any{
			"$null", map[string]any{"NS.keys": []any{plist.UID(2), plist.UID(3)}, "NS.objects": []any{plist.UID(4), plist.UID(5)}},
			"an", "userInfo", "GamePigeon", map[string]any{"caption": plist.UID(6), "subcaption": plist.UID(7)}, "Let's play", "8 Ball",
		},
	})
	for name, tt := range map[string]struct {
		id, said string
		payload  []byte
		want     []string
	}{
		"link":            {"com.apple.messages.URLBalloonProvider", "https://example.com", linkPreview("Title", "https://example.com/"), []string{"Title"}},
		"link elsewhere":  {"com.apple.messages.URLBalloonProvider", "https://example.com", linkPreview("Title", "https://example.org/"), []string{"Title", "https://example.org/"}},
		"link, no text":   {"com.apple.messages.URLBalloonProvider", "", nil, []string{"[link]"}},
		"link, bad":       {"com.apple.messages.URLBalloonProvider", "https://x", []byte("fixture-payload"), []string{}},
		"app by its name": {"com.apple.messages.MSMessageExtensionBalloonPlugin:EWFNLB79LQ:com.gamerdelights.gamepigeon.ext", "", app, []string{"[GamePigeon]", "Let's play", "8 Ball"}},
		"app, no payload": {"com.apple.messages.MSMessageExtensionBalloonPlugin:EWFNLB79LQ:com.example.app", "", nil, []string{"[com.example.app]"}},
		"own app":         {"com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.apple.findmy.FindMyMessagesApp", "", nil, []string{"[Find My]"}},
	} {
		if got := balloonText(tt.id, tt.payload, tt.said); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// FuzzArchives holds that what is read of an archive is bounded by its length.
func FuzzArchives(f *testing.F) {
	f.Add(summary(map[int][]string{0: {"a", "b"}}, 1))
	f.Add(linkPreview("Title", "https://example.com/"))
	f.Add([]byte("bplist00\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := readChanges(b)
		if len(c.unsent) > maxVersions || len(c.edits) > 2*maxVersions+1 {
			t.Fatalf("%d unsent, %d edits", len(c.unsent), len(c.edits))
		}
		for _, e := range slices.Concat(c.edits, c.now) {
			if len(e.text) > 3*len(b) {
				t.Fatalf("%d bytes of %d", len(e.text), len(b))
			}
		}
		lines := balloonText("x", b, "")
		if len(lines) > maxLines || len(strings.Join(lines, "")) > 3*len(b)*maxLines+10 {
			t.Fatalf("%d lines", len(lines))
		}
	})
}
