package passwd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Terminal is where a person is asked.
type Terminal struct {
	In  *os.File // what is typed; nobody is asked unless it is a terminal
	Out *os.File // where the question goes; In itself when it is no terminal
}

// Present says whether there is somebody to ask.
func (t Terminal) Present() bool {
	return t.In != nil && term.IsTerminal(int(t.In.Fd()))
}

// Ask shows the question and reads one line without echo. It is ErrNoTerminal
// when there is nobody to ask, and ErrNone when the answer is an empty line or
// the end of the input. When ctx ends the terminal is as it was before.
func (t Terminal) Ask(ctx context.Context, question string) ([]byte, error) {
	if !t.Present() {
		return nil, ErrNoTerminal
	}
	out := t.Out
	if out == nil || !term.IsTerminal(int(out.Fd())) {
		out = t.In
	}
	fd := int(t.In.Fd())
	restore, err := echoOff(fd)
	if err != nil {
		return nil, fmt.Errorf("ask for the password: turn echo off: %w", err)
	}
	fmt.Fprint(out, question)
	password, err := await(ctx, func() ([]byte, error) { return readLine(fd) })
	fmt.Fprintln(out)
	restore()
	switch {
	case ctx.Err() != nil:
		Wipe(password)
		return nil, ctx.Err()
	case errors.Is(err, ErrEmpty):
		return nil, ErrNone
	case err != nil:
		return nil, fmt.Errorf("ask for the password: %w", err)
	}
	return password, nil
}

// echoOff stops the terminal from showing what is typed, until restore.
//
// term.ReadPassword does it after the question is out, so that what was typed
// in between shows; it collects the line in buffers that it does not wipe; and
// it reads on for ever at the end of the input, which a terminal gives as a
// read of no bytes.
func echoOff(fd int) (restore func(), err error) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	quiet.Lflag |= unix.ICANON | unix.ISIG
	quiet.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &quiet); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, before) }, nil
}

// readLine reads a password up to the end of a line or of the input.
func readLine(fd int) ([]byte, error) { return readAll(&lineReader{fd: fd}) }

// lineReader reads one line of a terminal, which hands out whole lines.
type lineReader struct {
	fd    int
	ended bool
}

func (l *lineReader) Read(b []byte) (int, error) {
	if l.ended {
		return 0, io.EOF
	}
	for {
		n, err := unix.Read(l.fd, b)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		l.ended = n <= 0 || b[n-1] == '\n'
		if n == 0 && err == nil {
			err = io.EOF
		}
		return max(n, 0), err
	}
}
