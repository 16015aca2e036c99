package devicelink

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ibfs/capture/devicelink/devicelinktest"
)

// uploading is a script of one batch of files.
func uploading(files func(*devicelinktest.Script)) devicelinktest.Script {
	var s devicelinktest.Script
	s.Upload(1, 100)
	files(&s)
	s.EndFiles()
	s.Final(0, "")
	return s
}

func TestUpload(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 100_000)
	for _, test := range []struct {
		name     string
		files    func(*devicelinktest.Script)
		want     string // path=length, sorted
		calls    string
		code     int64
		warnings string
	}{
		{"none", func(*devicelinktest.Script) {}, "", "", 0, ""},
		{"one", func(s *devicelinktest.Script) { s.File("u/a", "abc") }, "u/a=3", "create u/a; commit u/a", 0, ""},
		{"empty", func(s *devicelinktest.Script) { s.File("u/a") }, "u/a=0", "create u/a; commit u/a", 0, ""},
		{"empty frame", func(s *devicelinktest.Script) { s.File("u/a", "", "x", "") }, "u/a=1", "create u/a; commit u/a", 0, ""},
		{"frame of a megabyte", func(s *devicelinktest.Script) { s.File("u/a", large, "x") }, "u/a=1600001", "create u/a; commit u/a", 0, ""},
		{"end with a payload", func(s *devicelinktest.Script) {
			s.Names("x", "u/a")
			s.Data("ab")
			s.Frame([]byte{codeEnd, 1, 2, 3})
			s.File("u/b", "x")
		}, "u/a=2 u/b=1", "create u/a; commit u/a; create u/b; commit u/b", 0, ""},
		{"0x0B without data", func(s *devicelinktest.Script) {
			s.Names("x", "u/old")
			s.Failed(codeRemoteError, "No such file")
			s.File("u/b", "x")
		}, "u/b=1", "create u/b; commit u/b", 0, "u/old false No such file"},
		{"0x06 without data", func(s *devicelinktest.Script) {
			s.Names("x", "u/old")
			s.Failed(codeLocalError, "No such file")
			s.File("u/b", "x")
		}, "u/b=1", "create u/b; commit u/b", 0, "u/old false No such file"},
		{"0x06 after data", func(s *devicelinktest.Script) {
			s.Names("x", "u/a")
			s.Data("abc")
			s.Failed(codeLocalError, "locked")
		}, "u/a=3", "create u/a; commit u/a", 0, "u/a true locked"},
		{"0x0B after data", func(s *devicelinktest.Script) {
			s.Names("x", "u/a")
			s.Data("abc")
			s.Failed(codeRemoteError, "locked")
		}, "u/a=3", "create u/a; commit u/a", 0, "u/a true locked"},
		{"error text of a megabyte", func(s *devicelinktest.Script) {
			s.Names("x", "u/a")
			s.Failed(codeRemoteError, strings.Repeat("é", 1<<19))
		}, "", "", 0, "u/a false " + strings.Repeat("é", maxText/2)},
		{"the error of every run of iOS 17", func(s *devicelinktest.Script) {
			s.Names("/var/.backup/backup_manifest.db", "u/a")
			s.Failed(codeLocalError, "No such file")
		}, "", "", 0, ""},
		{"refused path is drained", func(s *devicelinktest.Script) {
			s.File("refused", "abc", "def")
			s.File("u/b", "x")
		}, "u/b=1", "create u/b; commit u/b", -1, ""},
		{"refused large file is drained", func(s *devicelinktest.Script) {
			s.File("refused", large)
			s.File("u/b", "x")
		}, "u/b=1", "create u/b; commit u/b", -1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, stream := opened(t, uploading(test.files))
			store := newMemory()
			store.fails["refused"] = fmt.Errorf("%w: outside", ErrRefused)
			_, out, err := c.Serve(t.Context(), store, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := sizes(store.files); got != test.want {
				t.Errorf("files %q, not %q", got, test.want)
			}
			if got := strings.Join(store.calls, "; "); got != test.calls {
				t.Errorf("calls %q, not %q", got, test.calls)
			}
			m, err := said(t, stream).Message()
			if err != nil {
				t.Fatal(err)
			}
			checkStatus(t, m, test.code, text(map[bool]error{true: ErrRefused}[test.code != 0]), map[string]any{})
			warnings := ""
			for _, w := range out.Warnings {
				warnings += fmt.Sprint(w.Path, " ", w.Kept, " ", w.Text)
			}
			if warnings != test.warnings {
				t.Errorf("warnings %.200q, not %.200q", warnings, test.warnings)
			}
			if failed := test.code != 0; failed != (out.Failures == 1) || failed != errors.Is(out.Failure, ErrRefused) {
				t.Errorf("%d failures (%v)", out.Failures, out.Failure)
			}
			kept := Count{Files: len(store.files)}
			for _, content := range store.files {
				kept.Bytes += int64(len(content))
			}
			if refused := out.Received.Bytes - kept.Bytes; out.Received.Files != kept.Files || (refused > 0) != (test.code != 0) || out.Sent != (Count{}) {
				t.Errorf("%+v kept, %+v received, %+v sent", kept, out.Received, out.Sent)
			}
		})
	}
}

func sizes(files map[string]string) string {
	var all []string
	for _, path := range sorted(files) {
		all = append(all, fmt.Sprintf("%s=%d", path, len(files[path])))
	}
	return strings.Join(all, " ")
}

// TestDiskFull goes on reading when nothing can be written, and tells the phone.
func TestDiskFull(t *testing.T) {
	c, stream := opened(t, uploading(func(s *devicelinktest.Script) {
		s.File("u/a", strings.Repeat("x", 3*parcelSize))
		s.File("u/b", "x")
	}))
	store := newMemory()
	store.full = true
	_, out, err := c.Serve(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := said(t, stream).Message()
	if err != nil {
		t.Fatal(err)
	}
	checkStatus(t, m, -15, syscall.ENOSPC.Error(), map[string]any{})
	if out.Failures != 2 || !errors.Is(out.Failure, syscall.ENOSPC) || len(store.files) != 0 {
		t.Errorf("%d failures (%v), files %v", out.Failures, out.Failure, store.files)
	}
	if got, want := strings.Join(store.calls, "; "), "create u/a; discard u/a; create u/b; discard u/b"; got != want {
		t.Errorf("calls %q, not %q", got, want)
	}
}

// TestUploadBroken has every way in which a file stream cannot be followed.
func TestUploadBroken(t *testing.T) {
	for name, test := range map[string]struct {
		files func(*devicelinktest.Script)
		want  error
	}{
		"frame of length 0":     {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Frame(nil) }, ErrProtocol},
		"unknown code":          {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Frame([]byte{0x0D, 1}) }, ErrProtocol},
		"name of 4097 bytes":    {func(s *devicelinktest.Script) { s.Names(strings.Repeat("x", 4097), "u/a") }, ErrProtocol},
		"path of 4097 bytes":    {func(s *devicelinktest.Script) { s.Names("x", strings.Repeat("x", 4097)) }, ErrProtocol},
		"name of 1315905651":    {func(s *devicelinktest.Script) { s.Raw([]byte("No such file")...) }, ErrProtocol},
		"no path":               {func(s *devicelinktest.Script) { s.Names("x", ""); s.End() }, ErrProtocol},
		"message in between":    {func(s *devicelinktest.Script) { s.Message("DLMessageGetFreeDiskSpace") }, ErrProtocol},
		"frame that never ends": {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Raw(0xFF, 0xFF, 0xFF, 0xFF, codeData, 1) }, ErrClosed},
		"error that never ends": {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Raw(0xFF, 0xFF, 0xFF, 0xFF, codeLocalError, 1) }, ErrClosed},
		"end that never ends":   {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Raw(0xFF, 0xFF, 0xFF, 0xFF, codeEnd, 1) }, ErrClosed},
		"error with a long text": {func(s *devicelinktest.Script) {
			s.Names("x", "u/a")
			s.Raw(0xFF, 0xFF, 0xFF, 0xFF, codeRemoteError)
			s.Raw(make([]byte, 2*maxText)...)
		}, ErrClosed},
		"file that never ends":    {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Data("abc") }, ErrProtocol},
		"large file, never ended": {func(s *devicelinktest.Script) { s.Names("x", "u/a"); s.Data(strings.Repeat("x", 2*parcelSize)) }, ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			c, stream := opened(t, uploading(test.files))
			store := newMemory()
			_, _, err := c.Serve(t.Context(), store, nil)
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, not %v", err, test.want)
			}
			if len(store.files) != 0 {
				t.Errorf("files %v", sorted(store.files))
			}
			created, ended := 0, 0
			for _, call := range store.calls {
				if strings.HasPrefix(call, "create") {
					created++
				} else {
					ended++
				}
			}
			if created != ended {
				t.Errorf("%d files created, %d ended", created, ended)
			}
			checkGoodbye(t, said(t, stream))
		})
	}
}

// TestMoveOfFailedUpload skips, without a word, moves of what the phone could not send.
func TestMoveOfFailedUpload(t *testing.T) {
	var s devicelinktest.Script
	s.Upload(1, 100)
	s.Names("x", "u/S/a")
	s.Failed(codeRemoteError, "locked")
	s.Names("x", "u/S/again")
	s.Failed(codeRemoteError, "locked")
	s.File("u/S/again", "x")
	s.EndFiles()
	s.Message("DLMessageMoveItems", map[string]any{"u/S/a": "u/a", "u/S/again": "u/again"}, 0, 50.0)
	s.Message("DLMessageMoveItems", map[string]any{"u/S/again": "u/again"}, 0, 50.0)
	s.Final(0, "")
	c, stream := opened(t, s)
	store := newMemory()
	if _, _, err := c.Serve(t.Context(), store, nil); err != nil {
		t.Fatal(err)
	}
	if got := sizes(store.files); got != "u/again=1" {
		t.Errorf("files %q", got)
	}
	answers := said(t, stream)
	for i, want := range []int64{0, 0, -6} {
		m, err := answers.Message()
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := m.Index(1).Int(); code != want {
			t.Errorf("answer %d has code %d, not %d", i, code, want)
		}
	}
}

func TestDownload(t *testing.T) {
	c, stream := opened(t, one("DLMessageDownloadFiles", []any{"u/a", "u/none", "u/empty", "breaks", "u/refused", "u/large"}, map[string]any{}, 0.0))
	store := newMemory()
	store.files = map[string]string{"u/a": "abc", "u/empty": "", "breaks": "some", "u/large": strings.Repeat("x", 10*maxFrame+1)}
	store.fails["u/refused"] = ErrRefused
	_, out, err := c.Serve(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := said(t, stream)
	for _, want := range []struct {
		path   string
		length int
		end    string
	}{
		{"u/a", 3, "\x00"},
		{"u/none", 0, "\x06no such file or directory"},
		{"u/empty", 0, "\x00"},
		{"breaks", 4, "\x06input/output error"},
		{"u/refused", 0, "\x06refused"},
		{"u/large", 10*maxFrame + 1, "\x00"},
	} {
		path, _ := s.Frame()
		if string(path) != want.path {
			t.Fatalf("path %q, not %q", path, want.path)
		}
		length := 0
		frame, err := s.Frame()
		for ; err == nil && frame[0] == codeData; frame, err = s.Frame() {
			if len(frame)-1 > 32768 || len(frame) == 1 {
				t.Errorf("%s: a frame of %d bytes", want.path, len(frame)-1)
			}
			length += len(frame) - 1
		}
		if err != nil || string(frame) != want.end || length != want.length {
			t.Errorf("%s: %d bytes and end %q (%v)", want.path, length, frame, err)
		}
	}
	if end, err := s.Frame(); err != nil || len(end) != 0 {
		t.Errorf("files end with %q (%v)", end, err)
	}
	m, err := s.Message()
	if err != nil {
		t.Fatal(err)
	}
	failed := func(code int, text string) map[string]any {
		return map[string]any{"DLFileErrorCode": int64(code), "DLFileErrorString": text}
	}
	checkStatus(t, m, -13, "Multi status", map[string]any{
		"u/none": failed(-6, "no such file or directory"), "breaks": failed(-11, "input/output error"), "u/refused": failed(-1, "refused"),
	})
	if out.Sent.Files != 3 || out.Received != (Count{}) || out.Failures != 2 {
		t.Errorf("%+v sent, %+v received, %d failures", out.Sent, out.Received, out.Failures)
	}
}

// TestDownloadOfNothing leaves the stream in step whatever is asked for.
func TestDownloadOfNothing(t *testing.T) {
	for name, paths := range map[string]any{"no list": 7, "no paths": []any{}, "a number": []any{7}, "too long": []any{strings.Repeat("x", 4097)}} {
		t.Run(name, func(t *testing.T) {
			c, stream := opened(t, one("DLMessageDownloadFiles", paths, map[string]any{}, 0.0))
			if _, _, err := c.Serve(t.Context(), newMemory(), nil); err != nil {
				t.Fatal(err)
			}
			s := said(t, stream)
			if end, err := s.Frame(); err != nil || len(end) != 0 {
				t.Errorf("files end with %q (%v)", end, err)
			}
			m, err := s.Message()
			if err != nil {
				t.Fatal(err)
			}
			if code, _ := m.Index(1).Int(); (code == 0) != (name == "no paths") {
				t.Errorf("code %d", code)
			}
		})
	}
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
