package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"ibfs/capture"
)

// A runShow tells a person, or with --json a program, where a run with a phone
// stands: a bar on a terminal, plain lines without one or for several phones.
type runShow struct {
	a     *app
	name  string
	task  *phoneTask
	plain bool // lines, no bar

	step  capture.Step
	need  capture.Need
	bar   *progressbar.ProgressBar
	steps map[capture.Step]bool // those that a plain line has told of
	told  time.Time             // when the last line of progress was written
	speed rate                  // of the bytes, in the step that moves them

	notifying atomic.Bool // a text is being shown on the desktop
}

// Lines of progress come at least so far apart.
const (
	quietFor     = 10 * time.Second
	quietForJSON = 500 * time.Millisecond
)

func (a *app) showRun(name string, task *phoneTask, several bool) *runShow {
	return &runShow{a: a, name: shown(name, nameWidth), task: task, plain: several || !isTerminal(a.stderr), steps: map[capture.Step]bool{}}
}

// needTexts say what a person has to do, but for the passcode, which each task words.
var needTexts = map[capture.Need]string{
	capture.NeedConnect: "connect the phone again",
	capture.NeedDaemon:  "usbmuxd is gone: connect the phone again, which starts it",
	capture.NeedUnlock:  "unlock the phone",
	capture.NeedTrust:   "tap Trust on the phone, then enter its passcode",
}

// event is called with each event of the run, one at a time.
func (s *runShow) event(e capture.Event) {
	if s.a.json {
		s.line(e)
		return
	}
	if e.Warning != "" {
		s.clear()
		s.a.warn("%s: %s", s.name, e.Warning)
	}
	if e.Step == "" {
		return // a warning alone
	}
	if e.Step != s.step {
		s.begin(e.Step)
	}
	if e.Need != s.need { // after the step, in whatever order the phone tells both
		s.need = e.Need
		s.ask()
	}
	s.progress(e)
}

// warn is an event of its own.
func (s *runShow) warn(format string, args ...any) {
	s.event(capture.Event{Warning: fmt.Sprintf(format, args...)})
}

// say tells something about the phone on the way.
func (s *runShow) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !s.a.json {
		s.clear()
		s.a.say("%s: %s", s.name, text)
		return
	}
	printLine(s.a.stderr, struct {
		Device string `json:"device"`
		Note   string `json:"note"`
	}{s.name, text})
}

// line writes an event as a line of JSON; of progress not every one.
func (s *runShow) line(e capture.Event) {
	same := e.Step == s.step && e.Need == s.need && e.Warning == ""
	if same && time.Since(s.told) < quietForJSON {
		return
	}
	s.step, s.need, s.told = e.Step, e.Need, time.Now()
	printLine(s.a.stderr, struct {
		Device string `json:"device"`
		capture.Event
	}{s.name, e})
}

// ask tells a person what to do, on the terminal and on the desktop.
func (s *runShow) ask() {
	text := needTexts[s.need]
	if s.need == capture.NeedPasscode {
		text = s.task.asks
	}
	if text == "" {
		return
	}
	s.clear()
	fmt.Fprintf(s.a.stderr, "%s: %s.\n", s.name, text)
	s.notify(strings.ToUpper(text[:1]) + text[1:] + ".")
}

func (s *runShow) begin(step capture.Step) {
	s.clear()
	s.step = step
	text := s.task.steps[step]
	switch {
	case text == "":
	case s.plain && !s.steps[step]:
		fmt.Fprintf(s.a.stderr, "%s: %s.\n", s.name, text)
		s.steps[step], s.told = true, time.Now()
	case !s.plain:
		s.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(s.a.stderr), progressbar.OptionSetDescription(text),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
}

func (s *runShow) progress(e capture.Event) {
	if e.Step == s.task.moves {
		s.speed.see(time.Now(), e.Bytes)
	}
	if e.Percent <= 0 && e.Files == 0 {
		return
	}
	if s.bar != nil {
		s.onBar(e)
		return
	}
	if s.plain && time.Since(s.told) >= quietFor {
		fmt.Fprintf(s.a.stderr, "%s: %s: %s\n", s.name, s.task.steps[e.Step], s.numbers(e))
		s.told = time.Now()
	}
}

// onBar moves the bar in thousandths of the whole.
func (s *runShow) onBar(e capture.Event) {
	const whole = 1000
	s.bar.Describe(s.task.steps[e.Step] + " " + s.numbers(e))
	if e.Percent <= 0 {
		_ = s.bar.Add(0)
		return
	}
	if s.bar.GetMax64() != whole {
		s.bar.ChangeMax64(whole)
	}
	_ = s.bar.Set64(int64(min(e.Percent, 99.9) * whole / 100))
}

// numbers are how far the step is: percent, files, bytes, and how fast.
func (s *runShow) numbers(e capture.Event) string {
	var parts []string
	if e.Percent > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %%", e.Percent))
	}
	if e.Files > 0 {
		parts = append(parts, fmt.Sprintf("%d files", e.Files))
	}
	if e.Bytes > 0 {
		parts = append(parts, humanSize(e.Bytes))
	}
	if speed := s.speed.perSecond(); speed > 0 && e.Step == s.task.moves {
		parts = append(parts, humanSize(speed)+"/s")
	}
	return strings.Join(parts, ", ")
}

func (s *runShow) clear() {
	if s.bar != nil {
		_ = s.bar.Finish()
		s.bar = nil
		s.step = ""
	}
}

// done ends what is shown.
func (s *runShow) done() { s.clear() }

// printLine writes v as one line of JSON.
func printLine(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // who no longer reads is not told
}
