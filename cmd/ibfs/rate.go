package main

import "time"

// A rate is how fast a count has grown of late. The zero value is ready.
type rate struct {
	seen []sighting // the oldest first; the second is within rateWindow
}

// A sighting is the count at a time.
type sighting struct {
	at    time.Time
	count int64
}

const (
	rateWindow = 5 * time.Second
	rateEvery  = 100 * time.Millisecond // holds two sightings at most
	rateFrom   = time.Second            // what a rate is told of, at least
)

// see takes the count as it is at a time. The times do not fall. When nothing was
// seen for the whole window, the rate begins anew.
func (r *rate) see(at time.Time, count int64) {
	n := len(r.seen)
	switch {
	case n > 0 && at.Sub(r.seen[n-1].at) >= rateWindow:
		r.seen = nil
	case n > 1 && at.Sub(r.seen[n-2].at) < rateEvery:
		r.seen = r.seen[:n-1]
	}
	r.seen = append(r.seen, sighting{at, count})
	for len(r.seen) > 2 && at.Sub(r.seen[1].at) >= rateWindow {
		r.seen = r.seen[1:]
	}
}

// perSecond is how much the count grows; 0 when that cannot be told yet.
func (r *rate) perSecond() int64 {
	if len(r.seen) < 2 {
		return 0
	}
	first, last := r.seen[0], r.seen[len(r.seen)-1]
	took := last.at.Sub(first.at)
	if took < rateFrom {
		return 0
	}
	return int64(float64(last.count-first.count) / took.Seconds())
}
