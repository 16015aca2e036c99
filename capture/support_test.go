package capture_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ibfs/backupfmt"
	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/capturetest"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
	"ibfs/capture/usbmux"
)

// password is that of encrypted content.
const password = "a backup's password"

// content is what a phone holds, by password.
func content(t testing.TB, b backuptest.Backup, passwords ...string) fakedevice.Content {
	t.Helper()
	c := fakedevice.Content{}
	for _, pw := range append(passwords, "") {
		b.Password = pw
		dir := filepath.Join(t.TempDir(), "content")
		if err := backuptest.Write(dir, b); err != nil {
			t.Fatal(err)
		}
		s, err := fakedevice.ReadState(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		c[pw] = s
	}
	return c
}

// small is a backup of n small files, of which those at the places changed have
// other content.
func small(n int, changed ...int) backuptest.Backup {
	b := backuptest.Backup{UDID: udid}
	for i := range n {
		b.Files = append(b.Files, backuptest.File{
			Domain: "HomeDomain", Path: fmt.Sprintf("Library/%03d/%05d", i/100, i), Content: fmt.Appendf(nil, "file %d\n%s", i, strings.Repeat("x", i%997)),
		})
	}
	for _, i := range changed {
		b.Files[i].Content = fmt.Appendf(nil, "file %d has changed", i)
	}
	return b
}

const udid = "00008110-000A1C2E3F40801E"

// A bench is a phone on a cable, and a library.
type bench struct {
	t      testing.TB
	mux    *fakedevice.Mux
	phone  *fakedevice.Phone
	lib    *library.Library
	opt    capture.Options
	backup capture.BackupOptions

	mu     sync.Mutex
	events []capture.Event // guarded by mu
}

func newBench(t testing.TB, p *fakedevice.Phone) *bench {
	t.Helper()
	mux, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{p}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mux.Close() })
	return newBenchOn(t, mux, p)
}

// newBenchOn is a bench of a phone that is connected already.
func newBenchOn(t testing.TB, mux *fakedevice.Mux, p *fakedevice.Phone) *bench {
	t.Helper()
	b := &bench{t: t, mux: mux, phone: p}
	var err error
	if b.lib, err = library.Create(filepath.Join(t.TempDir(), "library"), library.Options{}); err != nil {
		t.Fatal(err)
	}
	addr, err := usbmux.ParseAddress(b.mux.Socket())
	if err != nil {
		t.Fatal(err)
	}
	b.opt = capture.Options{Mux: usbmux.New(addr, nil), Wait: 20 * time.Second, Events: func(e capture.Event) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, e)
	}}
	b.backup = capture.BackupOptions{Library: b.lib, Verify: verify, Reserve: 1}
	return b
}

// verify proves a backup by our own reader.
func verify(ctx context.Context, dir string, arrived func(iofs.FileMode) bool) (library.Verified, error) {
	b, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", capture.ErrBadTree, err)
	}
	if err != nil {
		return "", err
	}
	defer b.Close()
	if err := capturetest.Unlock(ctx, b, password); err != nil {
		return "", err
	}
	report, err := b.Verify(ctx, backupfmt.VerifyOptions{Whole: arrived})
	if err == nil && len(report.Findings) > 0 {
		err = fmt.Errorf("%w: %d files, the first %v", capture.ErrBadTree, len(report.Findings), report.Findings[0])
	}
	return library.VerifiedAll, err
}

// connect is a session with the bench's phone.
func (b *bench) connect(ctx context.Context) (*capture.Phone, error) {
	devices, err := b.opt.Mux.Devices(ctx)
	if err != nil {
		return nil, err
	}
	if len(devices) != 1 {
		return nil, fmt.Errorf("%d devices", len(devices))
	}
	return capture.Connect(ctx, devices[0], b.opt)
}

// run takes a backup.
func (b *bench) run(ctx context.Context) (capture.Report, error) {
	p, err := b.connect(ctx)
	if err != nil {
		return capture.Report{}, err
	}
	defer p.Close()
	return p.Backup(ctx, b.backup)
}

func (b *bench) mustRun() capture.Report {
	b.t.Helper()
	r, err := b.run(b.t.Context())
	if err != nil {
		b.t.Fatalf("backup: %v; the phone saw %v", err, b.phone.Events())
	}
	return r
}

// needed says whether an event told of a need.
func (b *bench) needed(n capture.Need) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Need == n {
			return true
		}
	}
	return false
}

// published are the hashes of all files of all snapshots, by path. A record is part
// of what is published when its snapshot is there.
func (b *bench) published() map[string]string {
	b.t.Helper()
	dir := filepath.Join(b.lib.Dir(), udid, "snapshots")
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d iofs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if filepath.Dir(name) == dir && !exists(strings.TrimSuffix(name, ".json")) {
			return nil
		}
		data, err := os.ReadFile(name)
		sums[name[len(dir):]] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	return sums
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
