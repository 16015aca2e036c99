package mountpoint

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/fs"
	"ibfs/fs/vtree"
)

// serveEnv makes the test program mount an empty tree, until its input ends.
const serveEnv = "IBFS_TEST_SERVE"

func TestMain(m *testing.M) {
	point := os.Getenv(serveEnv)
	if point == "" {
		os.Exit(m.Run())
	}
	server, err := fs.Mount(vtree.NewStatic(0, vtree.Meta{}), point, fs.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
	if err := server.Unmount(); err != nil {
		os.Exit(1)
	}
}

func needFUSE(t *testing.T) {
	t.Helper()
	if os.Getenv("IBFS_TEST_FUSE") == "0" {
		t.Skip("IBFS_TEST_FUSE=0 turns mounts off")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Fatal("no /dev/fuse; IBFS_TEST_FUSE=0 turns these tests off: ", err)
	}
}

// serve mounts an empty tree in another process.
func serve(t *testing.T, point string) (kill func()) {
	t.Helper()
	needFUSE(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveEnv+"="+point)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("mount: %q, %v", line, err)
	}
	return func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
}

func TestUnmount(t *testing.T) {
	point := filepath.Join(t.TempDir(), "my mount")
	if err := os.Mkdir(point, 0o700); err != nil {
		t.Fatal(err)
	}
	serve(t, point)
	if _, err := Check(point, nil); !errors.Is(err, ErrMounted) {
		t.Errorf("Check() = %v, want %v", err, ErrMounted)
	}

	held, err := os.Open(point)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unmount(point); !errors.Is(err, fs.ErrBusy) {
		t.Errorf("Unmount() while in use = %v", err)
	}
	found, _ := Holders(t.Context(), point)
	if len(found) != 1 || found[0].PID != os.Getpid() || found[0].How != "has open the folder itself" {
		t.Errorf("Holders() = %+v, want this process", found)
	}
	held.Close()

	if err := Unmount(point + "/"); err != nil {
		t.Errorf("Unmount() = %v", err)
	}
	for _, path := range []string{point, "/proc", filepath.Join(point, "none")} {
		if err := Unmount(path); !errors.Is(err, ErrNotOurs) {
			t.Errorf("Unmount(%s) = %v, want %v", path, err, ErrNotOurs)
		}
	}
}

func TestDeadMount(t *testing.T) {
	t.Run("is taken away by the next mount", func(t *testing.T) {
		point := t.TempDir()
		serve(t, point)()
		p, err := Check(point, nil)
		if err != nil || !p.Dead {
			t.Fatalf("Check() = %+v, %v", p, err)
		}
		if err := p.Make(); err != nil {
			t.Fatal(err)
		}
		if p, err := Check(point, nil); err != nil || p.Dead || p.Missing {
			t.Errorf("after Make, Check() = %+v, %v", p, err)
		}
	})
	t.Run("is taken away by unmount, though in use", func(t *testing.T) {
		point := t.TempDir()
		kill := serve(t, point)
		held, err := os.Open(point)
		if err != nil {
			t.Fatal(err)
		}
		defer held.Close()
		kill()
		if err := Unmount(point); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(point); err != nil {
			t.Error(err)
		}
	})
}

// TestAutomounter has a point of the automounter that nobody serves: whoever
// enters it waits for ever (FC-30).
func TestAutomounterFC30(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a point of the automounter")
	}
	point := t.TempDir()
	requests, answers, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer requests.Close()
	const otherGroup = 1 // what this process group does is not the automounter's own
	options := fmt.Sprintf("fd=%d,pgrp=%d,minproto=5,maxproto=5,direct", answers.Fd(), otherGroup)
	if err := unix.Mount("ibfs-test", point, "autofs", 0, options); err != nil {
		answers.Close()
		t.Skipf("this kernel has no automounter: %v", err)
	}
	defer unix.Unmount(point, unix.MNT_DETACH)
	defer answers.Close()

	done := make(chan error, 1)
	go func() {
		p, err := Check(point, nil)
		if err == nil && (p.Missing || p.Dead) {
			err = fmt.Errorf("%+v", p)
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Check() = %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Check() waits for the automounter")
	}
}

func TestHolders(t *testing.T) {
	point, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(point, "a file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(point, "sleep")
	if b, err := os.ReadFile(sleep); err != nil || os.WriteFile(program, b, 0o700) != nil {
		t.Fatal(err)
	}
	if found, _ := Holders(t.Context(), point); len(found) != 0 {
		t.Errorf("a folder that nobody uses is held by %+v", found)
	}
	tests := []struct {
		name string
		cmd  *exec.Cmd
		want string
	}{
		{"current folder", &exec.Cmd{Path: sleep, Args: []string{"sleep", "60"}, Dir: point}, "has its current folder there"},
		{"program", &exec.Cmd{Path: program, Args: []string{"sleep", "60"}}, "runs from there"},
		{"open file", exec.Command("sh", "-c", `exec sleep 60 <"$0"`, file), "has open a file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer tt.cmd.Wait()
			defer tt.cmd.Process.Kill()
			var found []Holder
			for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				if found, _ = Holders(t.Context(), point); len(found) == 1 && found[0].Name == "sleep" {
					break
				}
			}
			if len(found) != 1 || found[0].PID != tt.cmd.Process.Pid || found[0].How != tt.want {
				t.Errorf("Holders() = %+v, want %d %s", found, tt.cmd.Process.Pid, tt.want)
			}
		})
	}

	t.Run("mapped file", func(t *testing.T) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := unix.Mmap(int(f.Fd()), 0, 1, unix.PROT_READ, unix.MAP_SHARED)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Munmap(b)
		if found, _ := Holders(t.Context(), point); len(found) != 1 || !strings.HasPrefix(found[0].How, "has mapped a file") {
			t.Errorf("Holders() = %+v", found)
		}
	})
}
