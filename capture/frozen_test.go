package capture_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/usbmux"
)

// TestFrozenPhone: a run that is broken off ends within a second, whatever the phone
// and its daemon still hear, and however many farewells there are to be said.
func TestFrozenPhone(t *testing.T) {
	large := small(3)
	large.Files = append(large.Files, backuptest.File{Domain: "CameraRollDomain", Path: "Media/large", Content: make([]byte, 8<<20)})
	backup := func(ctx context.Context, b *bench, p *capture.Phone) error {
		_, err := p.Backup(ctx, b.backup)
		return err
	}
	dir := folder(t, "backup", large)
	restore := func(ctx context.Context, _ *bench, p *capture.Phone) error {
		_, err := p.Restore(ctx, capture.RestoreOptions{RestoreOptions: mobilebackup2.RestoreDefaults(false), Dir: dir})
		return err
	}
	for _, tt := range []struct {
		name string
		at   fakedevice.Fault
		run  func(context.Context, *bench, *capture.Phone) error
	}{
		{"at the passcode prompt", fakedevice.Fault{Before: fakedevice.StepPrompt}, backup},
		{"while files come", fakedevice.Fault{Byte: 2 << 20}, backup},
		{"before files go", fakedevice.Fault{Before: fakedevice.StepPayloads}, restore},
		{"while files go", fakedevice.Fault{Byte: 2 << 20}, restore},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Content: content(t, large), Rows: capturetest.Rows}})
			f := newFreezer(t, b.mux.Socket())
			addr, err := usbmux.ParseAddress(f.socket)
			if err != nil {
				t.Fatal(err)
			}
			b.opt.Mux = usbmux.New(addr, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var cancelled time.Time
			tt.at.Do = both(fakedevice.Call(func() {
				f.frozen.Store(true)
				time.AfterFunc(200*time.Millisecond, func() { // all buffers are full by then
					cancelled = time.Now()
					cancel()
				})
			}), fakedevice.Stall())
			b.phone.SetScript(tt.at)
			p, err := b.connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			err = tt.run(ctx, b, p)
			p.Close()
			ended := time.Now()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v; the phone saw %v", err, b.phone.Events())
			}
			if took := ended.Sub(cancelled); took > time.Second {
				t.Errorf("it ended after %v", took)
			}
		})
	}
}

// A freezer stands between a host and a phone's daemon.
type freezer struct {
	socket string
	frozen atomic.Bool // nothing passes any more, and nothing ends
	done   <-chan struct{}
}

func newFreezer(t *testing.T, socket string) *freezer {
	f := &freezer{socket: filepath.Join(t.TempDir(), "usbmuxd"), done: t.Context().Done()}
	l, err := net.Listen("unix", f.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			host, err := l.Accept()
			if err != nil {
				return
			}
			phone, err := net.Dial("unix", socket)
			if err != nil {
				host.Close()
				continue
			}
			go f.pass(host, phone)
			go f.pass(phone, host)
		}
	}()
	return f
}

func (f *freezer) pass(from, to net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if f.frozen.Load() {
			<-f.done
			return
		}
		if _, werr := to.Write(buf[:n]); errors.Join(err, werr) != nil {
			return
		}
	}
}
