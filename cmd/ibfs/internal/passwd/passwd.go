// Package passwd gets the password of a backup from a person, a file or a
// command, and keeps what the password came to in the keyring of the system.
//
// A keyring never gets a password, only the secret derived from it, by the
// UUID of the keybag that it opens. The package knows no backups: a password
// and a secret are bytes to it.
//
// Buffers made here are locked in memory where the system allows it, and
// whoever receives one wipes it. Copies that a library made on the way (the
// line editor of x/term, strings of the desktop's keyring) are out of reach.
package passwd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Errors that a caller can act on.
var (
	ErrNone       = errors.New("no password was given")
	ErrNoTerminal = errors.New("there is no terminal to ask for a password")
	ErrCommand    = errors.New("the password command failed")
	ErrEmpty      = errors.New("the password is empty")
	ErrTooLong    = fmt.Errorf("the password is longer than %d bytes", maxPassword)
)

// maxPassword is far above what any phone accepts, and bounds what is read of
// a file that is no password file.
const maxPassword = 4096

// Options say where a password comes from without asking. The first that is
// set counts; the zero value has none.
type Options struct {
	File    string // a file that holds the password (--password-file)
	Command string // a shell command that prints it (--password-command)
	EnvFile string // a file, as named by the environment (IBFS_PASSWORD_FILE)
}

// Read returns the password, ErrNone when no source is set. A file or an
// output may end in one LF or CRLF, which is dropped; all else counts, spaces
// at the end included.
func (o Options) Read(ctx context.Context) ([]byte, error) {
	switch {
	case o.File != "":
		return readFile(ctx, o.File)
	case o.Command != "":
		return readCommand(ctx, o.Command)
	case o.EnvFile != "":
		return readFile(ctx, o.EnvFile)
	}
	return nil, ErrNone
}

// readAll reads the password that r holds, to its end.
func readAll(r io.Reader) ([]byte, error) {
	// One byte more than a password with its line ending tells that there is more.
	buf := make([]byte, maxPassword+len("\r\n")+1)
	Lock(buf)
	n, err := io.ReadFull(r, buf)
	if err == nil {
		err = ErrTooLong
	} else if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	password := dropNewline(buf[:n])
	switch {
	case err != nil:
	case len(password) == 0:
		err = ErrEmpty
	case len(password) > maxPassword:
		err = ErrTooLong
	}
	if err != nil {
		Wipe(buf)
		return nil, err
	}
	return password, nil
}

func dropNewline(b []byte) []byte {
	if cut, ok := bytes.CutSuffix(b, []byte("\r\n")); ok {
		return cut
	}
	return bytes.TrimSuffix(b, []byte("\n"))
}
