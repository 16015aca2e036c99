package voicememos

import (
	"strings"
	"testing"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/vtree"
)

func TestBaseName(t *testing.T) {
	for p, want := range map[string]string{
		"a.m4a": "a.m4a", "/var/mobile/Media/Recordings/a b.m4a": "a b.m4a", "../../x": "x", "": "", "..": "", "/": "", ".": "", "a/..": "", "a/": "a", strings.Repeat("x", 256): "",
	} {
		if got := baseName(p); got != want {
			t.Errorf("%q: %q, want %q", p, got, want)
		}
	}
}

func TestTitles(t *testing.T) {
	at := time.Date(2024, 7, 14, 18, 3, 0, 0, time.UTC)
	for want, m := range map[string]memo{
		"2024-07-14 18.03 Tune":      {at: at, name: "Tune", file: "20240714 180300.m4a"},
		"2024-07-14 18.03":           {at: at, file: "20240714 180300-1A2B3C4D.m4a"},
		"2024-07-14 18.03 Interview": {at: at, file: "Interview.m4a"},
		"Time unknown Interview":     {file: "Interview.m4a"},
		"Time unknown":               {},
	} {
		if got := m.title(time.UTC); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if label("2024-07-14T18:03:00Z") != "" || label("2024 in\nreview") != "2024 in review" {
		t.Error("labels")
	}
}

// FuzzTitle names a recording by hostile texts: the name is one of a file, and
// what is sought beside the database is a name and no path.
func FuzzTitle(f *testing.F) {
	f.Add("Tune", "/var/mobile/Media/Recordings/20240714 180300.m4a", 742662180.0)
	f.Add("../..\x00\r\n\xff", "..", -1e300)
	f.Add("", strings.Repeat("../", 100)+"x."+strings.Repeat("y", 250), 0.0)
	f.Fuzz(func(t *testing.T, name, p string, at float64) {
		m := memo{name: label(name), file: baseName(p), at: view.Cocoa(at)}
		if m.file != "" && !vtree.ValidName(m.file) && !strings.Contains(m.file, "\x00") {
			t.Errorf("%q", m.file)
		}
		if got := view.FileName(m.title(time.UTC), ".m4a"); !vtree.ValidName(got) {
			t.Errorf("%q", got)
		}
	})
}
