// Package daemon starts this program again, in the background, and waits until
// that process says that it is ready or why it cannot be.
//
// The two processes share two pipes and nothing else: keys go down one, which
// keeps them out of arguments, environment and files, and words come up the
// other. The background process has a session of its own, / as its folder and
// no terminal. What it logs later stays in its memory (Log), because the names
// of files in an encrypted backup are for nobody but its owner: not for the
// system's journal, and not for a file that outlives the mount.
//
// The package knows neither mounts nor backups.
package daemon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The descriptors of a background process, beside those of its stdio.
const (
	secretsFD = 3
	reportFD  = 4
)

// childEnv tells a process that Start started it. It holds no more than that.
const childEnv = "IBFS_IN_BACKGROUND"

// grace is how long a background process has to end after SIGTERM.
const grace = 5 * time.Second

// ErrEnded says that the background process was gone before it was ready, and
// did not say why.
var ErrEnded = errors.New("the background process ended before it was ready")

// A Failure is why a background process could not get ready, in the words and
// with the exit code that it would have had in the foreground.
type Failure struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	Code int    `json:"code"`
}

func (f *Failure) Error() string { return f.Text }

// message is one line of JSON from the background process.
type message struct {
	Note   string   `json:"note,omitempty"` // shown while it gets ready
	Ready  bool     `json:"ready,omitempty"`
	Failed *Failure `json:"failed,omitempty"`
}

// maxMessage bounds one message, in bytes.
const maxMessage = 64 << 10

// Start runs this program in the background with args after its name and
// returns when it is ready. An error that it reports is a *Failure; one that
// it did not live to report wraps ErrEnded. Lines that it has for the user in
// the meantime go to note. When ctx ends before it is ready, it is told to
// end, and Start returns after it did.
func Start(ctx context.Context, args []string, secrets Secrets, note func(string)) error {
	c, err := spawn(args)
	if err != nil {
		return fmt.Errorf("start in the background: %w", err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_ = writeSecrets(c.secrets, secrets) // what goes wrong here the other side sees, and tells
		c.secrets.Close()
	}()
	defer func() { // the caller may wipe the secrets once Start has returned
		c.close()
		<-sent
	}()

	stop := context.AfterFunc(ctx, c.terminate)
	defer stop()
	err = c.await(note)
	if err == nil && stop() {
		return c.cmd.Process.Release()
	}
	return c.reap(ctx, err)
}

// child is a background process as its parent sees it.
type child struct {
	cmd     *exec.Cmd
	secrets *os.File // written
	report  *os.File // read
	output  firstBytes
}

func spawn(args []string) (*child, error) {
	path, err := self()
	if err != nil {
		return nil, err
	}
	secretsIn, secretsOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer secretsIn.Close()
	reportIn, reportOut, err := os.Pipe()
	if err != nil {
		secretsOut.Close()
		return nil, err
	}
	defer reportOut.Close()

	c := &child{secrets: secretsOut, report: reportIn}
	c.cmd = &exec.Cmd{
		Path:        path,
		Args:        append([]string{"ibfs"}, args...),
		Env:         append(os.Environ(), childEnv+"=1"),
		Dir:         "/",
		Stderr:      &c.output, // a panic before it is ready; /dev/null after that
		ExtraFiles:  []*os.File{secretsIn, reportOut},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
		WaitDelay:   time.Second, // for programs of its own that hold stderr
	}
	closeOnExec(secretsFD) // what a shell left open, such as a lock, is not held for as long as the mount lasts
	if err := c.cmd.Start(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// self is this program's file, by its name if that is still the same file, so
// that ps and top show the name.
func self() (string, error) {
	const running = "/proc/self/exe"
	path, err := os.Executable()
	now, runErr := os.Stat(running)
	if runErr != nil {
		return path, err
	}
	if named, err := os.Stat(path); err == nil && os.SameFile(named, now) {
		return path, nil
	}
	return running, nil
}

// await reads messages until one ends the waiting.
func (c *child) await(note func(string)) error {
	lines := bufio.NewScanner(c.report)
	lines.Buffer(nil, maxMessage)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("message of the background process: %w", err)
		}
		switch {
		case m.Ready:
			return nil
		case m.Failed != nil:
			return m.Failed
		case m.Note != "" && note != nil:
			note(m.Note)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("message of the background process: %w", err)
	}
	return ErrEnded
}

// reap ends a background process that is of no use and says why it is not.
func (c *child) reap(ctx context.Context, err error) error {
	c.terminate()
	waited := c.cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !errors.Is(err, ErrEnded) {
		return err
	}
	how := "exit status 0"
	if waited != nil {
		how = waited.Error()
	}
	if first := c.output.firstLine(); first != "" {
		how += ": " + first
	}
	return fmt.Errorf("%w: %s", ErrEnded, how)
}

// terminate asks the process to end, and ends it when it takes too long.
func (c *child) terminate() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	time.AfterFunc(grace, func() { _ = c.cmd.Process.Kill() })
}

func (c *child) close() {
	c.secrets.Close()
	c.report.Close()
}

// firstBytes keeps the beginning of what is written to it.
type firstBytes struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

const keptOutput = 4 << 10

func (f *firstBytes) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf.Write(p[:min(len(p), keptOutput-f.buf.Len())])
	return len(p), nil
}

func (f *firstBytes) firstLine() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	line, _, _ := strings.Cut(f.buf.String(), "\n")
	return strings.TrimSpace(line)
}

var _ io.Writer = (*firstBytes)(nil)
