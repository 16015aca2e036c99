package capture_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/devicelink"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/usbmux"
)

// A disturbed run is one that meets with trouble.
type disturbed struct {
	*storm
	ctx    context.Context
	cancel func()
	at     time.Time   // when it was cancelled
	hit    atomic.Bool // the trouble came
	child  chan *os.Process

	disk sync.Mutex // held while the disk is filled or emptied
	over bool       // guarded by disk: the run is
}

// A trouble is what happens to a run.
type trouble struct {
	name   string
	do     func(*disturbed) fakedevice.Action
	steps  []fakedevice.Step            // before which it happens; nil: anywhere
	file   bool                         // it happens to a file
	volume bool                         // it needs a disk of its own
	run    func(*disturbed) error       // in place of a run in this process
	after  func(*disturbed)             // is done after the run
	want   func(*disturbed, error) bool // of the run's error, which may be nil when all was done by then
}

// betweenMessages are the steps at which a phone may say anything.
var betweenMessages = []fakedevice.Step{
	fakedevice.StepPrompt, fakedevice.StepList, fakedevice.StepDownload, fakedevice.StepCreate, fakedevice.StepSpace, fakedevice.StepUpload,
	fakedevice.StepManifests, fakedevice.StepMove, fakedevice.StepRemove, fakedevice.StepCheck, fakedevice.StepResponse,
}

func wants(errs ...error) func(*disturbed, error) bool {
	return func(_ *disturbed, err error) bool {
		for _, e := range errs {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
}

// lie is the name of the trouble that a run ends well which is not done.
const lie = "success too early"

func always(do fakedevice.Action) func(*disturbed) fakedevice.Action {
	return func(*disturbed) fakedevice.Action { return do }
}

var troubles = []trouble{
	{name: "cut", do: always(fakedevice.Cut())},
	{name: "reset", do: always(fakedevice.Reset())},
	{name: "garbage", do: func(r *disturbed) fakedevice.Action {
		b := make([]byte, 100)
		for i := range b {
			b[i] = byte(r.random.Uint32())
		}
		return fakedevice.Raw(b)
	}, run: impatient},
	{name: "disconnect", do: always(fakedevice.Disconnect()), steps: betweenMessages, want: wants(devicelink.ErrClosed)},
	{name: "stall", do: always(fakedevice.Stall()), run: impatient, want: wants(devicelink.ErrSilent)},
	{name: "cable pulled", do: func(r *disturbed) fakedevice.Action {
		return both(fakedevice.Call(func() { r.mux.Detach(r.phone) }), fakedevice.Stall())
	}, after: func(r *disturbed) {
		if r.hit.Load() {
			r.mux.Attach(r.phone)
		}
	}, want: wants(capture.ErrUnplugged)},
	{name: "cancelled here", do: func(r *disturbed) fakedevice.Action {
		return both(fakedevice.Call(r.cancel), fakedevice.Stall())
	}, want: func(r *disturbed, err error) bool {
		return errors.Is(err, context.Canceled) && time.Since(r.at) < 2*time.Second // one, on a machine that does nothing else
	}},
	{name: "cancelled on the phone", do: func(*disturbed) fakedevice.Action {
		return both(fakedevice.Notify("com.apple.itunes-client.syncCancelRequest"), fakedevice.Stall())
	}, want: wants(capture.ErrCancelled)},
	{name: "killed by the phone's clock", do: func(r *disturbed) fakedevice.Action {
		return both(fakedevice.Call(func() { (<-r.child).Kill() }), fakedevice.Stall())
	}, run: func(r *disturbed) error { return r.inChild(0) }},
	{name: "killed by its own clock", do: always(fakedevice.Wait(0)), steps: []fakedevice.Step{fakedevice.StepExchange},
		run: func(r *disturbed) error { return r.inChild(2 + r.random.IntN(40)) }},
	{name: "disk full", volume: true, do: func(r *disturbed) fakedevice.Action { return fakedevice.Call(r.fill) },
		after: (*disturbed).empty,
		want:  wants(unix.ENOSPC, library.ErrNoSpace, mobilebackup2.ErrNoSpace)},
	{name: "another ibfs", do: func(r *disturbed) fakedevice.Action {
		return fakedevice.Call(func() {
			if _, err := r.storm.run(r.ctx); !errors.Is(err, library.ErrBusy) {
				r.t.Errorf("a second run at the same time: %v", err)
			}
		})
	}, want: wants()},
	{name: "locked midway", steps: betweenMessages, do: func(r *disturbed) fakedevice.Action {
		return both(fakedevice.Call(func() { r.phone.Lock(true) }), fakedevice.Respond(104, "Multiple errors uploading files"))
	}, after: func(r *disturbed) { r.phone.Lock(false) }, want: wantsCode(104)},
	{name: "code", steps: betweenMessages, do: func(r *disturbed) fakedevice.Action {
		codes := []int64{1, 2, 3, 4, 11, 100, 103, 104, 105, 202, 205, 207, 208, 209, 212, -1, 1 << 40}
		return fakedevice.Respond(codes[r.random.IntN(len(codes))], "Input/output error (5)")
	}, want: func(_ *disturbed, err error) bool {
		var answer *mobilebackup2.Error
		return errors.As(err, &answer) && answer.Hint() != ""
	}},
	{name: lie, steps: betweenMessages[:8], do: always(fakedevice.Respond(0, ""))},
	{name: "remote error", file: true, do: always(fakedevice.Break(0x0B, 0, "No such file")), want: wantsCode(104)},
	{name: "local error", file: true, do: always(fakedevice.Break(0x06, 100, "No such file")), want: wantsCode(104)},
	{name: "not finished", steps: []fakedevice.Step{fakedevice.StepManifests}, do: always(fakedevice.SnapshotState("moving")), want: wants(mobilebackup2.ErrIncomplete)},
	{name: "bad blob", steps: []fakedevice.Step{fakedevice.StepCheck}, do: always(badBlob), want: wants(capture.ErrBadTree)},
}

// badBlob sends another content of the same length in the place of a file that is
// the same in all states. The phone believes that it has sent the right one.
var badBlob = fakedevice.Upload(blobPath(10), make([]byte, len(small(11).Files[10].Content)))

// blobPath is where a file of small lies.
func blobPath(i int) string {
	f := small(i + 1).Files[i]
	id := backuptest.FileID(f.Domain, f.Path)
	return udid + "/" + id[:2] + "/" + id
}

func wantsCode(code int64) func(*disturbed, error) bool {
	return func(_ *disturbed, err error) bool {
		var answer *mobilebackup2.Error
		return errors.As(err, &answer) && answer.Code == code
	}
}

// impatient is a run that soon gives up.
func impatient(r *disturbed) error {
	kept := r.opt.Patience
	defer func() { r.opt.Patience = kept }()
	r.opt.Patience = patience
	_, err := r.storm.run(r.ctx)
	return err
}

func (r *disturbed) filler() string { return filepath.Join(r.volume, "filler") }

// fill takes all the space of the disk, unless the run is over by then.
func (r *disturbed) fill() {
	r.disk.Lock()
	defer r.disk.Unlock()
	if r.over {
		return
	}
	f, err := os.Create(r.filler())
	if err != nil {
		return // it is full already
	}
	defer f.Close()
	for chunk := 1 << 20; chunk > 0; {
		if _, err := f.Write(make([]byte, chunk)); err != nil {
			chunk /= 2
		}
	}
}

// empty gives the space back, for good.
func (r *disturbed) empty() {
	r.disk.Lock()
	defer r.disk.Unlock()
	r.over = true
	os.Remove(r.filler())
}

const (
	childSocket  = "IBFS_TEST_CHILD_SOCKET"
	childLibrary = "IBFS_TEST_CHILD_LIBRARY"
	childDies    = "IBFS_TEST_CHILD_DIES"
)

func TestMain(m *testing.M) {
	if socket := os.Getenv(childSocket); socket != "" {
		if err := beChild(socket); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// inChild is a run in a process of its own, which is killed by somebody, or, where
// dies is not 0, by itself at that event. An error says that it ended badly in
// another way.
func (r *disturbed) inChild(dies int) error {
	child := exec.CommandContext(r.ctx, os.Args[0])
	child.Env = append(os.Environ(), childSocket+"="+r.mux.Socket(), childLibrary+"="+r.lib.Dir(), fmt.Sprint(childDies, "=", dies))
	var out bytes.Buffer
	child.Stderr = &out
	if err := child.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.child <- child.Process
	err := child.Wait()
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return errKilled
	}
	if err != nil {
		r.t.Errorf("a run that was to be killed ended by itself: %v: %s", err, out.Bytes())
	}
	return err
}

var errKilled = errors.New("the process was killed")

func beChild(socket string) error {
	dies, err := strconv.Atoi(os.Getenv(childDies))
	if err != nil {
		return err
	}
	b := &bench{}
	if b.lib, err = library.Open(os.Getenv(childLibrary), library.Options{}); err != nil {
		return err
	}
	addr, err := usbmux.ParseAddress(socket)
	if err != nil {
		return err
	}
	b.opt = capture.Options{Mux: usbmux.New(addr, nil), Events: func(capture.Event) {
		if dies--; dies == 0 {
			unix.Kill(os.Getpid(), unix.SIGKILL)
		}
	}}
	b.backup = capture.BackupOptions{Library: b.lib, Verify: verify, Reserve: 1}
	_, err = b.run(context.Background())
	return err
}
