package capture_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture"
	"ibfs/capture/devicelink"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
)

var (
	troublePoints = flag.Int("trouble", 200, "how many points of runs TestTrouble disturbs")
	troubleSeed   = flag.Uint64("trouble-seed", 1, "the seed of TestTrouble's points")
)

// TestTrouble disturbs full and incremental runs at seeded points, again and again
// until one is let end. After each the published snapshots are as they were, and in
// the end there is one that is what the phone holds.
func TestTrouble(t *testing.T) {
	const storms = 4
	points := *troublePoints
	if testing.Short() {
		points = min(points, 40)
	}
	for i := range uint64(storms) {
		seed := *troubleSeed*storms + i
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, rand.New(rand.NewPCG(seed, 0)))
			for s.points < points/storms {
				s.round()
			}
			t.Logf("%d points: %v", s.points, s.kinds)
		})
	}
}

// A storm is a bench whose runs are disturbed.
type storm struct {
	*bench
	random  *rand.Rand
	volume  string // a small one of its own; "" where mounting is not allowed
	holding int    // the state of states that the phone holds
	states  []fakedevice.Content

	kept   map[string]string // what is published
	pack   []trouble         // still to come
	points int
	kinds  map[string]int // of trouble, how often it came
}

func newStorm(t *testing.T, random *rand.Rand) *storm {
	p := &fakedevice.Phone{UDID: udid, Backup: fakedevice.Backup{Batch: 20, Strict: true}}
	s := &storm{bench: newBench(t, p), random: random, kinds: map[string]int{}}
	var err error
	if s.volume, err = smallVolume(t); err != nil {
		t.Run("disk full", func(t *testing.T) { t.Skipf("no small disk can be mounted: %v", err) })
	}
	for _, b := range []backuptest.Backup{small(60), small(62, 3, 30, 58), small(58, 3, 31)} {
		b.Files = append(b.Files, backuptest.File{Domain: "CameraRollDomain", Path: "Media/large", Content: slices.Repeat([]byte{byte(len(b.Files))}, 300_000)})
		s.states = append(s.states, content(t, b))
	}
	return s
}

// smallVolume is one that is soon full.
func smallVolume(t *testing.T) (at string, err error) {
	t.Helper()
	at = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=32m", "ibfs-test", at).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", at).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return at, nil
}

// round fills a new library with a full backup and two incremental ones.
func (s *storm) round() {
	dir := s.t.TempDir()
	if s.volume != "" {
		dir = filepath.Join(s.volume, "library")
		if err := os.RemoveAll(dir); err != nil {
			s.t.Fatal(err)
		}
	}
	var err error
	if s.lib, err = library.Create(dir, library.Options{}); err != nil {
		s.t.Fatal(err)
	}
	s.backup.Library = s.lib
	s.kept = map[string]string{}
	for n := range 3 {
		s.holding = (s.holding + 1) % len(s.states)
		s.phone.SetContent(s.states[s.holding])
		for range 1 + s.random.IntN(4) {
			s.disturb(n == 0)
		}
		s.complete()
	}
}

// disturb lets one run meet with trouble.
func (s *storm) disturb(full bool) {
	tr := s.draw()
	fault, place := s.place(tr, full)
	r := &disturbed{storm: s, child: make(chan *os.Process, 1)}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithCancel(s.t.Context())
	defer cancel()
	r.cancel = func() { r.at = time.Now(); cancel() }
	fault.Do = both(fakedevice.Call(func() { r.hit.Store(true) }), tr.do(r))
	s.phone.SetScript(fault)
	what := fmt.Sprintf("point %d: %s at %s", s.points, tr.name, place)
	run := s.run
	if tr.run != nil {
		run = func(context.Context) (capture.Report, error) { return capture.Report{}, tr.run(r) }
	}
	_, err := run(r.ctx)
	if tr.after != nil {
		tr.after(r)
	}
	s.phone.SetScript()
	if r.hit.Load() {
		s.points++
		s.kinds[tr.name]++
		if err != nil && tr.want != nil && !tr.want(r, err) {
			s.t.Errorf("%s: %v", what, err)
		}
	}
	s.look(what, err == nil)
}

// draw takes the next trouble from a shuffled pack of all.
func (s *storm) draw() trouble {
	if len(s.pack) == 0 {
		for _, tr := range troubles {
			if !tr.volume || s.volume != "" {
				s.pack = append(s.pack, tr)
			}
		}
		s.random.Shuffle(len(s.pack), func(i, j int) { s.pack[i], s.pack[j] = s.pack[j], s.pack[i] })
	}
	tr := s.pack[0]
	s.pack = s.pack[1:]
	return tr
}

// place is somewhere in a run: before a step or a file, or at a byte of the link.
func (s *storm) place(tr trouble, full bool) (fakedevice.Fault, string) {
	where := s.random.IntN(3)
	if tr.steps != nil {
		where = 0
	}
	switch {
	case tr.file || where == 1:
		n := 1 + s.random.IntN(6)
		if full {
			n = 1 + s.random.IntN(60)
		}
		return fakedevice.Fault{File: n}, fmt.Sprint("file ", n)
	case where == 2:
		n := 1 + s.random.Int64N(400_000) // the large file changes in each run
		return fakedevice.Fault{Byte: n}, fmt.Sprint("byte ", n)
	}
	steps := tr.steps
	if steps == nil {
		steps = []fakedevice.Step{
			fakedevice.StepExchange, fakedevice.StepReady, fakedevice.StepHello, fakedevice.StepPrompt, fakedevice.StepList,
			fakedevice.StepDownload, fakedevice.StepCreate, fakedevice.StepSpace, fakedevice.StepUpload, fakedevice.StepManifests,
			fakedevice.StepMove, fakedevice.StepRemove, fakedevice.StepCheck, fakedevice.StepResponse, fakedevice.StepEnd,
		}
	}
	step := steps[s.random.IntN(len(steps))]
	return fakedevice.Fault{Before: step}, "step " + string(step)
}

// look holds the snapshots against what they were. Only a run that ended well, or
// one whose process was killed, may have made another, which then is whole.
func (s *storm) look(what string, well bool) {
	s.t.Helper()
	now := s.published()
	added := maps.Clone(now)
	for name, sum := range s.kept {
		if now[name] != sum {
			s.t.Errorf("%s: %s has changed", what, name)
		}
		delete(added, name)
	}
	if well && len(added) == 0 && !strings.Contains(what, "kill") {
		s.t.Errorf("%s: the run ended well, and there is no snapshot", what)
	}
	for name := range added {
		if ok, _ := filepath.Match("/*/Manifest.db", name); ok {
			s.lookAtNew(what, filepath.Join(s.lib.Dir(), udid, "snapshots", filepath.Dir(name)))
		}
	}
	s.kept = now
	for end := time.Now().Add(5 * time.Second); s.phone.SyncLocked(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: the phone is still locked for others", what)
		}
	}
	entries, err := os.ReadDir(s.lib.Dir())
	if err != nil || len(entries) != 2 { // the mark and the device
		s.t.Errorf("%s: the library holds %v (%v)", what, entries, err)
	}
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// lookAtNew holds a snapshot against what the phone holds, or, when the phone has said
// that it was done and was not, against what it ever held.
func (s *storm) lookAtNew(what, dir string) {
	s.t.Helper()
	may := s.states[s.holding : s.holding+1]
	if strings.Contains(what, lie) {
		may = s.states
	}
	got := state(s.t, dir).Files
	if !slices.ContainsFunc(may, func(c fakedevice.Content) bool { return maps.Equal(c[""].Files, got) }) {
		s.t.Errorf("%s: the %d files of the new snapshot are not those of the phone", what, len(got))
	}
}

// complete lets a run end.
func (s *storm) complete() {
	s.t.Helper()
	s.mustRun()
	s.look("the run after that", true)
}

// both does one thing, then another.
func both[A any](f, g func(A) error) func(A) error {
	return func(a A) error {
		if err := f(a); err != nil {
			return err
		}
		return g(a)
	}
}

// patience is short, and longer than a machine that does much else needs.
var patience = devicelink.Patience{First: 700 * time.Millisecond, Message: 700 * time.Millisecond, Byte: 700 * time.Millisecond}
