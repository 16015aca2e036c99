//go:build linux

package main

import (
	"context"
	"slices"
	"time"
)

// A series is what one candidate took, in seconds, run after run.
type series []float64

// A candidate is one way of doing what an experiment measures. It returns the
// seconds that it took, without those of getting ready for it.
type candidate func(context.Context) (seconds float64, err error)

// compare runs the candidates in turns, so that what else the machine does
// falls on all of them alike.
func (b *bencher) compare(ctx context.Context, candidates ...candidate) ([]series, error) {
	all := make([]series, len(candidates))
	for range b.runs {
		for i, run := range candidates {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			seconds, err := run(ctx)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], seconds)
		}
	}
	return all, nil
}

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// over is the median of the ratios of each turn.
func (s series) over(other series) float64 {
	var ratios series
	for i := range s {
		ratios = append(ratios, s[i]/other[i])
	}
	return ratios.median()
}

// timed is how long f takes, in seconds.
func timed(f func() error) (float64, error) {
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}
