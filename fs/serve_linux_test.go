package fs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ibfs/fs/vtree"
)

// Each mount of these tests is served by a process of its own, the test binary
// again: a program that reads its own mount can lock itself up (go-fuse,
// fs/api.go, Deadlocks), and so its memory and descriptors can be looked at.
const (
	serveEnv = "IBFS_TEST_SERVE" // name of a tree in testTrees
	argEnv   = "IBFS_TEST_ARG"
	logName  = "log"
)

// A testTree makes a tree out of one argument. The function, which may be nil,
// is called for each line that the test tells the process.
type testTree func(arg string) (vtree.Tree, func(line string))

func TestMain(m *testing.M) {
	if name := os.Getenv(serveEnv); name != "" {
		if err := serveTree(testTrees[name], os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serveTree(make testTree, mountpoint string, flags []string) error {
	tree, told := make(os.Getenv(argEnv))
	opt := Options{
		Source: "/backups, of anna",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Total:  func() (uint64, uint64) { return 10_000_000, 42 },
	}
	for _, flag := range flags {
		switch flag {
		case "allow-other":
			opt.AllowOther = true
		case "no-passthrough":
			opt.NoPassthrough = true
		case "debug":
			opt.Debug = true
			opt.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		case "read-ahead":
			opt.ReadAhead = 1024
		}
	}
	m, err := Mount(tree, mountpoint, opt)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if line := lines.Text(); line != "unmount" {
			told(line)
		} else if err := m.Unmount(); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println("done")
	}
	if err := m.Unmount(); !errors.Is(err, ErrHeld) {
		return err
	}
	return nil // a test beside this one may have made a mount namespace
}

// served is a mount of a test tree.
type served struct {
	testing.TB
	dir     string // the mountpoint
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	log     string // the name of the file that has what the process logged
	retired bool
}

// serve mounts a test tree until the test ends. It fails the test when the
// mount does, or when it cannot be unmounted.
func serve(tb testing.TB, tree, arg string, flags ...string) *served {
	tb.Helper()
	needFUSE(tb)
	return serveAs(tb, nil, os.Args[0], tb.TempDir(), tree, arg, flags...)
}

func serveAs(tb testing.TB, who *syscall.Credential, binary, dir, tree, arg string, flags ...string) *served {
	tb.Helper()
	log, err := os.Create(filepath.Join(tb.TempDir(), logName))
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close()
	s := &served{TB: tb, dir: dir, log: log.Name()}
	s.cmd = exec.Command(binary, append([]string{dir}, flags...)...)
	s.cmd.Env = append(os.Environ(), serveEnv+"="+tree, argEnv+"="+arg)
	s.cmd.Stderr = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.end)
	if line, _ := s.out.ReadString('\n'); line != "ready\n" {
		tb.Fatalf("the mount said %q, and logged:\n%s", line, s.logged())
	}
	return s
}

// tell hands the process a line and waits until it is done.
func (s *served) tell(line string) string {
	s.Helper()
	fmt.Fprintln(s.in, line)
	answer, err := s.out.ReadString('\n')
	if err != nil {
		s.Fatalf("%s: %v; logged:\n%s", line, err, s.logged())
	}
	return strings.TrimSpace(answer)
}

func (s *served) end() {
	if s.retired {
		return
	}
	s.retired = true
	s.in.Close()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			s.Errorf("unmount: %v; logged:\n%s", err, s.logged())
		}
	case <-time.After(20 * time.Second):
		s.Errorf("the process does not end; logged:\n%s", s.logged())
		s.cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
		s.Logf("%s", s.logged())
	}
	if out, err := exec.Command("mountpoint", "-q", s.dir).CombinedOutput(); err == nil {
		s.Errorf("still mounted %s", out)
	}
}

func (s *served) logged() string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		s.Fatal(err)
	}
	return string(b)
}

func (s *served) path(name ...string) string {
	return filepath.Join(append([]string{s.dir}, name...)...)
}

// sh runs a command line in the mount and returns what it says. It must succeed.
func (s *served) sh(line string, args ...string) string {
	s.Helper()
	out, err := s.try(line, args...)
	if err != nil {
		s.Errorf("%s: %v\n%s\nlogged:\n%s", line, err, out, s.logged())
	}
	return out
}

func (s *served) try(line string, args ...string) (string, error) {
	cmd := exec.Command("sh", append([]string{"-c", line, "sh"}, args...)...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// needFUSE fails where FUSE is missing, so that no machine passes in silence.
func needFUSE(tb testing.TB) {
	tb.Helper()
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		tb.Skip("IBFS_TEST_FUSE=0 turns mounts off")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		tb.Fatal("no /dev/fuse; IBFS_TEST_FUSE=0 turns these tests off: ", err)
	}
}
