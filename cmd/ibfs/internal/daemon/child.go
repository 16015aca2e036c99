package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Child is the background process's side of Start.
type Child struct {
	Secrets Secrets
	report  *os.File
}

// Inherited is this process's side of Start, nil when no Start began it. Call
// it once, before anything else opens or starts anything.
func Inherited() (*Child, error) {
	if os.Getenv(childEnv) == "" {
		return nil, nil
	}
	os.Unsetenv(childEnv)
	for _, fd := range []int{secretsFD, reportFD} {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
			return nil, fmt.Errorf("%s is set, but ibfs did not start this process", childEnv)
		}
		unix.CloseOnExec(fd)
	}
	c := &Child{report: os.NewFile(reportFD, "report pipe")}
	keys := os.NewFile(secretsFD, "secrets pipe")
	defer keys.Close()
	secrets, err := readSecrets(keys)
	if err != nil {
		err = fmt.Errorf("keys from the foreground process: %w", err)
		return nil, errors.Join(err, c.Fail(Failure{Text: err.Error(), Code: 1}))
	}
	c.Secrets = secrets
	return c, nil
}

// Note sends a line for the user, who sees it while the process gets ready.
func (c *Child) Note(line string) error { return c.send(message{Note: clip(line)}) }

// Ready says that all is well, and turns to /dev/null what may still be
// printed: from now on nobody reads it. An error means that whoever waited is
// gone, and so should this process be.
func (c *Child) Ready() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	if err := duplicate(int(null.Fd()), int(os.Stderr.Fd())); err != nil {
		return fmt.Errorf("close stderr: %w", err)
	}
	return errors.Join(c.send(message{Ready: true}), c.report.Close())
}

// Fail says why the process will not be ready. It is the last thing said.
func (c *Child) Fail(f Failure) error {
	f.Text, f.Hint = clip(f.Text), clip(f.Hint)
	return errors.Join(c.send(message{Failed: &f}), c.report.Close())
}

func (c *Child) send(m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = c.report.Write(append(b, '\n'))
	return err
}

// clip keeps a text short enough for a message, in which JSON may write one
// byte as six.
func clip(s string) string {
	const most = maxMessage / 16
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
