package devicelink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"strings"
	"testing"

	"ibfs/capture/devicelink/devicelinktest"
)

// FuzzServe says anything to the host. It ends, leaves no file half made, and
// says goodbye after an error, and nothing after an answer.
func FuzzServe(f *testing.F) {
	f.Add([]byte(one("DLContentsOfDirectory", "u")))
	f.Add([]byte(one("DLMessageMoveItems", map[string]any{"u/a": "u/b"}, 0, 1.5)))
	f.Add([]byte(one("DLMessageDownloadFiles", []any{"u/a", "u/none"}, 0, 1.5)))
	f.Add([]byte(one("DLMessagePurgeDiskSpace", int64(1<<40), 2)))
	f.Add([]byte(uploading(func(s *devicelinktest.Script) { s.File("u/a", "abc"); s.Names("x", "u/b"); s.Failed(6, "No such file") })))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, stream := opened(t, b)
		store := newMemory()
		store.files["u/a"] = "content"
		_, out, err := c.Serve(t.Context(), store, nil)
		open := 0
		for _, call := range store.calls {
			switch {
			case strings.HasPrefix(call, "create"):
				open++
			case strings.HasPrefix(call, "commit"), strings.HasPrefix(call, "discard"):
				open--
			}
		}
		if open != 0 {
			t.Errorf("%d files were left open", open)
		}
		s := stream.Said()
		goodbye := bytes.HasSuffix(s.Rest(), goodbyeMessage(t))
		if goodbye != (err != nil) {
			t.Errorf("error %v, and a goodbye: %v", err, goodbye)
		}
		if out.Percent < 0 || out.Percent > 100 || out.Received.Bytes < 0 || out.Sent.Bytes < 0 || (out.Failures == 0) != (out.Failure == nil) {
			t.Errorf("outcome %+v", out)
		}
	})
}

func goodbyeMessage(t *testing.T) []byte {
	t.Helper()
	var s devicelinktest.Script
	s.Message(disconnect, emptyParameter)
	return s
}

// FuzzUpload sends any bytes where files should be. What is kept is what a plain
// reading of the format gives, up to where it breaks.
func FuzzUpload(f *testing.F) {
	add := func(files func(*devicelinktest.Script)) {
		var s devicelinktest.Script
		files(&s)
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(1))
		f.Add([]byte(s), uint8(7))
	}
	add(func(s *devicelinktest.Script) { s.File("u/a", "abc", "", "def"); s.File("u/b"); s.EndFiles() })
	add(func(s *devicelinktest.Script) {
		s.Names("x", "u/a")
		s.Failed(6, "locked")
		s.File("u/b", "x")
		s.EndFiles()
	})
	add(func(s *devicelinktest.Script) {
		s.Names("x", "u/a")
		s.Data("abc")
		s.Failed(0x0B, "locked")
		s.EndFiles()
	})
	add(func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Data("abc"); s.Frame(nil); s.EndFiles() })
	add(func(s *devicelinktest.Script) { s.Names("x", ""); s.EndFiles() })
	f.Fuzz(func(t *testing.T, b []byte, step uint8) {
		var s devicelinktest.Script
		s.Upload(0, 1)
		c, stream := opened(t, append(s, b...))
		stream.Step = int(step)
		store := newMemory()
		_, _, err := c.Serve(t.Context(), store, nil)
		if err == nil && !bytes.Contains(b, []byte(processMessage)) {
			t.Error("it ended without an answer")
		}
		want, rest, sound := plainUpload(b)
		if sound && len(rest) > 0 {
			return // messages follow, which may change what is there
		}
		if !maps.Equal(store.files, want) {
			t.Errorf("kept %q, not %q (error %v)", store.files, want, err)
		}
		if !sound && !errors.Is(err, ErrProtocol) && !errors.Is(err, ErrClosed) {
			t.Errorf("error %v", err)
		}
	})
}

// plainUpload reads a file stream that is whole in memory.
func plainUpload(b []byte) (files map[string]string, rest []byte, sound bool) {
	files = map[string]string{}
	take := func() (field []byte, ok bool) {
		if len(b) < 4 {
			return nil, false
		}
		n := uint64(binary.BigEndian.Uint32(b))
		if n > uint64(len(b)-4) {
			return nil, false
		}
		field, b = b[4:4+n], b[4+n:]
		return field, true
	}
	for {
		name, ok := take()
		if !ok || len(name) > MaxName {
			return files, nil, false
		}
		if len(name) == 0 {
			return files, b, true
		}
		path, ok := take()
		if !ok || len(path) == 0 || len(path) > MaxName {
			return files, nil, false
		}
		content := ""
		for ended := false; !ended; {
			frame, ok := take()
			if !ok || len(frame) == 0 {
				return files, nil, false
			}
			switch frame[0] {
			case codeData:
				content += string(frame[1:])
			case codeEnd:
				files[string(path)] = content
				ended = true
			case codeLocalError, codeRemoteError:
				if content != "" {
					files[string(path)] = content
				}
				ended = true
			default:
				return files, nil, false
			}
		}
	}
}
