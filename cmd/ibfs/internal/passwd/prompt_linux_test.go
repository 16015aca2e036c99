package passwd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAsk(t *testing.T) {
	tests := []struct {
		name, typed, want string
		err               error
	}{
		{"a line", "pä ss  \n", "pä ss  ", nil},
		{"return key", "pw\r", "pw", nil},
		{"two lines", "pw\nmore\n", "pw", nil},
		{"empty line", "\n", "", ErrNone},
		{"end of input", "\x04", "", ErrNone},
		{"end of input after some", "pw\x04\x04", "pw", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			master, slave := openPTY(t)
			null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer null.Close()
			go func() {
				readQuestion(master)
				master.WriteString(tt.typed)
			}()
			got, err := Terminal{In: slave, Out: null}.Ask(t.Context(), "Password: ")
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Ask() = %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
			var shown [64]byte
			n, _ := master.Read(shown[:])
			if s := string(shown[:n]); s != "\r\n" {
				t.Errorf("the terminal shows %q after the question, want a new line alone", s)
			}
		})
	}
}

func TestAskEndsWithContext(t *testing.T) {
	master, slave := openPTY(t)
	before, err := unix.IoctlGetTermios(int(slave.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		readQuestion(master)
		cancel()
	}()
	if _, err := (Terminal{In: slave}).Ask(ctx, "Password: "); !errors.Is(err, context.Canceled) {
		t.Errorf("Ask() = %v, want %v", err, context.Canceled)
	}
	after, err := unix.IoctlGetTermios(int(slave.Fd()), getTermios)
	if err != nil || *after != *before {
		t.Errorf("the terminal is left as %+v, %v; was %+v", after, err, before)
	}
	master.WriteString("\n") // ends the read that nobody waits for
}

func readQuestion(master *os.File) {
	var shown string
	buf := make([]byte, 64)
	for !strings.HasSuffix(shown, ": ") {
		n, err := master.Read(buf)
		if err != nil {
			return
		}
		shown += string(buf[:n])
	}
}

func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}
