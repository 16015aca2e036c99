package devicelink

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"ibfs/capture/devicelink/bplist"
	"ibfs/capture/devicelink/devicelinktest"
)

// opened is a connection on which a script is about to be served, and the stream.
func opened(t testing.TB, s devicelinktest.Script) (*Conn, *devicelinktest.Conn) {
	t.Helper()
	var whole devicelinktest.Script
	whole.Open()
	stream := &devicelinktest.Conn{Script: append(whole, s...)}
	c, err := Open(t.Context(), stream, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c, stream
}

// said is what the host said after the opening.
func said(t *testing.T, stream *devicelinktest.Conn) *devicelinktest.Said {
	t.Helper()
	s := stream.Said()
	if _, err := s.Message(); err != nil {
		t.Fatal(err)
	}
	return s
}

func one(entries ...any) (s devicelinktest.Script) {
	s.Message(entries...)
	s.Final(0, "")
	return s
}

// TestAnswers sends each message of capture-protocol 3.3 that no file follows, and
// looks at what is done and answered.
func TestAnswers(t *testing.T) {
	none := map[string]any{}
	for _, test := range []struct {
		name    string
		message []any
		code    int64
		text    string
		payload any
		done    string
	}{
		{"free space", []any{"DLMessageGetFreeDiskSpace"}, 0, emptyParameter, int64(123_456_789_012), ""},
		{"purge", []any{"DLMessagePurgeDiskSpace", int64(1 << 40), 2}, -1, "nothing can be freed", int64(0), ""},
		{"purge without a number", []any{"DLMessagePurgeDiskSpace"}, -1, "nothing can be freed", int64(0), ""},
		{"listing of what is not there", []any{"DLContentsOfDirectory", "u/none"}, 0, emptyParameter, none, ""},
		{"listing of the root", []any{"DLContentsOfDirectory", ""}, 0, emptyParameter, none, ""},
		{"listing of no path", []any{"DLContentsOfDirectory", 7}, -1, "refused", none, ""},
		{"listing of a broken disk", []any{"DLContentsOfDirectory", "eio"}, -11, syscall.EIO.Error(), none, ""},
		{"create", []any{"DLMessageCreateDirectory", "u/Snapshot", none, 0.0}, 0, emptyParameter, none, "mkdir u/Snapshot"},
		{"create nothing", []any{"DLMessageCreateDirectory"}, -1, "refused", none, ""},
		{"create over a file", []any{"DLMessageCreateDirectory", "notdir", none, 0.0}, -8, syscall.ENOTDIR.Error(), none, "mkdir notdir"},
		{"move", []any{"DLMessageMoveItems", map[string]any{"u/a": "u/b"}, none, 50.0}, 0, emptyParameter, none, "move u/a u/b"},
		{"move, older", []any{"DLMessageMoveFiles", map[string]any{"u/a": "u/b"}, none, 50.0}, 0, emptyParameter, none, "move u/a u/b"},
		{"move what is not there", []any{"DLMessageMoveItems", map[string]any{"u/x": "u/b"}, none, 50.0}, -6, syscall.ENOENT.Error(), none, ""},
		{"move on after an error", []any{"DLMessageMoveItems", map[string]any{"u/0": "u/c", "u/a": "u/b"}, none, 50.0}, -6, syscall.ENOENT.Error(), none, "move u/a u/b"},
		{"move an array", []any{"DLMessageMoveItems", []any{"u/a"}, none, 50.0}, -1, "refused", none, ""},
		{"move to a number", []any{"DLMessageMoveItems", map[string]any{"u/a": 1}, none, 50.0}, -1, "refused", none, ""},
		{"remove", []any{"DLMessageRemoveItems", []any{"u/a", "u/none"}, none, 50.0}, 0, emptyParameter, none, "remove u/a; remove u/none"},
		{"remove, older", []any{"DLMessageRemoveFiles", []any{"u/a"}, none, 50.0}, 0, emptyParameter, none, "remove u/a"},
		{"remove a dictionary", []any{"DLMessageRemoveItems", none, none, 50.0}, -1, "refused", none, ""},
		{"remove on after an error", []any{"DLMessageRemoveItems", []any{"eio", "u/a"}, none, 50.0}, -11, syscall.EIO.Error(), none, "remove eio; remove u/a"},
		{"copy", []any{"DLMessageCopyItem", "u/a", "u/b", none, 0.0}, 0, emptyParameter, none, "copy u/a u/b"},
		{"copy to nowhere", []any{"DLMessageCopyItem", "u/a"}, -1, "refused", none, ""},
		{"copy a loop", []any{"DLMessageCopyItem", "loop", "u/b"}, -10, syscall.ELOOP.Error(), none, "copy loop u/b"},
		{"unknown", []any{"DLMessageMakeCoffee", 1, 2}, -1, "not supported", none, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, stream := opened(t, one(test.message...))
			store := newMemory()
			store.files["u/a"] = "content"
			store.fails = map[string]error{"eio": fmt.Errorf("read: %w", syscall.EIO), "notdir": syscall.ENOTDIR, "loop": syscall.ELOOP}
			answer, _, err := c.Serve(t.Context(), store, nil)
			if err != nil {
				t.Fatal(err)
			}
			if code, ok := answer.Get("ErrorCode").Int(); !ok || code != 0 {
				t.Errorf("final code %d (%v)", code, ok)
			}
			s := said(t, stream)
			m, err := s.Message()
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != 0 {
				t.Errorf("%d more bytes were said", s.Len())
			}
			checkStatus(t, m, test.code, test.text, test.payload)
			if done := strings.Join(store.calls, "; "); done != test.done {
				t.Errorf("done: %q, not %q", done, test.done)
			}
		})
	}
}

func checkStatus(t *testing.T, m bplist.Value, code int64, text string, payload any) {
	t.Helper()
	if name, _ := m.Index(0).Text(100); name != "DLMessageStatusResponse" {
		t.Errorf("answer is %q", name)
	}
	if got, ok := m.Index(1).Int(); !ok || got != code {
		t.Errorf("code %d (%v), not %d", got, ok, code)
	}
	if got, _ := m.Index(2).Text(1000); got != text {
		t.Errorf("text %q, not %q", got, text)
	}
	if got := read(m.Index(3)); !reflect.DeepEqual(got, payload) {
		t.Errorf("payload %#v, not %#v", got, payload)
	}
}

// read is a payload as plain values; dates are left out.
func read(v bplist.Value) any {
	if s, ok := v.Text(MaxName); ok {
		return s
	}
	if n, ok := v.Int(); ok {
		return n
	}
	entries, _, ok := v.Dict()
	if !ok {
		return nil
	}
	dict := map[string]any{}
	for k, e := range entries {
		key, _ := k.Text(MaxName)
		if value := read(e); value != nil {
			dict[key] = value
		}
	}
	return dict
}

func TestListing(t *testing.T) {
	c, stream := opened(t, one("DLContentsOfDirectory", "u"))
	store := newMemory()
	store.files = map[string]string{"u/a": "abc", "u/empty": "", "u/ø": "x", "v/other": ""}
	if _, _, err := c.Serve(t.Context(), store, nil); err != nil {
		t.Fatal(err)
	}
	m, err := said(t, stream).Message()
	if err != nil {
		t.Fatal(err)
	}
	file := func(n int) map[string]any {
		return map[string]any{"DLFileType": "DLFileTypeRegular", "DLFileSize": int64(n)}
	}
	checkStatus(t, m, 0, emptyParameter, map[string]any{
		"a": file(3), "empty": file(0), "ø": file(1),
		"folder": map[string]any{"DLFileType": "DLFileTypeDirectory", "DLFileSize": int64(0)},
	})
}

// TestProgress shows the highest percentage, whatever the phone says (ping-pong).
func TestProgress(t *testing.T) {
	var s devicelinktest.Script
	for _, p := range []float64{85, 65, -1, math.NaN(), math.Inf(1), 1e9} {
		s.Message("DLMessageRemoveItems", []any{}, 0, p)
	}
	s.Message("DLMessageRemoveItems", []any{}, 0, "text")
	s.Final(0, "")
	c, _ := opened(t, s)
	var got []string
	_, out, err := c.Serve(t.Context(), newMemory(), func(p Progress) { got = append(got, fmt.Sprint(p.Raw, "→", p.Percent)) })
	if err != nil {
		t.Fatal(err)
	}
	want := "[0→0 85→85 65→85 -1→85 -1→85 -1→85 1e+09→100 1e+09→100 1e+09→100]"
	if fmt.Sprint(got) != want {
		t.Errorf("progress %v, not %s", got, want)
	}
	if out.Phase != Finished || out.Percent != 100 {
		t.Errorf("outcome %+v", out)
	}
}

// TestEnds has every way in which a run ends without an answer.
func TestEnds(t *testing.T) {
	script := func(build func(*devicelinktest.Script)) (s devicelinktest.Script) { build(&s); return s }
	for name, test := range map[string]struct {
		script devicelinktest.Script
		want   error
	}{
		"closed":             {nil, ErrClosed},
		"disconnect":         {one(disconnect, emptyParameter), ErrClosed},
		"length of 2^32-1":   {devicelinktest.Script{0xFF, 0xFF, 0xFF, 0xFF}, ErrProtocol},
		"length above most":  {devicelinktest.Script{0x10, 0, 0, 1}, ErrProtocol},
		"length that lies":   {devicelinktest.Script{0x0F, 0xFF, 0xFF, 0xFF, 1, 2, 3}, ErrClosed},
		"empty message":      {devicelinktest.Script{0, 0, 0, 0}, ErrProtocol},
		"no property list":   {script(func(s *devicelinktest.Script) { s.Frame([]byte("GET / HTTP/1.1")) }), ErrProtocol},
		"no array":           {script(func(s *devicelinktest.Script) { s.Frame(bplist.Encode("DLMessageDeviceReady")) }), ErrProtocol},
		"no name":            {one(7, "x"), ErrProtocol},
		"empty array":        {one(), ErrProtocol},
		"name of a megabyte": {one(strings.Repeat("x", 1<<20)), ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			c, stream := opened(t, test.script)
			_, _, err := c.Serve(t.Context(), newMemory(), nil)
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, not %v", err, test.want)
			}
			checkGoodbye(t, said(t, stream))
		})
	}
}

// checkGoodbye checks that what is left of what the host said is a disconnect.
func checkGoodbye(t *testing.T, s *devicelinktest.Said) {
	t.Helper()
	m, err := s.Message()
	if err != nil {
		t.Fatal(err)
	}
	name, _ := m.Index(0).Text(100)
	argument, _ := m.Index(1).Text(100)
	if name != disconnect || argument != emptyParameter || s.Len() != 0 {
		t.Errorf("the host ended with %q %q and %d bytes", name, argument, s.Len())
	}
}

// TestMillions serves messages of as many entries as there may be in one, and one
// more, and a listing of a million.
func TestMillions(t *testing.T) {
	if testing.Short() {
		t.Skip("TestMillions: takes seconds")
	}
	entries := func(n int) devicelinktest.Script {
		var e bplist.Encoder
		path := e.String("u/x")
		refs := make([]bplist.Ref, n)
		for i := range refs {
			refs[i] = path
		}
		var s devicelinktest.Script
		s.Frame(e.Finish(e.Array(e.String("DLMessageRemoveItems"), e.Array(refs...))))
		s.Final(0, "")
		return s
	}
	counting := &counter{memory: newMemory()}
	c, _ := opened(t, entries(bplist.MaxEntries))
	if _, out, err := c.Serve(t.Context(), counting, nil); err != nil || out.Failures != 0 || counting.removed != bplist.MaxEntries {
		t.Errorf("%d removed, %d failures, error %v", counting.removed, out.Failures, err)
	}
	c, _ = opened(t, entries(bplist.MaxEntries+1))
	if _, out, err := c.Serve(t.Context(), counting, nil); err != nil || out.Failures != 1 || !errors.Is(out.Failure, ErrRefused) {
		t.Errorf("one too many: failures %d (%v), error %v", out.Failures, out.Failure, err)
	}
	store := newMemory()
	store.many = 1_000_000
	c, stream := opened(t, one("DLContentsOfDirectory", "u"))
	if _, _, err := c.Serve(t.Context(), store, nil); err != nil {
		t.Fatal(err)
	}
	m, err := said(t, stream).Message()
	if err != nil {
		t.Fatal(err)
	}
	if _, n, ok := m.Index(3).Dict(); !ok || n != 1_000_001 {
		t.Errorf("%d entries listed (%v)", n, ok)
	}
}

// counter counts removals, and does not remember them.
type counter struct {
	*memory
	removed int
}

func (c *counter) Remove(context.Context, string) error { c.removed++; return nil }
