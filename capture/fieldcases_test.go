package capture_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
	"ibfs/capture/lockdown"
	"ibfs/capture/mobilebackup2"
)

// Final codes of runs and restores that only a restart of the phone helps against.
func TestRestartFC33FC35(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3)), Rows: capturetest.Rows}})
	dir := b.mustRun().Snapshot.Path
	for _, tt := range []struct {
		name, text string
		code       int64
		ask        func() error
		told       string
	}{
		{"FC-33", "Error creating snapshot. Underlying error: (NSPOSIXErrorDomain/17)", 3,
			func() error { _, err := b.run(t.Context()); return err }, "earlier attempt"},
		{"FC-35", "can't rename /var/mobile/Library/.backup.i", 102,
			func() error {
				_, err := b.restore(capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir})
				return err
			}, "earlier restore"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepList, Do: fakedevice.Respond(tt.code, tt.text)})
			err := tt.ask()
			var answer *mobilebackup2.Error
			if !errors.Is(err, mobilebackup2.ErrRestartPhone) || !errors.As(err, &answer) {
				t.Fatal(err)
			}
			if !strings.Contains(err.Error(), tt.told) || !strings.Contains(answer.Hint(), "restart the phone") {
				t.Errorf("%v; %s", err, answer.Hint())
			}
			if err := tt.ask(); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// FC-36: Trust is tapped late. The phone goes, comes back under another number, is
// paired, and backed up.
func TestLateTrustFC36(t *testing.T) {
	p := &fakedevice.Phone{UDID: udid, Faults: fakedevice.Faults{PairPending: 3}, Backup: fakedevice.Backup{Content: content(t, small(3))}}
	b := newBench(t, p)
	events := b.opt.Events
	var once sync.Once
	b.opt.Events = func(e capture.Event) {
		events(e)
		if e.Need == capture.NeedTrust {
			once.Do(func() {
				go func() {
					b.mux.Detach(p)
					time.Sleep(300 * time.Millisecond)
					b.mux.Attach(p)
				}()
			})
		}
	}
	b.mustRun()
	if !b.needed(capture.NeedTrust) {
		t.Error("nobody was told to tap Trust")
	}
}

// FC-37: once the phone has said how it ended, its going is of no account.
func TestGoneAfterItsAnswerFC37(t *testing.T) {
	for name, leave := range map[string]func(*bench) fakedevice.Action{
		"FC-37 reset":        func(*bench) fakedevice.Action { return fakedevice.Reset() },
		"FC-37 cable pulled": func(b *bench) fakedevice.Action { return fakedevice.Call(func() { b.mux.Detach(b.phone) }) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))}})
			b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepEnd, Do: leave(b)})
			if r := b.mustRun(); r.Snapshot.Verified != library.VerifiedAll {
				t.Errorf("%+v", r)
			}
		})
	}
}

// FC-42: backups of the hour that comes twice, and of one instant, have names of
// their own, in their order.
func TestSameHourFC42(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))}})
	if b.lib, err = library.Create(filepath.Join(t.TempDir(), "library"), library.Options{Location: berlin}); err != nil {
		t.Fatal(err)
	}
	b.backup.Library = b.lib
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	var want []string
	for _, at := range []time.Time{first, first.Add(time.Hour), first.Add(time.Hour)} {
		b.opt.Now = func() time.Time { return at }
		r := b.mustRun()
		if r.Way != library.Link && r.Way != library.Reflink && r.Way != library.Copy { // FC-41
			t.Errorf("the way %q", r.Way)
		}
		want = append(want, r.Snapshot.Name)
	}
	device, err := b.lib.Device(udid)
	if err != nil {
		t.Fatal(err)
	}
	all, err := device.Snapshots()
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	for i, s := range all {
		if s.Name != want[i] {
			t.Errorf("%d: %s, not %s", i, s.Name, want[i])
		}
	}
}

// A snapshot is named by this computer's clock, as a phone's may be wrong.
func TestPhoneClock(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC)
	for name, ahead := range map[string]time.Duration{"right": 0, "half an hour ahead": 30 * time.Minute, "years ahead": 73 * 365 * 24 * time.Hour, "behind": -40 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			sent := small(3)
			sent.Date = at.Add(ahead)
			b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, sent)}})
			b.opt.Now = func() time.Time { return at }
			if r := b.mustRun(); !r.Snapshot.Taken.Equal(at) || r.Snapshot.Name != at.Local().Format("2006-01-02_15-04-05") {
				t.Errorf("%s, taken %v", r.Snapshot.Name, r.Snapshot.Taken)
			}
		})
	}
}

// A tree that did not pass is not gone on from: the phone believes that it has sent
// all, and would not send the bad file again.
func TestBadTreeIsDiscarded(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(20)), Strict: true}})
	b.mustRun()
	before := b.published()
	b.phone.SetContent(content(t, small(20, 3)))
	b.phone.SetScript(fakedevice.Fault{Before: fakedevice.StepCheck, Do: badBlob})
	if _, err := b.run(t.Context()); !errors.Is(err, capture.ErrBadTree) {
		t.Fatalf("a bad file passes: %v", err)
	}
	if !maps.Equal(b.published(), before) {
		t.Error("what is published has changed")
	}
	if _, err := os.Stat(filepath.Join(b.lib.Dir(), udid, "incoming", udid)); !os.IsNotExist(err) {
		t.Errorf("the tree is still there: %v", err)
	}
	if r := b.mustRun(); r.Resumed || r.Files > 10 {
		t.Errorf("%+v", r)
	}
}

// A verification that was interrupted, or could not read, says nothing about the
// tree.
func TestUnprovedTreeStays(t *testing.T) {
	for name, c := range map[string]struct {
		before func(stop func()) error
		want   error
	}{
		"interrupted":         {func(stop func()) error { stop(); return nil }, context.Canceled},
		"too many open files": {func(func()) error { return syscall.EMFILE }, syscall.EMFILE},
		"a disk that ails":    {func(func()) error { return fmt.Errorf("read a blob: %w", syscall.EIO) }, syscall.EIO},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(20)), Strict: true}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			sound := b.backup.Verify
			b.backup.Verify = func(ctx context.Context, dir string, arrived func(os.FileMode) bool) (library.Verified, error) {
				if err := c.before(cancel); err != nil {
					return "", err
				}
				return sound(ctx, dir, arrived)
			}
			if _, err := b.run(ctx); !errors.Is(err, c.want) {
				t.Fatal(err)
			}
			var proved atomic.Int32
			b.backup.Verify = func(ctx context.Context, dir string, arrived func(os.FileMode) bool) (library.Verified, error) {
				return sound(ctx, dir, func(mode os.FileMode) bool {
					if !arrived(mode) {
						return false
					}
					proved.Add(1)
					return true
				})
			}
			if r := b.mustRun(); !r.Resumed || r.Files > 10 || proved.Load() < 20 {
				t.Errorf("%+v, %d blobs proved", r, proved.Load())
			}
		})
	}
}

// A phone that answers for another gets no backup of that one.
func TestAnswersForAnother(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(3))},
		Values: map[string]map[string]any{"": {"UniqueDeviceID": otherUDID}}})
	if _, err := b.run(t.Context()); !errors.Is(err, lockdown.ErrOtherPhone) {
		t.Errorf("error %v", err)
	}
	for _, of := range []string{udid, otherUDID} {
		if exists(filepath.Join(b.lib.Dir(), of)) {
			t.Errorf("the library has a folder of %s", of)
		}
	}
}

// Of two phones of one UDID one is backed up, and what there is of the other stays
// as it is.
func TestTwoOfOneUDID(t *testing.T) {
	first := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(5))}}
	second := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, small(5, 0, 1, 2))}}
	b := newBench(t, first)
	b.mux.Attach(second)
	b.mustRun()
	before := b.published()
	b.mux.Detach(first)
	if r, err := b.run(t.Context()); err == nil && !maps.Equal(state(t, r.Snapshot.Path).Files, second.Backup.Content[""].Files) {
		t.Error("a snapshot that is neither's")
	}
	after := b.published()
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s has changed", name)
		}
	}
}
