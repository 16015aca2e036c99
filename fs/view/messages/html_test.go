package messages

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ibfs/fs/view/transcript/transcripttest"
)

// checkFile holds a page, of all files, against what every page keeps.
func checkFile(t testing.TB, name, text string) {
	t.Helper()
	if strings.HasSuffix(name, ".html") {
		transcripttest.HTML(t, name, text, attachmentsDir)
	}
}

const evil = `</style></div><script>alert(1)</script><img src=x onerror=alert(1)> "onclick='x' javascript:alert(1) http://"><svg/onload=1> ` + "\u202e\x00\x1b[31m&amp;&#60; ]]> <!-- "

// evilPage has evil text in each field.
func evilPage(s string, at time.Time) *page {
	f := file{title: s, shown: s + ".jpg"}
	gone := file{title: s, missing: s}
	c := &conversation{name: s, title: s, services: []string{s}, people: []person{{name: s, address: s}}, group: true}
	return &page{c: c, label: s, lost: errors.New(s), messages: []message{{
		guid: s, at: at, who: s, service: s, subject: s, pieces: []piece{{text: s, style: bold | italic | mention}, {file: &f}, {file: &gone}, {text: "https://" + s}},
		app: []string{s, "http://x/" + s}, reply: &quote{s, s}, edits: []edit{{at, s}}, effect: s, tapbacks: []tapback{{mark: s, who: []string{s, s}}},
		delivered: at, read: at, edited: at, deleted: at, unsent: 1, spoken: true,
	}, {event: s, at: at}, {who: s, mine: true, failed: true, service: "SMS"}}}
}

func TestEvilText(t *testing.T) {
	p := evilPage(evil, instant("01-01 10:00"))
	text := string(p.transcript(time.UTC).HTML())
	checkFile(t, "evil.html", text)
	if strings.Contains(text, "<script") || strings.Contains(text, "<svg") {
		t.Error(text)
	}
	transcripttest.Text(t, "evil.txt", string(p.transcript(time.UTC).Text()), len(p.messages))
}

// FuzzRender holds every page, whatever its text, against what pages keep.
func FuzzRender(f *testing.F) {
	f.Add(evil, int64(1704103200))
	f.Add("plain\r\n2024-01-01 10:00  Me: forged", int64(0))
	f.Add("https://example.com/?q=\"'<>", int64(-1))
	f.Fuzz(func(t *testing.T, s string, at int64) {
		p := evilPage(s, time.Unix(at%4e9, 0))
		checkFile(t, "fuzz.html", string(p.transcript(time.UTC).HTML()))
		transcripttest.Text(t, "evil.txt", string(p.transcript(time.UTC).Text()), len(p.messages))
	})
}
