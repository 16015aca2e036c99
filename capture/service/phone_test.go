package service_test

import (
	"bytes"
	"context"
	"errors"
	iofs "io/fs"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/capture/fakedevice"
	"ibfs/capture/lockdown"
	"ibfs/capture/service"
	"ibfs/capture/usbmux"
)

// session pairs with a simulated phone and opens a session.
func session(t *testing.T, phone *fakedevice.Phone) *lockdown.Client {
	t.Helper()
	fake, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{phone}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fake.Close() })
	addr, err := usbmux.ParseAddress(fake.Socket())
	if err != nil {
		t.Fatal(err)
	}
	mux := usbmux.New(addr, nil)
	devices, err := mux.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatalf("devices are %v, %v", devices, err)
	}
	r, err := lockdown.Pair(t.Context(), mux, devices[0], lockdown.PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := lockdown.Open(t.Context(), mux, devices[0], lockdown.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.StartSession(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return c
}

func start(t *testing.T, c *lockdown.Client, name string) net.Conn {
	t.Helper()
	conn, err := c.Service(t.Context(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func events(phone *fakedevice.Phone, source string) (texts []string) {
	for _, e := range phone.Events(source) {
		texts = append(texts, e.Text)
	}
	return texts
}

func TestNotifications(t *testing.T) {
	phone := &fakedevice.Phone{}
	told := make(chan string, 8)
	n := service.NewNotifications(start(t, session(t, phone), service.NameNotifications), func(name string) { told <- name })
	if err := n.Observe(t.Context(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	if err := n.Post(t.Context(), "com.apple.itunes-mobdev.syncWillStart"); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for !slices.Contains(events(phone, "notification_proxy"), "post com.apple.itunes-mobdev.syncWillStart") {
		select {
		case <-deadline:
			t.Fatalf("the post did not arrive: %v", events(phone, "notification_proxy"))
		case <-time.After(10 * time.Millisecond):
		}
	}
	for _, name := range []string{"a", "c", "b"} {
		phone.Notify(name)
	}
	if a, b := <-told, <-told; a != "a" || b != "b" {
		t.Errorf("told %s, %s", a, b)
	}
	if n.Err() != nil {
		t.Errorf("ended early: %v", n.Err())
	}
	if err := n.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
	if !errors.Is(n.Err(), service.ErrProxyDied) {
		t.Errorf("ended with %v", n.Err())
	}
}

func TestNotificationProxyDies(t *testing.T) {
	phone := &fakedevice.Phone{Faults: fakedevice.Faults{ProxyDies: true}}
	n := service.NewNotifications(start(t, session(t, phone), service.NameNotifications), nil)
	<-n.Done()
	if err := n.Post(t.Context(), "x"); !errors.Is(err, service.ErrProxyDied) {
		t.Errorf("a post: %v", err)
	}
}

func TestAFC(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789"), 20_000) // some pieces
	phone := &fakedevice.Phone{Media: map[string][]byte{"/Books/large": large, "/empty": {}}}
	ctx := t.Context()
	a := service.NewAFC(start(t, session(t, phone), service.NameAFC))
	for path, want := range map[string][]byte{"/Books/large": large, "/empty": nil} {
		if got, err := a.ReadFile(ctx, path, len(large)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", path, len(got), err)
		}
	}
	if _, err := a.ReadFile(ctx, "/Books/large", len(large)-1); err == nil {
		t.Error("a file above the limit is read")
	}
	if _, err := a.ReadFile(ctx, "/missing", 1); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := a.Remove(ctx, "/Books/large\x00x"); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("a path with NUL: %v", err)
	}
	const dir, file = "/iTunesRestore", "/iTunesRestore/RestoreApplications.plist"
	if err := errors.Join(a.Mkdir(ctx, dir), a.WriteFile(ctx, file, large), a.WriteFile(ctx, file, large[:70_000])); err != nil {
		t.Fatal(err)
	}
	if got, err := a.ReadFile(ctx, file, len(large)); err != nil || !bytes.Equal(got, large[:70_000]) {
		t.Errorf("what was written is %d bytes, %v", len(got), err)
	}
	if err := errors.Join(a.Remove(ctx, file), a.Remove(ctx, dir)); err != nil {
		t.Error(err)
	}
	if err := a.Remove(ctx, file); !errors.Is(err, iofs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestSyncLock(t *testing.T) {
	const path = "/com.apple.itunes.lock_sync"
	for name, c := range map[string]struct {
		faults   fakedevice.Faults
		patience time.Duration
		want     error
	}{
		"free":              {fakedevice.Faults{}, 0, nil},
		"busy, then free":   {fakedevice.Faults{LockBusy: 2}, 10 * time.Second, nil},
		"busy without end":  {fakedevice.Faults{LockBusy: -1}, 300 * time.Millisecond, service.ErrWouldBlock},
		"may not be opened": {fakedevice.Faults{LockDenied: true}, 0, iofs.ErrPermission},
		"busy, not patient": {fakedevice.Faults{LockBusy: -1}, 0, service.ErrWouldBlock},
	} {
		t.Run(name, func(t *testing.T) {
			phone := &fakedevice.Phone{Faults: c.faults}
			a := service.NewAFC(start(t, session(t, phone), service.NameAFC))
			f, err := a.Open(t.Context(), path, service.AFCUpdate)
			if err == nil {
				err = f.Lock(t.Context(), c.patience)
			}
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				return
			}
			if err := errors.Join(f.Unlock(t.Context()), f.Close(t.Context())); err != nil {
				t.Error(err)
			}
			if got := events(phone, "afc"); got[len(got)-2] != "unlock "+path {
				t.Errorf("events: %v", got)
			}
		})
	}
}

func TestAppsAndIcons(t *testing.T) {
	phone := &fakedevice.Phone{Apps: []fakedevice.App{
		{ID: "com.example.a", SINF: []byte{1}, Meta: []byte{2}, Icon: []byte("\x89PNG")},
		{ID: "com.example.b"},
	}}
	c := session(t, phone)
	apps, err := service.Apps(t.Context(), start(t, c, service.NameInstallation), "CFBundleIdentifier", "ApplicationSINF", "iTunesMetadata")
	if err != nil || len(apps) != 2 {
		t.Fatalf("apps are %v, %v", apps, err)
	}
	want := map[string]any{"CFBundleIdentifier": "com.example.a", "ApplicationSINF": []byte{1}, "iTunesMetadata": []byte{2}}
	if !reflect.DeepEqual(map[string]any(apps[0]), want) || len(apps[1]) != 1 {
		t.Errorf("apps are %v", apps)
	}
	conn := start(t, c, service.NameSpringboard)
	for id, want := range map[string]string{"com.example.a": "\x89PNG", "com.example.b": "", "com.example.c": ""} {
		png, err := service.Icon(t.Context(), conn, id)
		if string(png) != want || (want == "") != errors.Is(err, service.ErrNoIcon) {
			t.Errorf("%s: %q, %v", id, png, err)
		}
	}
}

func TestAppsFail(t *testing.T) {
	phone := &fakedevice.Phone{Faults: fakedevice.Faults{BrowseFails: true}}
	_, err := service.Apps(t.Context(), start(t, session(t, phone), service.NameInstallation))
	if err == nil || !strings.Contains(err.Error(), "APIInternalError") {
		t.Errorf("got %v", err)
	}
}

func TestHasPasscode(t *testing.T) {
	for _, none := range []bool{false, true} {
		phone := &fakedevice.Phone{NoPasscode: none}
		set, err := service.HasPasscode(t.Context(), start(t, session(t, phone), service.NameDiagnostics))
		if err != nil || set == none {
			t.Errorf("without a passcode %t: %t, %v", none, set, err)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	phone := &fakedevice.Phone{HeartbeatInterval: 10 * time.Millisecond}
	conn := start(t, session(t, phone), service.NameHeartbeat)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- service.Heartbeat(ctx, conn) }()
	for len(events(phone, "heartbeat")) < 3 {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
