package fakedevice_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/plist"
)

// tiny is a backup of few, small files.
func tiny() backuptest.Backup {
	b := backuptest.Backup{Bare: true}
	for i := range 20 {
		b.Files = append(b.Files, backuptest.File{Domain: "HomeDomain", Path: fmt.Sprintf("%02d", i), Content: slices.Repeat([]byte{byte(i)}, 100*i)})
	}
	return b
}

// tinyLater is tiny with one file changed, of the same size.
func tinyLater() backuptest.Backup {
	b := tiny()
	b.Date = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	b.Files[5].Content = slices.Repeat([]byte{99}, 500)
	return b
}

func newLinkHost(t testing.TB) *linkHost {
	t.Helper()
	h := &linkHost{dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(h.dir, udid), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

func phone(s *fakedevice.State, script ...fakedevice.Fault) *fakedevice.Phone {
	return &fakedevice.Phone{Backup: fakedevice.Backup{Content: fakedevice.Content{"": s}, Batch: 7, Script: script}}
}

// ends backs up and wants a final code.
func (h *linkHost) ends(t *testing.T, p *fakedevice.Phone, code uint64) {
	t.Helper()
	r, err := h.backup(t, p)
	if err != nil {
		t.Fatalf("the run did not end: %v; events: %v", err, p.Events("mobilebackup2"))
	}
	if r["ErrorCode"] != code {
		t.Fatalf("the run ended with %v, not %d", r, code)
	}
}

func TestBackupOrder(t *testing.T) {
	s := content(t, tiny())
	p, h := phone(s), newLinkHost(t)
	p.Backup.Progress = []float64{85, 65, -1}
	h.ends(t, p, 0)
	want := []string{
		"DLContentsOfDirectory", "DLMessageDownloadFiles", "DLMessageCreateDirectory", "DLMessageGetFreeDiskSpace",
		"DLMessageUploadFiles", "DLMessageMoveItems", "DLMessageRemoveItems", "DLMessageDownloadFiles",
		"DLContentsOfDirectory", "DLMessageProcessMessage",
	}
	if got := slices.Compact(slices.Clone(h.seen)); !slices.Equal(got, want) {
		t.Errorf("messages: %v", got)
	}
	for i, told := range h.told {
		if !slices.Contains(p.Backup.Progress, told) {
			t.Errorf("progress %d is %v", i, told)
		}
	}
	holds(t, filepath.Join(h.dir, udid), s)
	contains(t, fmt.Sprint(p.Events("notification_proxy")), "LocalAuthentication.ui.presented", "LocalAuthentication.ui.dismissed")
}

// However and wherever a run ends, the next one on the same tree makes it
// whole, and the one after that has nothing to send.
func TestCutAnywhere(t *testing.T) {
	first, second := content(t, tiny()), content(t, tinyLater())
	actions := map[string]func() fakedevice.Action{"cut": fakedevice.Cut, "reset": fakedevice.Reset}
	for seed := range uint64(15) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		for name, action := range actions {
			p, h := phone(first), newLinkHost(t)
			if seed%2 == 1 { // an incremental run is cut
				h.ends(t, p, 0)
			}
			at := 1 + rnd.Int64N(120_000)
			p.SetContent(fakedevice.Content{"": second})
			p.SetScript(fakedevice.Fault{Byte: at, Do: action()})
			if _, err := h.backup(t, p); err == nil {
				if run := last(t, p); run.Code != 0 {
					t.Errorf("%s at %d: %+v", name, at, run)
				}
			}
			p.SetScript()
			h.ends(t, p, 0)
			holds(t, filepath.Join(h.dir, udid), second)
			h.ends(t, p, 0)
			if run := last(t, p); run.Sent != 0 || run.Full {
				t.Errorf("%s at %d: the run after the next sends %d files", name, at, run.Sent)
			}
		}
	}
}

// What lies in Snapshot is not sent again.
func TestResumes(t *testing.T) {
	s := content(t, tiny())
	p, h := phone(s, fakedevice.Fault{File: 15, Do: fakedevice.Cut()}), newLinkHost(t)
	if _, err := h.backup(t, p); err == nil {
		t.Fatal("the cut run ended")
	}
	h.ends(t, p, 0)
	if run := last(t, p); run.Sent != 20-14 {
		t.Errorf("sent %d files of the 6 that are missing", run.Sent)
	}
	holds(t, filepath.Join(h.dir, udid), s)
}

// A payload that an unfinished run has put in place, and whose size tells
// nothing, is put right by the next.
func TestMovedButNotFinished(t *testing.T) {
	first, second := content(t, tiny()), content(t, tinyLater())
	p, h := phone(first), newLinkHost(t)
	h.ends(t, p, 0)
	p.SetContent(fakedevice.Content{"": second})
	p.SetScript(fakedevice.Fault{Before: fakedevice.StepRemove, Do: fakedevice.Cut()})
	if _, err := h.backup(t, p); err == nil {
		t.Fatal("the cut run ended")
	}
	p.SetContent(fakedevice.Content{"": first})
	h.ends(t, p, 0)
	holds(t, filepath.Join(h.dir, udid), first)
}

func TestHostsBackupOfNoUse(t *testing.T) {
	s := content(t, tiny())
	path := func(h *linkHost, name string) string { return filepath.Join(h.dir, udid, name) }
	var some string // a payload
	for name := range s.Files {
		if len(name) == 43 && s.Files[name].Size > 0 {
			some = name
		}
	}
	spoil := map[string]func(h *linkHost) error{
		"Manifest.plist empty":   func(h *linkHost) error { return os.WriteFile(path(h, "Manifest.plist"), nil, 0o600) },
		"Manifest.db gone":       func(h *linkHost) error { return os.Remove(path(h, "Manifest.db")) },
		"payload gone":           func(h *linkHost) error { return os.Remove(path(h, some)) },
		"payload of other size":  func(h *linkHost) error { return os.WriteFile(path(h, some), []byte("x"), 0o600) },
		"Manifest.db of another": func(h *linkHost) error { return os.WriteFile(path(h, "Manifest.db"), []byte("x"), 0o600) },
	}
	for name, f := range spoil {
		for _, strict := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, strict %v", name, strict), func(t *testing.T) {
				p, h := phone(s), newLinkHost(t)
				p.Backup.Strict = strict
				h.ends(t, p, 0)
				if err := f(h); err != nil {
					t.Fatal(err)
				}
				if strict && name != "Manifest.db of another" {
					h.ends(t, p, 205)
					return
				}
				h.ends(t, p, 0)
				if !last(t, p).Full {
					t.Error("not a full run")
				}
				holds(t, filepath.Join(h.dir, udid), s)
			})
		}
	}
}

func TestFinalCodes(t *testing.T) {
	for name, test := range map[string]struct {
		fault fakedevice.Fault
		code  uint64
	}{
		"locked":          {fakedevice.Fault{Before: fakedevice.StepPrompt, Do: fakedevice.Respond(208, "Device locked")}, 208},
		"no version":      {fakedevice.Fault{Before: fakedevice.StepHello, Do: fakedevice.Respond(1, "")}, 1},
		"held snapshot":   {fakedevice.Fault{Before: fakedevice.StepResponse, Do: fakedevice.Respond(3, "Underlying error: 17")}, 3},
		"state uploading": {fakedevice.Fault{Before: fakedevice.StepManifests, Do: fakedevice.SnapshotState("uploading")}, 0},
		"file unreadable": {fakedevice.Fault{File: 3, Do: fakedevice.Break(0x0B, 50, "Operation not permitted")}, 104},
		"not there":       {fakedevice.Fault{File: 3, Do: fakedevice.Break(0x06, 0, "No such file or directory")}, 104},
	} {
		t.Run(name, func(t *testing.T) {
			p, h := phone(content(t, tiny()), test.fault), newLinkHost(t)
			h.ends(t, p, test.code)
		})
	}
	t.Run("no space", func(t *testing.T) {
		p, h := phone(content(t, tiny())), newLinkHost(t)
		h.free = 1000
		h.ends(t, p, 105)
	})
	t.Run("reset after the response", func(t *testing.T) {
		p, h := phone(content(t, tiny()), fakedevice.Fault{Before: fakedevice.StepEnd, Do: fakedevice.Reset()}), newLinkHost(t)
		// The response may be lost to the reset.
		if _, err := h.backup(t, p); err != nil && last(t, p).Code != 0 {
			t.Error(err)
		}
	})
}

// What a Script sends is answered, and the run goes on.
func TestScriptSends(t *testing.T) {
	const extra = udid + "/Snapshot/backup_manifest.db"
	at := func(s fakedevice.Step, do fakedevice.Action) fakedevice.Fault {
		return fakedevice.Fault{Before: s, Do: do}
	}
	s := content(t, tiny())
	called := false
	p, h := phone(s,
		at(fakedevice.StepSpace, fakedevice.Send("DLMessagePurgeDiskSpace", 1<<30, 0)),
		at(fakedevice.StepUpload, fakedevice.UploadFrames(extra, fakedevice.Frame(0x0B, []byte("No such file")))),
		at(fakedevice.StepUpload, fakedevice.Upload(udid+"/Snapshot/extra", []byte("extra"))),
		at(fakedevice.StepUpload, fakedevice.Download(udid+"/Snapshot/extra", "nowhere")),
		at(fakedevice.StepMove, fakedevice.Call(func() { called = true })),
		at(fakedevice.StepMove, fakedevice.Notify("com.apple.itunes-client.syncCancelRequest")),
		at(fakedevice.StepMove, fakedevice.Wait(time.Millisecond)),
		at(fakedevice.StepMove, fakedevice.Message(fakedevice.NestedPlist(1))),
	), newLinkHost(t)
	_, err := h.backup(t, p)
	if err == nil {
		t.Fatal("a message without a name did not end this host")
	}
	if !called {
		t.Error("Call did not call")
	}
	codes := map[string]int64{}
	for _, a := range last(t, p).Answers {
		codes[a.Message] = a.Code
		if a.Message == "DLMessageDownloadFiles" && a.Bytes != 5 {
			t.Errorf("%d bytes came, not 5", a.Bytes)
		}
	}
	want := map[string]int64{"DLMessagePurgeDiskSpace": -1, "DLMessageUploadFiles": 0, "DLMessageDownloadFiles": -13}
	for m, c := range want {
		if got, ok := codes[m]; !ok || got != c {
			t.Errorf("%s was answered %d (%v), not %d", m, got, ok, c)
		}
	}
	contains(t, fmt.Sprint(p.Events("notification_proxy")), "syncCancelRequest")
}

func TestStallEndsWithTheHost(t *testing.T) {
	p, h := phone(content(t, tiny()), fakedevice.Fault{File: 2, Do: fakedevice.Stall()}), newLinkHost(t)
	go func() {
		for !slices.Contains(p.Events(), fakedevice.Event{Source: "mobilebackup2", Text: "fault at file 2"}) {
			time.Sleep(time.Millisecond)
		}
		h.conn.Close()
	}()
	if _, err := h.backup(t, p); err == nil {
		t.Error("a stalled run ended well")
	}
	contains(t, fmt.Sprint(p.Events()), "the host hung up")
}

// The hostile property lists are what they are said to be.
func TestHostilePlists(t *testing.T) {
	if _, err := plist.Decode(fakedevice.NestedPlist(10)); err != nil {
		t.Errorf("ten levels: %v", err)
	}
	for name, data := range map[string][]byte{
		"nested": fakedevice.NestedPlist(1_000_000), "cyclic": fakedevice.CyclicPlist(), "manifold": fakedevice.ManifoldPlist(60),
	} {
		if _, err := plist.Decode(data); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
