package library

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// after calls do once, before the n-th change to the disk.
func after(n int64, do func() error) func(op, name string) error {
	var count atomic.Int64
	return func(string, string) error {
		if count.Add(1) == n {
			return do()
		}
		return nil
	}
}

// session is a run as a program does it: a third backup, then the first goes.
func session(ctx context.Context, d *Device, way Way) (err error) {
	d.lib.way = way
	w, err := d.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.SetInfo(func(i *Info) { i.Name = "Anna's iPhone" }); err != nil {
		return err
	}
	i, err := w.Incoming(ctx, IncomingOptions{})
	if err != nil {
		return err
	}
	if err := run(i, 3); err != nil {
		return err
	}
	if _, err := i.Publish(ctx, PublishOptions{Taken: day(3), Verify: good}); err != nil {
		return err
	}
	all, err := d.Snapshots()
	if err != nil {
		return err
	}
	return w.Delete(ctx, all[0].Name, false)
}

// whole looks at a library after a session that may have ended anywhere.
func whole(t *testing.T, d *Device, before map[string]map[string]string) {
	t.Helper()
	all, err := d.Snapshots()
	if err != nil || len(all) < 2 {
		t.Fatalf("%v, %v", all, err)
	}
	for _, s := range all {
		if was, ok := before[s.Name]; ok {
			if now := frozen(t, s.Path); !maps.Equal(now, was) {
				t.Errorf("snapshot %s was %v, is %v", s.Name, was, now)
			}
		} else if got := read(t, s.Path); !maps.Equal(got, content(3)) || s.Verified != VerifiedAll {
			t.Errorf("new snapshot %s: %v, %v", s.Name, s.Record, got)
		}
	}
	if _, ok := before[all[len(all)-1].Name]; ok && len(all) < 2 {
		t.Error("one is gone before another came")
	}
	if i, err := d.Info(); err != nil || i.Name != "Anna's iPhone" && i.Name != "" {
		t.Errorf("info %+v, %v", i, err)
	}
}

// twoSnapshots is a library before the session, and how its snapshots look.
func twoSnapshots(t *testing.T) (*Device, map[string]map[string]string) {
	d := device(t, newLibrary(t))
	d.lib.way = Link
	w := lock(t, d)
	before := map[string]map[string]string{}
	for n := 1; n <= 2; n++ {
		s := backup(t, w, n)
		before[s.Name] = frozen(t, s.Path)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return d, before
}

// Each change to the disk fails once: nothing published changes, and the next
// run ends well.
func TestEachStepFails(t *testing.T) {
	for _, way := range []Way{Link, Copy} {
		for _, errno := range []unix.Errno{unix.ENOSPC, unix.EIO} {
			t.Run(fmt.Sprint(way, " ", errno), func(t *testing.T) {
				failed := 0
				for n := int64(1); ; n++ {
					d, before := twoSnapshots(t)
					at := ""
					step := after(n, func() error { return errno })
					d.lib.disk.before = func(op, name string) error {
						err := step(op, name)
						if err != nil {
							at = op + " " + name
						}
						return err
					}
					err := session(t.Context(), d, way)
					d.lib.disk.before = nil
					if at == "" {
						break
					}
					switch {
					case err == nil && at == "write "+lockName: // who holds it need not be known
					case err == nil:
						t.Errorf("step %d failed and nobody was told", n)
					case errno == unix.ENOSPC && !errors.Is(err, ErrNoSpace):
						t.Errorf("step %d: %v", n, err)
					}
					whole(t, d, before)
					if err := session(t.Context(), d, way); err != nil {
						t.Fatalf("after step %d failed: %v", n, err)
					}
					whole(t, d, before)
					if failed++; t.Failed() {
						t.Fatalf("step %d", n)
					}
				}
				if failed < 50 {
					t.Errorf("%d steps are too few to be all", failed)
				}
			})
		}
	}
}

const dieEnv, dirEnv = "IBFS_TEST_DIE_AT", "IBFS_TEST_LIBRARY"

func TestMain(m *testing.M) {
	if at := os.Getenv(dieEnv); at != "" {
		os.Exit(dying(at))
	}
	os.Exit(m.Run())
}

// dying is a process that is killed before a step.
func dying(at string) int {
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return 3
	}
	l, err := Open(os.Getenv(dirEnv), Options{Location: berlin})
	if err != nil {
		return 3
	}
	d, err := l.Device(testUDID)
	if err != nil {
		return 3
	}
	l.disk.before = after(n, func() error { return unix.Kill(os.Getpid(), unix.SIGKILL) })
	if err := session(context.Background(), d, Link); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// The process is killed before each step. Its lock goes with it.
func TestKilled(t *testing.T) {
	stride := int64(1)
	if testing.Short() {
		stride = 7
	}
	for n := int64(1); ; n += stride {
		d, before := twoSnapshots(t)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fmt.Sprint(dieEnv, "=", n), dirEnv+"="+d.lib.dir)
		out, err := child.CombinedOutput()
		if err == nil {
			if n < 50 {
				t.Errorf("only %d steps", n)
			}
			return
		}
		if child.ProcessState.Exited() {
			t.Fatalf("step %d: %v: %s", n, err, out)
		}
		whole(t, d, before)
		if err := session(t.Context(), d, Link); err != nil {
			t.Fatalf("after being killed before step %d: %v", n, err)
		}
		whole(t, d, before)
		if t.Failed() {
			t.Fatalf("step %d", n)
		}
	}
}
