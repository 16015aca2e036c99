package capturetest

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Socket listens on a unix socket until the test ends, and gives its path. Each
// connection is served by a goroutine, and closed when serve returns.
func Socket(t testing.TB, serve func(net.Conn)) (path string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "socket") //nolint:usetesting // t.TempDir is too long for a socket on macOS
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return path
}
