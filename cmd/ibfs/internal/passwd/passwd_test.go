package passwd

import (
	"bytes"
	"context"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadFileFC09(t *testing.T) {
	long := strings.Repeat("x", maxPassword)
	tests := []struct {
		name, content, want string
		err                 error
	}{
		{name: "LF", content: "pä ss!  \n", want: "pä ss!  "},
		{name: "CRLF", content: "pä ss!  \r\n", want: "pä ss!  "},
		{name: "no newline", content: "pä ss!  ", want: "pä ss!  "},
		{name: "one of two newlines", content: "pw\n\n", want: "pw\n"},
		{name: "lone CR is kept", content: "pw\r", want: "pw\r"},
		{name: "inner newline is kept", content: "p\nw\n", want: "p\nw"},
		{name: "not UTF-8", content: "\xff\xfe\n", want: "\xff\xfe"},
		{name: "longest, CRLF", content: long + "\r\n", want: long},
		{name: "empty", content: "", err: ErrEmpty},
		{name: "newline alone", content: "\r\n", err: ErrEmpty},
		{name: "one too long", content: long + "x", err: ErrTooLong},
		{name: "far too long", content: strings.Repeat(long, 3), err: ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "pw")
			if err := os.WriteFile(name, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, o := range []Options{{File: name}, {EnvFile: name}} {
				got, err := o.Read(t.Context())
				if !errors.Is(err, tt.err) || string(got) != tt.want {
					t.Errorf("%+v.Read() = %q, %v; want %q, %v", o, got, err, tt.want, tt.err)
				}
			}
		})
	}
}

func TestReadFirstSourceCounts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(name, []byte("of the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		opt  Options
		want string
		err  error
	}{
		{name: "none", err: ErrNone},
		{name: "file first", opt: Options{File: name, Command: "echo cmd", EnvFile: "/none"}, want: "of the file"},
		{name: "command before environment", opt: Options{Command: "echo cmd", EnvFile: name}, want: "cmd"},
		{name: "no way round a file that is missing", opt: Options{File: "/none", Command: "echo cmd"}, err: iofs.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.opt.Read(t.Context())
			if !errors.Is(err, tt.err) || string(got) != tt.want {
				t.Errorf("Read() = %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestReadCommand(t *testing.T) {
	tests := []struct {
		name, command, want, errText string
		err                          error
	}{
		{name: "shell syntax", command: `printf 'a %s\r\n' "$((1+1))"`, want: "a 2"},
		{name: "fails", command: "echo hidden; exit 3", errText: "exit status 3"},
		{name: "prints nothing", command: "true", err: ErrEmpty},
		{name: "failing matters more than printing nothing", command: "exit 4", errText: "exit status 4"},
		{name: "never ends", command: "yes", err: ErrTooLong},
		{name: "unknown program", command: "no-such-program-here 2>/dev/null", errText: "exit status 127"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Options{Command: tt.command}.Read(t.Context())
			if string(got) != tt.want {
				t.Errorf("Read() = %q, want %q", got, tt.want)
			}
			switch {
			case tt.err != nil && !errors.Is(err, tt.err), tt.err == nil && tt.errText == "" && err != nil:
				t.Errorf("error is %v, want %v", err, tt.err)
			case tt.errText != "" && (err == nil || !strings.Contains(err.Error(), tt.errText)):
				t.Errorf("error is %v, want one with %q", err, tt.errText)
			}
			if err != nil && strings.Contains(err.Error(), tt.command) {
				t.Errorf("error %q shows the command", err)
			}
		})
	}
}

func TestReadEndsWithContext(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		opt  Options
	}{
		{"command", Options{Command: "exec sleep 60"}},
		{"command whose child holds the pipe", Options{Command: "sleep 3 2>&- & wait"}},
		{"pipe that nobody writes", Options{File: fifo}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err := tt.opt.Read(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
				t.Errorf("Read() = %v after %v, want the context's end at once", err, time.Since(start))
			}
		})
	}
}

func TestLockAndWipe(t *testing.T) {
	page := make([]byte, 3*os.Getpagesize())
	for _, b := range [][]byte{nil, page[:1], page[1 : len(page)-1], page} {
		Lock(b) // whether it may depends on the system; that it does no harm does not
		for i := range b {
			b[i] = 0xaa
		}
		Wipe(b)
		if len(bytes.Trim(b, "\x00")) != 0 {
			t.Errorf("%d bytes are not wiped", len(b))
		}
	}
}

func TestAskWithoutTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, term := range []Terminal{{}, {In: null, Out: null}} {
		if _, err := term.Ask(t.Context(), "?"); !errors.Is(err, ErrNoTerminal) {
			t.Errorf("Ask() = %v, want ErrNoTerminal", err)
		}
	}
}

func FuzzDropNewline(f *testing.F) {
	for _, s := range []string{"", "\n", "\r\n", "pw\n", "pw\r\n", "pw \n\n", "\r", "\n\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := dropNewline(b)
		rest := string(b[len(got):])
		if !bytes.HasPrefix(b, got) || rest != "" && rest != "\n" && rest != "\r\n" {
			t.Fatalf("dropNewline(%q) = %q", b, got)
		}
		if rest == "" && bytes.HasSuffix(b, []byte("\n")) || rest == "\n" && bytes.HasSuffix(got, []byte("\r")) {
			t.Fatalf("dropNewline(%q) = %q leaves a line ending", b, got)
		}
	})
}
