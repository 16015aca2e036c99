package service

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ibfs/capture/plist"
)

// scripted is a connection to a peer that reads all and says what is given, then
// closes.
func scripted(t *testing.T, says []byte) net.Conn {
	t.Helper()
	host, phone := net.Pipe()
	t.Cleanup(func() { host.Close() })
	go io.Copy(io.Discard, phone)
	go func() {
		phone.Write(says)
		phone.Close()
	}()
	return host
}

func frames(t *testing.T, messages ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, m := range messages {
		body, err := plist.XML(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := plist.WriteFrame(&b, body); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func word(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func TestAFCHostileAnswers(t *testing.T) {
	data := appendAFC(nil, 1, afcData, nil, []byte("st_size\x001\x00"))
	lying := func(whole, this uint64) []byte {
		b := bytes.Clone(data)
		binary.LittleEndian.PutUint64(b[8:], whole)
		binary.LittleEndian.PutUint64(b[16:], this)
		return b
	}
	for name, c := range map[string]struct {
		says []byte
		want error
	}{
		"sound":               {data, nil},
		"another number":      {appendAFC(nil, 2, afcData, nil, nil), ErrProtocol},
		"another magic":       {append([]byte("CFA6LPAB"), data[8:]...), ErrProtocol},
		"another operation":   {appendAFC(nil, 1, afcFileOpened, word(1), nil), ErrProtocol},
		"done without data":   {appendAFC(nil, 1, afcStatus, word(0), nil), ErrProtocol},
		"a status of 4 bytes": {appendAFC(nil, 1, afcStatus, []byte{8, 0, 0, 0}, nil), ErrProtocol},
		"an unknown status":   {appendAFC(nil, 1, afcStatus, word(1<<63), nil), AFCError(1 << 63)},
		"length 0":            {lying(0, 0), ErrProtocol},
		"length 39":           {lying(39, 39), ErrProtocol},
		"fixed above all":     {lying(40, 48), ErrProtocol},
		"length 2^64-1":       {lying(1<<64-1, 40), ErrProtocol},
		"length 2 MiB":        {lying(2<<20, 40), ErrProtocol},
		"past the end":        {lying(1<<20, 40), io.ErrUnexpectedEOF},
		"cut in its header":   {data[:20], io.ErrUnexpectedEOF},
		"nothing":             {nil, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			a := NewAFC(scripted(t, c.says))
			f := &AFCFile{a, "/x", word(7)}
			got, err := f.read(t.Context())
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %q, %v", got, err)
			}
			if errors.Is(err, ErrProtocol) {
				if err := a.Mkdir(t.Context(), "/x"); !errors.Is(err, ErrProtocol) {
					t.Errorf("a conversation out of step goes on: %v", err)
				}
			}
		})
	}
}

func TestAFCOpenWithoutHandle(t *testing.T) {
	a := NewAFC(scripted(t, appendAFC(nil, 1, afcFileOpened, []byte{1}, nil)))
	if _, err := a.Open(t.Context(), "/x", AFCRead); !errors.Is(err, ErrProtocol) {
		t.Errorf("got %v", err)
	}
}

func TestAFCReadGivesMoreThanAsked(t *testing.T) {
	says := appendAFC(nil, 1, afcFileOpened, word(7), nil)
	says = appendAFC(says, 2, afcData, nil, make([]byte, afcPiece+1))
	says = appendAFC(says, 3, afcStatus, word(0), nil)
	if _, err := NewAFC(scripted(t, says)).ReadFile(t.Context(), "/x", 1<<30); !errors.Is(err, ErrProtocol) {
		t.Errorf("got %v", err)
	}
}

func TestHostileMessages(t *testing.T) {
	deep := "<plist>" + strings.Repeat("<array>", 100_000)
	long := binary.BigEndian.AppendUint32(nil, 1<<31)
	endless := bytes.Repeat(frames(t, map[string]any{"Status": "BrowsingApplications"}), maxAppsAnswers+1)
	apps := func(ctx context.Context, conn net.Conn) error { _, err := Apps(ctx, conn); return err }
	icon := func(ctx context.Context, conn net.Conn) error { _, err := Icon(ctx, conn, "x"); return err }
	for name, c := range map[string]struct {
		call func(context.Context, net.Conn) error
		says []byte
		want error
	}{
		"apps without end":         {apps, endless, ErrProtocol},
		"apps that are too much":   {apps, append(frames(t, map[string]any{"CurrentList": []any{}}), binary.BigEndian.AppendUint32(nil, maxAppsBytes)...), plist.ErrFrame},
		"apps of wrong types":      {apps, frames(t, map[string]any{"CurrentList": []any{"x", 1}, "Status": "Complete"}), nil},
		"apps cut short":           {apps, frames(t, map[string]any{"CurrentList": []any{}}), io.EOF},
		"an icon of 2 GiB":         {icon, long, plist.ErrFrame},
		"an icon in an array":      {icon, frames(t, []any{}), ErrProtocol},
		"an icon as text":          {icon, frames(t, map[string]any{"pngData": "x"}), ErrNoIcon},
		"a message without bottom": {icon, append(binary.BigEndian.AppendUint32(nil, uint32(len(deep))), deep...), ErrProtocol},
		"a heartbeat of no type":   {Heartbeat, frames(t, map[string]any{"Command": 1}, map[string]any{"Command": "SleepyTime"}), io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.call(t.Context(), scripted(t, c.says)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What cannot be told is a passcode that will be asked for.
func TestHasPasscodeWhenItIsNotTold(t *testing.T) {
	gestalt := func(v any) any {
		return map[string]any{"Status": "Success", "Diagnostics": map[string]any{"MobileGestalt": v}}
	}
	for name, says := range map[string][]byte{
		"refused":    frames(t, gestalt(map[string]any{"Status": "MobileGestaltDeprecated"})),
		"wrong type": frames(t, gestalt(map[string]any{"PasswordConfigured": "no"})),
		"an error":   frames(t, map[string]any{"Error": "x"}),
		"nothing":    nil,
	} {
		if set, err := HasPasscode(t.Context(), scripted(t, says)); !set || err == nil {
			t.Errorf("%s: %t, %v", name, set, err)
		}
	}
}

// TestNotificationsHangingTold: who is told and does not return keeps no run from its end.
func TestNotificationsHangingTold(t *testing.T) {
	relay := frames(t, map[string]any{"Command": "RelayNotification", "Name": "x"})
	called := make(chan struct{})
	n := NewNotifications(scripted(t, relay), func(string) {
		close(called)
		<-t.Context().Done()
	})
	<-called
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_ = n.Close(ctx) // there is nobody to hear it
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestNotificationsHostile(t *testing.T) {
	for name, c := range map[string]struct {
		says []byte
		want error
	}{
		"too long":   {binary.BigEndian.AppendUint32(nil, maxMessage+1), plist.ErrFrame},
		"no list":    {append([]byte{0, 0, 0, 1}, 'x'), ErrProtocol},
		"cut":        {frames(t, map[string]any{"Command": "ProxyDeath"})[:30], io.ErrUnexpectedEOF},
		"wrong type": {frames(t, map[string]any{"Command": 1}, map[string]any{"Command": "RelayNotification", "Name": 1}), io.EOF},
	} {
		n := NewNotifications(scripted(t, c.says), func(string) {})
		<-n.Done()
		if !errors.Is(n.Err(), c.want) {
			t.Errorf("%s: %v", name, n.Err())
		}
	}
}

func TestContextEndsCalls(t *testing.T) {
	for name, call := range map[string]func(context.Context, net.Conn) error{
		"AFC":       func(ctx context.Context, conn net.Conn) error { return NewAFC(conn).Mkdir(ctx, "/x") },
		"apps":      func(ctx context.Context, conn net.Conn) error { _, err := Apps(ctx, conn); return err },
		"heartbeat": Heartbeat,
		"post": func(ctx context.Context, conn net.Conn) error {
			defer conn.Close()
			return NewNotifications(conn, nil).Post(ctx, "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			host, phone := net.Pipe() // which nobody reads
			defer phone.Close()
			defer host.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := call(ctx, host); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// FuzzReadAFC holds that what is read is what was said, and that it is written the
// same again.
func FuzzReadAFC(f *testing.F) {
	f.Add(appendAFC(nil, 1, afcStatus, word(8), nil))
	f.Add(appendAFC(nil, 2, afcData, nil, []byte("st_size\x001\x00")))
	f.Add(appendAFC(nil, 1<<63, afcFileOpened, word(1), []byte{1}))
	f.Fuzz(func(t *testing.T, b []byte) {
		number, op, body, err := readAFC(iotest.HalfReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		fixed := binary.LittleEndian.Uint64(b[16:]) - afcHeader
		if again := appendAFC(nil, number, op, body[:fixed], body[fixed:]); !bytes.HasPrefix(b, again) {
			t.Fatalf("%x was read, and written as %x", b, again)
		}
	})
}

func TestHeartbeatIntervalThatLies(t *testing.T) {
	host, phone := net.Pipe()
	defer host.Close()
	ended := make(chan error)
	go func() { ended <- Heartbeat(t.Context(), host) }()
	for _, interval := range []any{-1 << 40, 1 << 62, "x"} {
		phone.Write(frames(t, map[string]any{"Command": "Marco", "Interval": interval}))
		body, err := plist.ReadFrame(phone, maxMessage)
		if err != nil || !bytes.Contains(body, []byte("Polo")) {
			t.Errorf("interval %v: %s, %v", interval, body, err)
		}
	}
	phone.Close()
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
}
