package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestManyConnections(t *testing.T) {
	folders, _ := run(t, &aMount{}, "/mnt")
	var idle []*Client
	for range 3 * maxConns { // more than there is room for; the rest is closed
		idle = append(idle, connect(t, folders, "/mnt"))
	}
	for _, c := range idle {
		c.Close()
	}
	var answered sync.WaitGroup
	for range maxConns / 2 {
		answered.Go(func() {
			for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				c, err := Dial(t.Context(), folders, "/mnt")
				if err == nil {
					_, err = c.Status(t.Context())
					c.Close()
				}
				if err == nil {
					return
				}
				if time.Now().After(end) {
					t.Error(err)
					return
				}
			}
		})
	}
	answered.Wait()
}

// exchange writes bytes to a server's connection and reads what comes back.
func exchange(t testing.TB, folders []string, in []byte) []byte {
	t.Helper()
	c, err := net.Dial("unix", filepath.Join(folders[0], socketOf("/mnt")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	go func() {
		c.Write(in)
		c.(*net.UnixConn).CloseWrite()
	}()
	out, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return out
}

func TestHostileRequests(t *testing.T) {
	folders, _ := run(t, &aMount{}, "/mnt")
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"no JSON", "hello\n", `{"error":"malformed message on the control socket: no JSON of that shape"}` + "\n"},
		{"wrong type", `{"op":1}` + "\n", `{"error":"malformed message on the control socket: no JSON of that shape"}` + "\n"},
		{"secret that is no base64", `{"op":"unlock","secret":"$$$"}` + "\n", `{"error":"malformed message on the control socket: no JSON of that shape"}` + "\n"},
		{"of a later version", `{"op":"dance","with":"me"}` + "\n", `{"error":"` + errUnsupported.Error() + `","kind":"unsupported"}` + "\n"},
		{"two requests", `{"op":"x"}` + "\n" + `{"op":"unlock"}` + "\n", `{"error":"` + errUnsupported.Error() + `","kind":"unsupported"}` + "\n" +
			`{"error":"` + ErrUnknownKeybag.Error() + `","kind":"unknown keybag"}` + "\n"},
		{"no end of line", strings.Repeat("x", 2*maxRequest), `{"error":"malformed message on the control socket: too long"}` + "\n"},
		{"deep", strings.Repeat("[", maxRequest-10) + "\n", `{"error":"malformed message on the control socket: no JSON of that shape"}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(exchange(t, folders, []byte(tt.in))); got != tt.want {
				t.Errorf("the answer is %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := connect(t, folders, "/mnt").Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// reply sends a client what a server would not.
func TestHostileReplies(t *testing.T) {
	tests := []struct{ name, in string }{
		{"nothing", ""},
		{"no JSON", "x\n"},
		{"no status", "{}\n"},
		{"without end", strings.Repeat("x", maxReply+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l, err := net.Listen("unix", filepath.Join(dir, socketOf("/mnt")))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				bufio.NewReader(c).ReadString('\n')
				io.WriteString(c, tt.in)
			}()
			if got, err := connect(t, []string{dir}, "/mnt").Status(t.Context()); err == nil {
				t.Errorf("Status() = %+v, want an error", got)
			}
		})
	}
}

func TestPeer(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range pair {
		if uid, err := peerUID(fd); err != nil || uid != os.Geteuid() {
			t.Errorf("peerUID() = %d, %v; want %d", uid, err, os.Geteuid())
		}
		unix.Close(fd)
	}
}

func FuzzRequests(f *testing.F) {
	f.Add([]byte(`{"op":"status"}` + "\n"))
	f.Add([]byte(`{"op":"unlock","keybag":"bag","secret":"c2VjcmV0"}` + "\n" + `{"op":"status"}` + "\n"))
	f.Add([]byte(`{"op":"unlock","keybag":"bag","secret":"eA=="}` + "\n{}\n"))
	f.Add([]byte("{\"op\":\"wait\"}\n\x00"))
	folders := []string{f.TempDir()}
	s, err := Serve(folders, "/mnt", &aMount{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Fuzz(func(t *testing.T, in []byte) {
		out := exchange(t, folders, in)
		replies := bytes.SplitAfter(out, []byte("\n"))
		if last := replies[len(replies)-1]; len(last) > 0 {
			t.Fatalf("the last reply %q has no end", last)
		}
		if n := len(replies) - 1; n > bytes.Count(in, []byte("\n"))+1 {
			t.Fatalf("%d replies to %q", n, in)
		}
		for _, line := range replies[:len(replies)-1] {
			var r reply
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatalf("reply %q: %v", line, err)
			}
			if r.Error == "" && r.Status == nil && r.Opened == nil {
				t.Fatalf("reply %q says nothing", line)
			}
		}
	})
}
