package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// aMount is a Handler that opens "bag" with "secret".
type aMount struct {
	mu     sync.Mutex
	locked bool
	slow   bool
	backup []Backup
}

func (m *aMount) Status(ctx context.Context) (Status, error) {
	if m.slow {
		<-ctx.Done()
		return Status{}, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{Mountpoint: "/mnt", PID: os.Getpid(), Backups: m.backup}
	for i := range s.Backups {
		s.Backups[i].Locked = m.locked
	}
	return s, nil
}

func (m *aMount) Unlock(_ context.Context, keybag string, secret []byte) ([]string, error) {
	switch {
	case keybag != "bag":
		return nil, ErrUnknownKeybag
	case string(secret) != "secret":
		return nil, fmt.Errorf("open Anna's iPhone: %w", ErrWrongSecret)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = false
	return []string{"Anna's iPhone"}, nil
}

// run serves a mount in a folder of the test.
func run(t *testing.T, h Handler, mountpoint string) (folders []string, s *Server) {
	t.Helper()
	folders = []string{filepath.Join(t.TempDir(), "ibfs")}
	s, err := Serve(folders, mountpoint, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if left, err := os.ReadDir(folders[0]); len(left) > 0 {
			t.Errorf("Close left %v, %v", left, err)
		}
	})
	return folders, s
}

func connect(t *testing.T, folders []string, mountpoint string) *Client {
	t.Helper()
	c, err := Dial(t.Context(), folders, mountpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAskAndUnlock(t *testing.T) {
	m := &aMount{locked: true, backup: []Backup{{Name: "Anna's iPhone", Path: "/b\n\u2028", Keybag: "bag"}}}
	folders, _ := run(t, m, "/mnt")
	c := connect(t, folders, "/mnt/") // the same mountpoint, less tidy

	before, err := c.Status(t.Context())
	if err != nil || !before.Backups[0].Locked || before.Backups[0].Path != "/b\n\u2028" || before.PID != os.Getpid() {
		t.Fatalf("Status() = %+v, %v", before, err)
	}
	tests := []struct {
		name, keybag, secret, text string
		err                        error
	}{
		{"other keybag", "other", "secret", ErrUnknownKeybag.Error(), ErrUnknownKeybag},
		{"other secret", "bag", "no", "open Anna's iPhone: " + ErrWrongSecret.Error(), ErrWrongSecret},
		{"too long a secret", "bag", strings.Repeat("x", maxRequest), "too long", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, folders, "/mnt")
			_, err := c.Unlock(t.Context(), tt.keybag, []byte(tt.secret))
			if err == nil || tt.err != nil && !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Unlock() = %v, want %v with %q", err, tt.err, tt.text)
			}
		})
	}
	opened, err := c.Unlock(t.Context(), "bag", []byte("secret"))
	if err != nil || !reflect.DeepEqual(opened, []string{"Anna's iPhone"}) {
		t.Fatalf("Unlock() = %q, %v", opened, err)
	}
	after, err := c.Status(t.Context())
	if err != nil || after.Backups[0].Locked {
		t.Errorf("Status() after Unlock = %+v, %v", after, err)
	}
}

func TestLargeStatus(t *testing.T) {
	m := &aMount{backup: make([]Backup, 10000)}
	for i := range m.backup {
		m.backup[i] = Backup{Name: strings.Repeat("n", 200), Path: strings.Repeat("/p", 100)}
	}
	folders, _ := run(t, m, "/mnt")
	if got, err := connect(t, folders, "/mnt").Status(t.Context()); err != nil || len(got.Backups) != len(m.backup) {
		t.Errorf("%d backups, %v; want %d", len(got.Backups), err, len(m.backup))
	}
}

func TestDialAndServeTwice(t *testing.T) {
	folders, s := run(t, &aMount{}, "/mnt")
	if _, err := Dial(t.Context(), folders, "/other"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Dial() of another mountpoint = %v", err)
	}
	// A second mount is refused also when it would use another folder.
	for _, f := range [][]string{folders, {t.TempDir(), folders[0]}} {
		if _, err := Serve(f, "/mnt", &aMount{}, nil); !errors.Is(err, ErrRunning) {
			t.Errorf("second Serve() = %v, want %v", err, ErrRunning)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), folders, "/mnt"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Dial() after Close = %v", err)
	}
}

func TestWaitEndsWithTheMount(t *testing.T) {
	folders, s := run(t, &aMount{}, "/mnt")
	c := connect(t, folders, "/mnt")
	if _, err := c.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() { waited <- c.Wait(t.Context()) }()
	select {
	case err := <-waited:
		t.Fatalf("Wait() = %v before the end", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Errorf("Wait() = %v", err)
	}
}

func TestClientEndsWithContext(t *testing.T) {
	folders, _ := run(t, &aMount{slow: true}, "/mnt")
	for name, do := range map[string]func(context.Context, *Client) error{
		"status": func(ctx context.Context, c *Client) error { _, err := c.Status(ctx); return err },
		"wait":   func(ctx context.Context, c *Client) error { return c.Wait(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, folders, "/mnt")
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			start := time.Now()
			if err := do(ctx, c); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	}
}

// kill leaves the socket behind, as kill -9 does.
func kill(t *testing.T, s *Server) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.socket.listener.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStaleSocket(t *testing.T) {
	for _, name := range []string{"is replaced by the next mount", "is removed by a list"} {
		t.Run(name, func(t *testing.T) {
			folders, dead := run(t, &aMount{}, "/mnt")
			kill(t, dead)
			if _, err := Dial(t.Context(), folders, "/mnt"); !errors.Is(err, ErrNotRunning) {
				t.Fatalf("Dial() = %v", err)
			}
			if strings.Contains(name, "list") {
				if got, err := List(t.Context(), folders); len(got) > 0 || err != nil {
					t.Errorf("List() = %v, %v", got, err)
				}
				if left, _ := os.ReadDir(folders[0]); len(left) > 0 {
					t.Errorf("List() left %v", left)
				}
				return
			}
			next, err := Serve(folders, "/mnt", &aMount{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer next.Close()
			if _, err := connect(t, folders, "/mnt").Status(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCloseLeavesTheSocketOfAnother(t *testing.T) {
	folders, first := run(t, &aMount{}, "/mnt")
	if err := os.Remove(filepath.Join(folders[0], socketOf("/mnt"))); err != nil {
		t.Fatal(err)
	}
	second, err := Serve(folders, "/mnt", &aMount{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := connect(t, folders, "/mnt").Status(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoSocketStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ibfs")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, socketOf("/mnt"))
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Serve([]string{dir}, "/mnt", &aMount{}, nil); !errors.Is(err, errNoFolder) || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("Serve() = %v", err)
	}
	if _, err := List(t.Context(), []string{dir}); err == nil {
		t.Error("List() says nothing of it")
	}
	if got, err := os.ReadFile(path); string(got) != "precious" {
		t.Errorf("the file is %q, %v", got, err)
	}
}

func TestFolderAndSocketAreForTheUserAlone(t *testing.T) {
	parent := t.TempDir()
	wide := filepath.Join(parent, "wide")
	if err := os.Mkdir(wide, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(wide, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink(wide, link); err != nil {
		t.Fatal(err)
	}
	s, err := Serve([]string{link, "/proc/none", wide}, "/mnt", &aMount{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for path, want := range map[string]os.FileMode{wide: 0o700, filepath.Join(wide, socketOf("/mnt")): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", path, info.Mode(), err, want)
		}
	}
}

func TestSocketInALongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 60))
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no /proc, no way round the limit")
	}
	s, err := Serve([]string{dir}, "/mnt", &aMount{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, []string{dir}, "/mnt").Status(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("Close left %v", left)
	}
}

func TestSocketIsMadeAgain(t *testing.T) {
	session, home := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "state")
	folders := []string{filepath.Join(session, "ibfs"), home}
	if err := os.Mkdir(session, 0o700); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := serve(folders, "/mnt", &aMount{}, slog.New(slog.NewTextHandler(&log, nil)), 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	// The session ends, and nobody can make its folder again.
	if err := os.RemoveAll(session); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(session, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(10 * time.Second)
	for {
		c, err := Dial(t.Context(), folders, "/mnt")
		if err == nil {
			if _, err := c.Status(t.Context()); err != nil {
				t.Error(err)
			}
			c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no socket comes back: %v\n%s", err, log.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseWhileTheSocketIsMadeAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ibfs")
	for range 50 {
		s, err := serve([]string{dir}, "/mnt", &aMount{}, nil, time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		os.RemoveAll(dir)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Fatalf("Close left %v", left)
		}
	}
}

func TestList(t *testing.T) {
	one, _ := run(t, &aMount{}, "/mnt")
	two, _ := run(t, &aMount{}, "/other")
	folders := append(append(one, two...), filepath.Join(t.TempDir(), "none"))
	if err := os.WriteFile(filepath.Join(one[0], "README"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := List(t.Context(), folders)
	if err != nil || len(got) != 2 {
		t.Errorf("List() = %+v, %v; want two", got, err)
	}
	os.Remove(filepath.Join(one[0], "README"))
}
