package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is the background process when Start began it: its first argument
// says what to do.
func TestMain(m *testing.M) {
	c, err := Inherited()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(9)
	case c == nil:
		os.Exit(m.Run())
	}
	os.Exit(background(c, os.Args[1], os.Args[2:]))
}

func background(c *Child, do string, args []string) int {
	switch do {
	case "ready":
		c.Note(fmt.Sprintf("%x", c.Secrets["bag"]))
		c.Note("second note")
		if c.Ready() != nil {
			return 1
		}
		fmt.Fprintln(os.Stderr, "nobody reads this, and it does no harm")
		report(args[0])
		time.Sleep(200 * time.Millisecond)
	case "fail":
		c.Fail(Failure{Text: "open x: " + strings.Repeat("\x01", maxMessage), Hint: "mend it", Code: 42})
	case "die":
		panic("out of luck")
	case "leave":
		return 3
	case "hang":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		c.Note("hanging")
		<-ctx.Done()
		os.WriteFile(args[0], []byte("ended as told"), 0o600)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		c.Note("hanging")
		time.Sleep(time.Minute)
	case "talk nonsense":
		c.report.WriteString("}{\n")
	case "talk without end":
		c.report.Write(bytes.Repeat([]byte("x"), 2*maxMessage))
	}
	return 0
}

// report writes what a background process sees of itself.
func report(name string) {
	dir, _ := os.Getwd()
	open := func(fd int) string {
		target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err != nil {
			return "closed"
		}
		return target
	}
	sid, _, _ := syscall.Syscall(syscall.SYS_GETSID, 0, 0, 0)
	lines := []string{
		"args " + strings.Join(os.Args, " "),
		"dir " + dir,
		"own session " + strconv.FormatBool(int(sid) == os.Getpid()),
		"stdio " + open(0) + " " + open(1) + " " + open(2),
		"inherited " + open(leaked),
		"marker " + os.Getenv(childEnv),
	}
	os.WriteFile(name+".new", []byte(strings.Join(lines, "\n")), 0o600)
	os.Rename(name+".new", name)
}

// leaked is a descriptor that a shell left open in the foreground process.
const leaked = 77

func TestStart(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("needs /proc to look at the process")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := duplicate(int(f.Fd()), leaked); err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leaked)

	result := filepath.Join(t.TempDir(), "result")
	var notes []string
	secrets := Secrets{"bag": []byte("\x00secret\xff"), "other": nil}
	if err := Start(t.Context(), []string{"ready", result}, secrets, func(s string) { notes = append(notes, s) }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"00736563726574ff", "second note"}; !slices.Equal(notes, want) {
		t.Errorf("notes are %q, want %q", notes, want)
	}
	var got []byte
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && got == nil; time.Sleep(5 * time.Millisecond) {
		got, _ = os.ReadFile(result)
	}
	want := strings.Join([]string{
		"args ibfs ready " + result,
		"dir /",
		"own session true",
		"stdio /dev/null /dev/null /dev/null",
		"inherited closed",
		"marker ",
	}, "\n")
	if string(got) != want {
		t.Errorf("the background process sees\n%s\nwant\n%s", got, want)
	}
}

func TestStartFails(t *testing.T) {
	tests := []struct {
		do, want string
		code     int
		err      error
	}{
		{do: "fail", want: "open x: ", code: 42},
		{do: "die", want: "exit status 2: panic: out of luck", err: ErrEnded},
		{do: "leave", want: "exit status 3", err: ErrEnded},
		{do: "talk nonsense", want: "message of the background process: invalid character"},
		{do: "talk without end", want: "message of the background process: bufio.Scanner: token too long"},
	}
	for _, tt := range tests {
		t.Run(tt.do, func(t *testing.T) {
			err := Start(t.Context(), []string{tt.do}, nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Start() = %v, want one with %q", err, tt.want)
			}
			var f *Failure
			if got := errors.As(err, &f); got != (tt.code != 0) || got && (f.Code != tt.code || f.Hint != "mend it") {
				t.Errorf("Start() = %#v, want a failure with code %d", err, tt.code)
			}
			if tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("Start() = %v, want it to be %v", err, tt.err)
			}
		})
	}
}

func TestStartEndsWithContext(t *testing.T) {
	for _, do := range []string{"hang", "deaf"} {
		t.Run(do, func(t *testing.T) {
			result := filepath.Join(t.TempDir(), "result")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			start := time.Now()
			err := Start(ctx, []string{do, result}, nil, func(string) { cancel() })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Start() = %v, want %v", err, context.Canceled)
			}
			if took := time.Since(start); took > grace+5*time.Second {
				t.Errorf("it took %v", took)
			}
			if got, _ := os.ReadFile(result); do == "hang" && string(got) != "ended as told" {
				t.Errorf("Start() returned before the background process had ended")
			}
		})
	}
}

func TestInheritedRefusesAnEnvironmentByHand(t *testing.T) {
	t.Setenv(childEnv, "1")
	if c, err := Inherited(); err == nil || c != nil {
		t.Errorf("Inherited() = %v, %v; want an error", c, err)
	}
}

func TestLog(t *testing.T) {
	var l Log
	if got := l.Lines(); len(got) != 0 {
		t.Errorf("an empty log has %q", got)
	}
	for i := range logLines + 3 {
		fmt.Fprintf(&l, "line %d\n", i)
	}
	fmt.Fprintf(&l, "%s\n", strings.Repeat("ä", logBytes))
	got := l.Lines()
	if len(got) != logLines || got[0] != "line 4" || got[logLines-2] != fmt.Sprintf("line %d", logLines+2) {
		t.Errorf("%d lines from %q to %q", len(got), got[0], got[len(got)-2])
	}
	if last := got[len(got)-1]; last != strings.Repeat("ä", logBytes/2) {
		t.Errorf("the long line is kept as %q", last)
	}
}
