package view

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSafeName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"IMG_0001.HEIC", "IMG_0001.HEIC"},
		{"a/b", "a_b"},
		{"a\x00b", "ab"},
		{"..", "__"},
		{".", "_"},
		{"", "Untitled"},
		{" \t ", "Untitled"},
		{"one\n two", "one two"},
		{"\u202Egpj.exe", "gpj.exe"},
		{`a:b*c?d"e<f>g|h\i`, "a_b_c_d_e_f_g_h_i"},
		{" lead and trail . ", "lead and trail"},
		{"aux.txt", "_aux.txt"},
		{"-rf", "_-rf"},
		{".hidden", "_.hidden"},
		{"cafe\u0301", "caf\u00e9"},
		{"bad\xff", "bad\uFFFD"},
		{"👩\u200d🚀", "👩\u200d🚀"},
		{"e\u200e\u0301", "\u00e9"},
		{"nbsp\u00a0and\u3000wide", "nbsp and wide"},
		{"COM1", "_COM1"},
		{"com10", "com10"},
		{"...", "__"},
		{strings.Repeat("x", 300) + ".jpeg", strings.Repeat("x", 243) + "~44b4b9.jpeg"},
	} {
		if got := SafeName(tt.name); got != tt.want {
			t.Errorf("SafeName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func checkName(t *testing.T, from, name string) {
	t.Helper()
	if again := SafeName(name); again != name {
		t.Errorf("%q becomes %q, and that %q", from, name, again)
	}
	if name == "" || name == "." || name == ".." || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsAny(name, "/\x00\n") {
		t.Errorf("%q becomes %q (%d bytes)", from, name, len(name))
	}
}

func TestUnique(t *testing.T) {
	var u Unique
	seen := map[string]bool{}
	for _, name := range []string{
		"a.jpg", "a.jpg", "A.JPG", "a (2).jpg", "No. " + strings.Repeat("x", 250), "no. " + strings.Repeat("x", 250),
		strings.Repeat("ä", 127), strings.Repeat("Ä", 127), "stra\u00dfe", "STRASSE",
	} {
		got := u.Name(SafeName(name))
		checkName(t, name, got)
		if seen[fold(got)] {
			t.Errorf("%q comes twice", got)
		}
		seen[fold(got)] = true
	}
}

func TestFileName(t *testing.T) {
	for _, tt := range []struct{ title, ext, want string }{
		{"", ".txt", "Untitled.txt"},
		{"Mr. X", ".html", "Mr. X.html"},
		{"aux", ".vcf", "_aux.vcf"},
		{"a/b.", ".txt", "a_b.txt"},
		{strings.Repeat("é", 200), ".txt", strings.Repeat("é", 122) + "~c8a0a3.txt"},
	} {
		got := FileName(tt.title, tt.ext)
		checkName(t, tt.title, got)
		if got != tt.want {
			t.Errorf("FileName(%q, %q) = %q, want %q", tt.title, tt.ext, got, tt.want)
		}
	}
}

// TestUniqueStem is the naming of case FC-17: a photo and its movie have one
// stem.
func TestUniqueStem(t *testing.T) {
	var u Unique
	if got := u.Name("IMG_0042.mov"); got != "IMG_0042.mov" {
		t.Error(got)
	}
	if got := u.Stem("IMG_0042", ".HEIC", ".MOV"); got != "IMG_0042 (2)" {
		t.Error(got)
	}
	if got := u.Name("img_0042 (2).heic"); got != "img_0042 (2) (2).heic" {
		t.Error(got)
	}
}

func TestUniqueOfMany(t *testing.T) {
	var u Unique
	last := ""
	for range 20000 { // quadratic, it would take minutes
		last = u.Name("Untitled.jpg")
	}
	if last != "Untitled (20000).jpg" {
		t.Error(last)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a/b", "No. x")
	f.Add(strings.Repeat("x.", 130), "..")
	f.Fuzz(func(t *testing.T, a, b string) {
		var u Unique
		first, second, third := u.Name(SafeName(a)), u.Name(SafeName(b)), u.Name(SafeName(a))
		checkName(t, a, first)
		checkName(t, b, second)
		checkName(t, a, third)
		if fold(first) == fold(second) || fold(first) == fold(third) || fold(second) == fold(third) {
			t.Errorf("%q, %q, %q are not unique", first, second, third)
		}
	})
}
