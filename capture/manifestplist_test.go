package capture_test

import (
	"errors"
	"strings"
	"testing"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
)

// A backup whose Manifest.plist is none is not published: no phone would take it back.
func TestManifestPlistIsOne(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(5))}})
	for what, list := range map[string]string{
		"zeros": strings.Repeat("\x00", 1000), "a text": "hello", "cut": "bplist00\xd1\x01\x02",
		"an array": `<?xml version="1.0"?><plist version="1.0"><array/></plist>`,
	} {
		t.Run(what, func(t *testing.T) {
			b.t = t
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Upload(udid+"/Manifest.plist", []byte(list))})
			if _, err := b.run(t.Context()); !errors.Is(err, capture.ErrBadTree) {
				t.Errorf("error %v", err)
			}
		})
	}
	b.t = t
	if r := b.mustRun(); r.Resumed {
		t.Error("the bad tree was kept")
	}
}

// Whether a backup is encrypted is what came, and not what the phone said.
func TestEncryptedIsWhatCame(t *testing.T) {
	for what, c := range map[string]struct {
		says, is string // passwords
		warning  string
	}{
		"as it said":         {"", "", ""},
		"encrypted, it said": {password, "", "not encrypted, although"},
		"clear, it said":     {"", password, "is encrypted, although"},
	} {
		t.Run(what, func(t *testing.T) {
			all := content(t, small(5), password)
			p := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Password: c.says, Content: fakedevice.Content{c.says: all[c.is]}}}
			b := newBench(t, p)
			if r := b.mustRun(); r.Encrypted != (c.is != "") {
				t.Errorf("encrypted: %v", r.Encrypted)
			}
			var warnings []string
			for _, e := range b.events {
				if e.Warning != "" {
					warnings = append(warnings, e.Warning)
				}
			}
			if got := strings.Join(warnings, "; "); (c.warning == "") != (got == "") || !strings.Contains(got, c.warning) {
				t.Errorf("warnings %q", got)
			}
		})
	}
}
