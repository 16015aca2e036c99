package devicelink

import (
	"math"
	"time"
)

// Phase is what a run is about.
type Phase string

// The phases. They come in any order, and again.
const (
	Waiting   Phase = "waiting"   // for the phone's first message: it prepares, or wants its passcode
	Sending   Phase = "sending"   // files go to the phone
	Receiving Phase = "receiving" // files come from the phone
	Arranging Phase = "arranging" // the phone lists, moves, copies and removes
	Finished  Phase = "finished"  // the final answer is there
)

// Progress is where a run stands.
type Progress struct {
	Phase      Phase
	Raw        float64 // what the phone said last, in percent; it falls back at times, and below 0 it does not know
	Percent    float64 // what to show: the highest so far, 0 to 100
	BatchBytes int64   // of the files that are coming or going just now
	BatchTotal uint64  // what the phone said they will be; 0 when it did not
	Received   Count   // what came from the phone, in all
	Sent       Count   // what went to the phone, in all: of a backup, what it reads again of the last
}

// A Count is how much came or went.
type Count struct {
	Files int   // whole
	Bytes int64 // also of files that did not come or go whole
}

// reportEvery is the shortest time between two reports inside one batch.
const reportEvery = 100 * time.Millisecond

// tracker keeps the progress of a run and reports it.
type tracker struct {
	Progress
	report func(Progress)
	last   time.Time
}

func (t *tracker) tell() {
	if t.report != nil {
		t.last = time.Now()
		t.report(t.Progress)
	}
}

// percent takes note of what the phone says of its progress, if it does.
func (t *tracker) percent(p float64, ok bool) {
	if !ok || math.IsNaN(p) || math.IsInf(p, 0) {
		return
	}
	t.Raw = p
	t.Percent = max(t.Percent, min(p, 100))
}

// begin starts a phase.
func (t *tracker) begin(p Phase, total uint64) {
	t.Phase, t.BatchBytes, t.BatchTotal = p, 0, total
	t.tell()
}

// bytes counts bytes of a file that came or went.
func (t *tracker) bytes(way *Count, n int) {
	t.BatchBytes += int64(n)
	way.Bytes += int64(n)
	if t.report != nil && time.Since(t.last) >= reportEvery {
		t.tell()
	}
}
