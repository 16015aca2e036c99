package photos

import (
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ibfs/fs/view"
)

// FuzzNames names three photos in one folder: each name is one for every
// system, the files of one photo have one stem, and no two names are the same.
func FuzzNames(f *testing.F) {
	f.Add("2024-07-14 18.03.55 IMG_0042", "2024-07-14 18.03.55 img_0042", "HEIC", "mov")
	f.Add("IMG_1 (original)", "IMG_1", "", "JPG")
	f.Add(strings.Repeat("ä", 127), strings.Repeat("Ä", 127), "jpeg", "DNG")
	f.Add("CON", "..", "x", "X")
	f.Add("a/b\x00", " . ", "mov", "MOV")
	f.Fuzz(func(t *testing.T, a, b, first, second string) {
		ext := func(s string) string {
			s = strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
					return r
				}
				return -1
			}, s)
			if s == "" {
				return ""
			}
			return "." + s[:min(len(s), maxExt)]
		}
		var u view.Unique
		seen := map[string]bool{}
		for _, p := range []struct {
			title string
			parts []part
		}{
			{a, []part{{"", ext(first), 1}, {originalMark, ext(second), 2}}},
			{b, []part{{"", ext(second), 3}}},
			{a, []part{{previewMark, ext(first), 4}}},
			{b, []part{{"", ext(first), 5}}},
		} {
			names := nameParts(&u, cut(p.title, maxStem), p.parts)
			stem := ""
			for i, name := range names {
				if view.SafeName(name) != name {
					t.Errorf("%q becomes %q, which is not a name for every system: %q", p.title, name, view.SafeName(name))
				}
				key := norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
				if seen[key] {
					t.Errorf("%q comes twice", name)
				}
				seen[key] = true
				s := strings.TrimSuffix(name, p.parts[i].mark+p.parts[i].ext)
				if i > 0 && s != stem {
					t.Errorf("one photo has the stems %q and %q", stem, s)
				}
				stem = s
			}
		}
	})
}

func TestZones(t *testing.T) {
	var z zones
	for name, want := range map[string]int32{
		"GMT-0400": -4 * 3600, "GMT+5:30": 19800, "GMT+0545": 20700, "Europe/Oslo": 7200, "America/New_York": -4 * 3600,
		"": 0, "Local": 0, "GMT+9999": 0, "../../etc/passwd": 0, "/etc/localtime": 0, strings.Repeat("x", 1000): 0, "Europe/Oslo\x00": 0,
	} {
		summer := photo{at: 1720000000e9}
		if got := z.ahead(summer.taken(), nil, name); got != want {
			t.Errorf("%.20q: %d, want %d", name, got, want)
		}
	}
}
