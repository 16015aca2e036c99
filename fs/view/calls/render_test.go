package calls

import (
	"bytes"
	"encoding/csv"
	"testing"
	"time"

	"ibfs/fs/view/people"
)

func TestLengths(t *testing.T) {
	for s, want := range map[float64]string{0: "PT0S", 0.4: "PT0S", 65.4: "PT1M5S", 3600: "PT1H", 90061: "PT25H1M1S", -5: "PT0S", 1e300: "PT0S"} {
		if got := isoLength(seconds(s)); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	for name, tt := range map[string]struct {
		kind            int64
		provider        string
		want, wantedApp string
	}{
		"phone": {1, "", "Phone", ""}, "video": {8, "com.apple.FaceTime", "FaceTime video", ""}, "audio": {16, "com.apple.FaceTime", "FaceTime audio", ""},
		"unknown kind": {99, "com.apple.Telephony", "Phone", ""}, "app": {0, "net.whatsapp.WhatsApp", "App", "net.whatsapp.WhatsApp"}, "nothing": {0, "", "App", ""},
	} {
		if got, app := kindOf(tt.kind, tt.provider); got != tt.want || app != tt.wantedApp {
			t.Errorf("%s: %s, %s", name, got, app)
		}
	}
}

// FuzzCall renders a call whose every text is hostile: the table must have one
// row for it, and the page no element that one of a call without harm has not.
func FuzzCall(f *testing.F) {
	f.Add("+4712345678", "Anna", "com.apple.FaceTime", int64(1700000000))
	f.Add("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</td></table>", int64(0))
	f.Add("=1+1", "a\r\nb,\"c\"", "\x00\xff\u202e", int64(-1))
	plain := page([]call{{handles: []string{"1"}, people: make([]people.Person, 1), direction: missed}}, time.UTC)
	benign := bytes.Count(plain, []byte("<"))
	f.Fuzz(func(t *testing.T, handle, name, app string, at int64) {
		c := call{handles: []string{handle}, people: []people.Person{{ID: 1, Name: app}}, name: name, service: app, kind: name, country: app, location: handle, direction: missed, at: time.Unix(at%(1<<40), 0)}
		rows, err := csv.NewReader(bytes.NewReader(table([]call{c}, time.UTC))).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 9 {
			t.Errorf("%q, %v", rows, err)
		}
		b := page([]call{c}, time.UTC)
		if tags := bytes.Count(b, []byte("<")); tags != benign && tags != benign+2 { // with or without the number below the name
			t.Errorf("%d tags, %d for a call that does no harm: %s", tags, benign, b)
		}
	})
}
