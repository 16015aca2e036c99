package fs

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestSixteenReadersOfOneFile(t *testing.T) {
	for _, flag := range []string{"passthrough", "no-passthrough"} {
		t.Run(flag, func(t *testing.T) {
			host := t.TempDir()
			data := make([]byte, 9<<20+4321)
			rand.NewChaCha8(sha256.Sum256(nil)).Read(data)
			if err := os.WriteFile(filepath.Join(host, "video"), data, 0o600); err != nil {
				t.Fatal(err)
			}
			s := serve(t, "host", host, flag)
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() {
					f, err := os.Open(s.path("video"))
					if err != nil {
						t.Error(err)
						return
					}
					defer f.Close()
					if i%2 == 0 {
						if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, data) {
							t.Errorf("the whole: %d bytes, %v", len(b), err)
						}
						return
					}
					r := rand.New(rand.NewPCG(uint64(i), 0))
					buf := make([]byte, 300<<10)
					for range 100 {
						off := r.Int64N(int64(len(data)))
						p := buf[:r.IntN(len(buf))]
						n, err := f.ReadAt(p, off)
						want := data[off:min(off+int64(len(p)), int64(len(data)))]
						if err != nil && err != io.EOF || !bytes.Equal(p[:n], want) {
							t.Errorf("%d bytes at %d: %d, %v", len(p), off, n, err)
							return
						}
					}
				})
			}
			wg.Wait()
			if logged := s.logged(); logged != "" {
				t.Errorf("logged:\n%s", logged)
			}
		})
	}
}

func TestOpensAndClosesOfOneFileRace(t *testing.T) {
	host := t.TempDir()
	if err := os.WriteFile(filepath.Join(host, "photo"), []byte("jpeg"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "host", host)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 300 {
				if b, err := os.ReadFile(s.path("photo")); err != nil || string(b) != "jpeg" {
					t.Errorf("%q, %v", b, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Requests to read reach the process only where the kernel does not read the
// host file itself: then its content changes under the kernel's cache.
func TestPassthroughWhereAllowed(t *testing.T) {
	host := t.TempDir()
	name := filepath.Join(host, "f")
	if err := os.WriteFile(name, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{"passthrough": "secnd", "no-passthrough": "first"} {
		if err := os.WriteFile(name, []byte("first"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := serve(t, "host", host, flag)
		if flag == "passthrough" && !passthroughHere() {
			t.Log("not allowed here")
			want = "first"
		}
		f, err := os.Open(s.path("f"))
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		f.ReadAt(b, 0)
		if err := os.WriteFile(name, []byte("secnd"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadAt(b, 0); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v; want %q", flag, b, err, want)
		}
		f.Close()
	}
}

func TestSizeIsToldBeforeTheFirstRead(t *testing.T) {
	const exact = 48_000
	for _, name := range []string{"grows", "shrinks", "from nothing"} {
		s := serve(t, "sizes", "")
		before, err := os.Stat(s.path(name)) // the kernel keeps what it hears
		if err != nil || before.Size() == exact {
			t.Fatal(before, err)
		}
		f, err := os.Open(s.path(name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if b, err := io.ReadAll(f); err != nil || len(b) != exact {
			t.Errorf("%s: read %d bytes, %v", name, len(b), err)
		}
		if end, err := f.Seek(0, io.SeekEnd); err != nil || end != exact {
			t.Errorf("%s: ends at %d, %v", name, end, err)
		}
		if info, err := f.Stat(); err != nil || info.Size() != exact {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if b, err := os.ReadFile(s.path(name)); err != nil || len(b) != exact {
			t.Errorf("%s: a second time %d bytes, %v", name, len(b), err)
		}
		f.Close()
	}
}

// A backup that is written to while it is mounted.
func TestHostFileThatShrinks(t *testing.T) {
	for _, tree := range []string{"host", "copied"} {
		host := t.TempDir()
		name := filepath.Join(host, "f")
		if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 4<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		s := serve(t, tree, host, "no-passthrough")
		f, err := os.Open(s.path("f"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := os.Truncate(name, 1<<20+100); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if n, err := io.Copy(&got, f); !errors.Is(err, syscall.EIO) || strings.Trim(got.String(), "x") != "" {
			t.Errorf("%s: read %d bytes, %v", tree, n, err)
		}
		f.Close()
	}
}

// FC-27
func TestTooManyOpenFiles(t *testing.T) {
	host := t.TempDir()
	for i := range 1000 {
		if err := os.WriteFile(filepath.Join(host, manyName(i)), []byte(manyName(i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	needFUSE(t)
	s := serveLimited(t, 256, host)
	var open []*os.File
	refused := 0
	for i := range 1000 {
		f, err := os.Open(s.path(manyName(i)))
		switch {
		case err == nil:
			open = append(open, f)
		case errors.Is(err, syscall.EMFILE):
			refused++
		default:
			t.Fatal(err)
		}
	}
	t.Logf("%d open, %d refused", len(open), refused)
	if len(open) < 128 || refused == 0 {
		t.Errorf("%d open, %d refused", len(open), refused)
	}
	for _, f := range open {
		if b, err := io.ReadAll(f); err != nil || string(b) != filepath.Base(f.Name()) {
			t.Errorf("%s: %q, %v", f.Name(), b, err)
		}
	}
	s.sh("ls -l >/dev/null; stat . >/dev/null")
	for _, f := range open {
		f.Close()
	}
	waitFor(t, "a file can be opened again", func() bool {
		b, err := os.ReadFile(s.path(manyName(999)))
		return err == nil && string(b) == manyName(999)
	})
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within 5 s: ", what)
		}
	}
}

// A walk over many entries leaves nothing behind in the server.
func TestMemoryStaysFlat(t *testing.T) {
	s := serve(t, "many", "100000")
	rss := func() int {
		return atoi(t, s.sh(`awk '/^VmRSS/ {print $2}' /proc/`+itoa(s.cmd.Process.Pid)+`/status`))
	}
	s.sh("find . -name 'IMG_00000*' >/dev/null")
	before := rss()
	for range 2 {
		if got := s.sh("find . -size +1 | wc -l"); got != "99488" {
			t.Errorf("found %s", got)
		}
	}
	if after := rss(); after > before+16<<10 {
		t.Errorf("from %d KiB to %d KiB", before, after)
	}
}

func TestPartlyReadableFile(t *testing.T) {
	s := serve(t, "hostile", "")
	f, err := os.Open(s.path("half"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var good bytes.Buffer
	n, err := io.Copy(&good, f)
	if n != 512<<10 || !errors.Is(err, syscall.EIO) || strings.Trim(good.String(), "x") != "" {
		t.Errorf("read %d bytes, %v", n, err)
	}
}
