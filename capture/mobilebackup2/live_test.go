package mobilebackup2

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"ibfs/capture/devicelink/devicelinktest"
)

// live connects a host to a phone over loopback, with TLS or without. The phone
// runs in a goroutine of its own.
func live(t testing.TB, secure bool, phone func(net.Conn)) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	config := certificate(t)
	go func() {
		defer close(done)
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if secure {
			conn = tls.Server(conn, config)
		}
		phone(conn)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-done })
	if secure {
		return tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	return conn
}

func certificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestCancel ends the context at every kind of moment: the call returns within a
// second, and the phone is told wherever it listens.
func TestCancel(t *testing.T) {
	endless := func(conn net.Conn) {
		data := devicelinktest.Script{}
		for range 64 {
			data.Data(strings.Repeat("x", 32<<10))
		}
		for {
			if _, err := conn.Write(data); err != nil {
				return
			}
		}
	}
	for name, test := range map[string]struct {
		play  func(*devicelinktest.Script) // after Hello, before the context ends
		after func(net.Conn)               // meanwhile and after
		deaf  bool                         // the phone reads nothing more
	}{
		"waiting for the passcode": {play: func(s *devicelinktest.Script) {}},
		"between messages":         {play: func(s *devicelinktest.Script) { s.Message("DLMessageGetFreeDiskSpace") }},
		"inside a message":         {play: func(s *devicelinktest.Script) { s.Raw(0, 0, 1, 0, 'b') }},
		"inside a name":            {play: func(s *devicelinktest.Script) { s.Upload(0, 1); s.Raw(0, 0, 1, 0, 'b') }},
		"inside a file": {play: func(s *devicelinktest.Script) {
			s.Upload(0, 1)
			s.Names("x", udid+"/x")
			s.Raw(0, 0, 1, 0, 0x0C)
		}},
		"while a file comes": {play: func(s *devicelinktest.Script) { s.Upload(0, 1); s.Names("x", udid+"/x") }, after: endless},
		"while files go": {play: func(s *devicelinktest.Script) {
			var paths []any
			for range 100_000 {
				paths = append(paths, udid+"/Large")
			}
			s.Message("DLMessageDownloadFiles", paths, map[string]any{}, 0.0)
		}},
		"while files go to a phone that takes none": {play: func(s *devicelinktest.Script) {
			var paths []any
			for range 1000 {
				paths = append(paths, udid+"/Large")
			}
			s.Message("DLMessageDownloadFiles", paths, map[string]any{}, 0.0)
		}, deaf: true},
	} {
		for _, secure := range []bool{false, true} {
			t.Run(name+map[bool]string{true: "/tls", false: "/bare"}[secure], func(t *testing.T) {
				t.Parallel()
				told := make(chan bool, 1)
				release := make(chan struct{})
				conn := live(t, secure, func(conn net.Conn) {
					var s devicelinktest.Script
					s.Open()
					s.Hello()
					test.play(&s)
					if _, err := conn.Write(s); err != nil {
						t.Error(err)
					}
					if test.deaf {
						<-release
						told <- true
						return
					}
					if test.after != nil {
						go test.after(conn)
					}
					told <- endsWith(conn, "DLMessageDisconnect")
				})
				dir, tree := workingTree(t)
				finishedBackup(t, dir)
				write(t, dir+"/"+udid+"/Large", strings.Repeat("x", 1<<20))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				client, err := Start(ctx, conn, Options{})
				if err != nil {
					t.Fatal(err)
				}
				var ended time.Time
				time.AfterFunc(300*time.Millisecond, func() { ended = time.Now(); cancel() })
				_, err = client.Backup(ctx, udid, tree, BackupOptions{})
				if took := time.Since(ended); took > time.Second {
					t.Errorf("it took %v", took)
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
				close(release)
				if !<-told {
					t.Error("the phone was not told")
				}
			})
		}
	}
}

// endsWith reads a stream to its end, and tells whether what comes last has a word.
func endsWith(r io.Reader, word string) bool {
	var last []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		last = append(last, buf[:n]...)
		last = last[max(0, len(last)-1000):]
		if err != nil {
			return bytes.Contains(last, []byte(word))
		}
	}
}

// TestPhoneResetsAtTheEnd is FC-37: what the phone does after its final answer is of
// no account.
func TestPhoneResetsAtTheEnd(t *testing.T) {
	conn := live(t, false, func(conn net.Conn) {
		s := fullRun(map[string]string{"a": "hello"})
		if _, err := conn.Write(s); err != nil {
			t.Error(err)
		}
		// The answers that the host has yet to give meet a closed link.
		buf := make([]byte, 4096)
		for range 20 {
			conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := conn.Read(buf); err != nil {
				break
			}
		}
		conn.(*net.TCPConn).SetLinger(0)
	})
	_, tree := workingTree(t)
	client, err := Start(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Backup(t.Context(), udid, tree, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	client.Close()
}
