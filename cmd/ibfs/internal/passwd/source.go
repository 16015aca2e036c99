package passwd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// readFile reads a password from a file, a pipe or a terminal device. A pipe
// that nobody writes to is left alone when ctx ends.
func readFile(ctx context.Context, name string) ([]byte, error) {
	password, err := await(ctx, func() ([]byte, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return readAll(f)
	})
	if err != nil {
		return nil, fmt.Errorf("read password file %s: %w", name, err)
	}
	return password, nil
}

// readCommand reads a password from the output of a shell command, which may
// talk to the terminal itself. The command is left out of errors: it may hold
// what it should not.
func readCommand(ctx context.Context, command string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("run the password command: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run the password command: %w", err)
	}

	// What the shell started may hold the pipe open after the shell is gone.
	stop := context.AfterFunc(ctx, func() { out.Close() })
	password, readErr := readAll(out)
	stop()
	if readErr != nil {
		out.Close() // ends a command that has no end
	}
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(readErr, ErrTooLong), err == nil:
		err = readErr
	default:
		err = fmt.Errorf("%w: %w", ErrCommand, err)
	}
	if err != nil {
		Wipe(password)
		return nil, fmt.Errorf("run the password command: %w", err)
	}
	return password, nil
}

// await runs f, and stops waiting for it when ctx ends: what f returns after
// that is wiped.
func await(ctx context.Context, f func() ([]byte, error)) ([]byte, error) {
	type result struct {
		b   []byte
		err error
	}
	done := make(chan result)
	go func() {
		b, err := f()
		select {
		case done <- result{b, err}:
		case <-ctx.Done():
			Wipe(b)
		}
	}()
	select {
	case r := <-done:
		return r.b, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
