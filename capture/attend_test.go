package capture_test

import (
	"slices"
	"testing"
	"time"

	"ibfs/capture"
	"ibfs/capture/fakedevice"
)

// A phone that shows its passcode prompt in the middle of a run, for whatever, and
// takes it away, sends the run back to no earlier step.
func TestPromptInTheMiddle(t *testing.T) {
	p := &fakedevice.Phone{UDID: udid, NoPasscode: true, Backup: fakedevice.Backup{Content: content(t, small(30)), Batch: 10}}
	b := newBench(t, p)
	// events waits until the events are such.
	events := func(what string, such func([]capture.Event) bool) fakedevice.Action {
		return fakedevice.Call(func() {
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
				b.mu.Lock()
				is := such(b.events)
				b.mu.Unlock()
				if is {
					return
				}
			}
			t.Errorf("%s is not told", what)
		})
	}
	asks := func(e capture.Event) bool { return e.Need == capture.NeedPasscode }
	told := 0
	var script []fakedevice.Fault
	for _, do := range []fakedevice.Action{
		fakedevice.Notify("com.apple.LocalAuthentication.ui.presented"),
		events("the prompt", func(all []capture.Event) bool { return slices.ContainsFunc(all, asks) }),
		fakedevice.Wait(100 * time.Millisecond), // for what is under way
		events("anything", func(all []capture.Event) bool { told = len(all); return true }),
		fakedevice.Notify("com.apple.LocalAuthentication.ui.dismissed"),
		events("its end", func(all []capture.Event) bool { return len(all) > told }),
	} {
		script = append(script, fakedevice.Fault{File: 15, Do: do})
	}
	p.SetScript(script...)
	b.mustRun()
	first := slices.IndexFunc(b.events, func(e capture.Event) bool { return e.Step == capture.Receiving })
	if at := slices.IndexFunc(b.events, asks); first < 0 || at < first || b.events[at].Step != capture.Receiving {
		t.Errorf("receiving at %d, the prompt at %d", first, at)
	}
	for i, e := range b.events[first+1:] {
		if before := b.events[first+i]; e.Step == capture.Waiting || e.Step == capture.Receiving && e.Percent < before.Percent {
			t.Errorf("%+v after %+v", e, before)
		}
	}
}
