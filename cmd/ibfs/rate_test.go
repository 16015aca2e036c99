package main

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	const MiB = 1 << 20
	steady := func(perSecond int64, d time.Duration) func(*rate, *time.Time, *int64) {
		return func(r *rate, at *time.Time, count *int64) {
			for end := at.Add(d); at.Before(end); {
				*at = at.Add(50 * time.Millisecond)
				*count += perSecond / 20
				r.see(*at, *count)
			}
		}
	}
	for _, tt := range []struct {
		name string
		do   []func(*rate, *time.Time, *int64)
		want int64 // within 3 %
	}{
		{"nothing yet", nil, 0},
		{"too short", []func(*rate, *time.Time, *int64){steady(MiB, rateFrom/2)}, 0},
		{"steady", []func(*rate, *time.Time, *int64){steady(10*MiB, time.Minute)}, 10 * MiB},
		{"faster of late", []func(*rate, *time.Time, *int64){steady(MiB, time.Hour), steady(50*MiB, 2*rateWindow)}, 50 * MiB},
		{"after a while of other things", []func(*rate, *time.Time, *int64){steady(50*MiB, time.Minute), func(_ *rate, at *time.Time, count *int64) { *at, *count = at.Add(95*time.Second), *count+1<<30 }, steady(10*MiB, 2*time.Second)}, 10 * MiB},
		{"nothing of late", []func(*rate, *time.Time, *int64){steady(50*MiB, time.Minute), steady(0, 2*rateWindow)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r rate
			at, count := time.Unix(1_700_000_000, 0), int64(20<<30) // of an earlier step
			r.see(at, count)
			for _, do := range tt.do {
				do(&r, &at, &count)
				if n, most := len(r.seen), int(2*rateWindow/rateEvery)+3; n > most {
					t.Fatalf("%d sightings are kept, want %d at most", n, most)
				}
			}
			if got := r.perSecond(); got < tt.want*97/100 || got > tt.want*103/100 {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}
