package view

import "testing"

func TestWithExtension(t *testing.T) {
	for _, c := range []struct {
		name  string
		types []string
		want  string
	}{
		{"IMG", []string{"image/png", "public.png"}, "IMG.png"},
		{"IMG", []string{"", "public.heic"}, "IMG.heic"},
		{"IMG", []string{"x/unknown", "com.adobe.pdf"}, "IMG.pdf"},
		{"IMG", []string{"x/unknown", "dyn.age81a"}, "IMG"},
		{"IMG", nil, "IMG"},
		{"IMG.HEIC", []string{"image/jpeg"}, "IMG.HEIC"}, // not renamed
		{"song.mp3", []string{"audio/mp4"}, "song.mp3"},
		{"voice", []string{"Audio/OGG; codecs=opus"}, "voice.opus"},
		{"Mr. Berg", []string{"text/vcard"}, "Mr. Berg.vcf"},
		{"Plan 1.0", []string{"application/pdf"}, "Plan 1.0.pdf"},
		{"sticker.", []string{"image/webp"}, "sticker..webp"},
		{"a.verylongend", []string{"image/png"}, "a.verylongend.png"},
		{"", []string{"image/png"}, ".png"},
	} {
		if got := WithExtension(c.name, c.types...); got != c.want {
			t.Errorf("%q of %q: %q, want %q", c.name, c.types, got, c.want)
		}
	}
}
