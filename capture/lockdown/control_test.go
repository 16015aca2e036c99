package lockdown

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"ibfs/capture/deadline"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

// replay is a connection whose other end says what is given, whatever it is asked.
type replay struct {
	net.Conn
	in io.Reader
}

func (r replay) Read(b []byte) (int, error)  { return r.in.Read(b) }
func (r replay) Write(b []byte) (int, error) { return len(b), nil }
func (r replay) SetDeadline(time.Time) error { return nil }
func (r replay) Close() error                { return nil }

func replaying(b []byte) *control {
	return &control{conn: replay{in: bytes.NewReader(b)}, log: slog.New(slog.DiscardHandler)}
}

func frame(t testing.TB, message any) []byte {
	t.Helper()
	body, err := plist.XML(message)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := plist.WriteFrame(&b, body); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAskHostileAnswers(t *testing.T) {
	answer := func(more map[string]any) []byte {
		m := map[string]any{"Request": "GetValue"}
		for k, v := range more {
			m[k] = v
		}
		return frame(t, m)
	}
	control := "<plist><dict><key>Request</key><string>GetValue</string><key>Value</key><string>a\x01b</string></dict></plist>"
	deep := "<plist>" + strings.Repeat("<dict><key>a</key>", 100_000)
	loop := "bplist00\xA1\x00\x08" + strings.Repeat("\x00", 6) + "\x01\x01" + strings.Repeat("\x00", 7) + "\x01" + strings.Repeat("\x00", 15) + "\x0a"
	framed := func(s string) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...) }
	for name, c := range map[string]struct {
		says  []byte
		want  error
		stays bool // in step, so that it can be asked again
	}{
		"sound":               {answer(map[string]any{"Value": 1}), nil, true},
		"control bytes":       {framed(control), nil, true},
		"an error":            {answer(map[string]any{"Error": "MissingValue"}), ErrNoValue, true},
		"an unknown error":    {answer(map[string]any{"Error": strings.Repeat("x", 1000)}), &Error{}, true},
		"an old failure":      {answer(map[string]any{"Result": "Failure"}), &Error{}, true},
		"another's answer":    {frame(t, map[string]any{"Request": "Pair"}), ErrProtocol, false},
		"an error of no type": {frame(t, map[string]any{"Request": 1, "Error": 1}), ErrProtocol, false},
		"an array":            {frame(t, []any{}), ErrProtocol, false},
		"no list":             {framed("hello"), ErrProtocol, false},
		"without bottom":      {framed(deep), ErrProtocol, false},
		"a list in itself":    {framed(loop), ErrProtocol, false},
		"length 0":            {framed(""), ErrProtocol, false},
		"length 2^32-1":       {[]byte("\xff\xff\xff\xff"), plist.ErrFrame, false},
		"past the end":        {binary.BigEndian.AppendUint32(nil, maxReply), io.ErrUnexpectedEOF, false},
		"nothing":             {nil, io.EOF, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctl := replaying(c.says)
			_, err := ctl.ask(t.Context(), "GetValue", nil)
			var answered *Error
			if _, any := c.want.(*Error); any {
				if !errors.As(err, &answered) || len(answered.Code) > 64 {
					t.Errorf("got %v", err)
				}
			} else if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("got %v", err)
			}
			if ctl.broken == c.stays {
				t.Errorf("broken is %t", ctl.broken)
			}
		})
	}
	whole := answer(nil)
	for n := range whole {
		if _, err := replaying(whole[:n]).ask(t.Context(), "GetValue", nil); !deadline.Gone(err) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for code, want := range kinds {
		if err := error(newError("X", code)); !errors.Is(err, want) || !isCode(err, "A", code) || isCode(err, "A") {
			t.Errorf("%s is %v", code, err)
		}
	}
}

func TestAskEnds(t *testing.T) {
	host, phone := net.Pipe() // which nobody reads
	defer phone.Close()
	ctl := &control{conn: host, log: slog.New(slog.DiscardHandler), session: "S"}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := ctl.ask(ctx, "GetValue", nil); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, deadline.ErrSilent) {
		t.Errorf("got %v", err)
	}
	begin := time.Now()
	ctl.close(t.Context())
	if took := time.Since(begin); took > 500*time.Millisecond {
		t.Errorf("to close what is broken took %v", took)
	}
}

// TestTurnEnds: who waits for another's conversation goes when its context ends.
func TestTurnEnds(t *testing.T) {
	c := &Client{opts: Options{}.withDefaults(), turn: make(chan struct{}, 1)}
	if err := c.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"value":     func(ctx context.Context) error { _, err := c.Value(ctx, "", "DeviceName"); return err },
		"set value": func(ctx context.Context) error { return c.SetValue(ctx, "", "DeviceName", "x") },
		"session":   func(ctx context.Context) error { return c.StartSession(ctx, &usbmux.PairRecord{}) },
		"service":   func(ctx context.Context) error { _, err := c.Service(ctx, "com.apple.afc", false); return err },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
}

// FuzzAsk holds that an answer is taken only when it is one, without an error.
func FuzzAsk(f *testing.F) {
	f.Add(frame(f, map[string]any{"Request": "GetValue", "Value": "x"}))
	f.Add(frame(f, map[string]any{"Request": "GetValue", "Error": "MissingValue"}))
	f.Add([]byte("\x00\x00\x00\x08bplist00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		reply, err := replaying(b).ask(t.Context(), "GetValue", nil)
		if err == nil && (reply.String("Request") != "GetValue" || reply.String("Error") != "") {
			t.Fatalf("%v is taken for an answer", reply)
		}
	})
}
