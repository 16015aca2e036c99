package view

import (
	"math"
	"time"
)

// cocoaEpoch is 2001-01-01 UTC in Unix seconds.
const cocoaEpoch = 978307200

// Cocoa is the instant of a number that counts from 2001-01-01 UTC: in seconds,
// or, where its magnitude is beyond 1e12, in nanoseconds. Zero, what is no
// number, and what lies outside the years 1990 to 2100 is the zero time:
// unknown.
//
// Source: views.md 1.3. One database may hold both units (sms.db of a phone that
// was upgraded), so each value tells its own.
func Cocoa(v float64) time.Time {
	if math.Abs(v) > 1e12 {
		v /= 1e9
	}
	if v == 0 {
		return time.Time{}
	}
	return Unix(v + cocoaEpoch)
}

// cocoaInt is Cocoa for an integer, which keeps each nanosecond.
func cocoaInt(v int64) time.Time {
	if v > 1e12 || v < -1e12 {
		return known(time.Unix(cocoaEpoch+v/1e9, v%1e9))
	}
	return Cocoa(float64(v))
}

// Unix is the instant of a number of seconds since 1970. What Cocoa does not
// know is unknown here too.
func Unix(v float64) time.Time {
	if v == 0 || math.IsNaN(v) || math.Abs(v) > 1e12 {
		return time.Time{}
	}
	whole := math.Floor(v)
	return known(time.Unix(int64(whole), int64((v-whole)*1e9)))
}

func known(t time.Time) time.Time {
	if t = t.UTC(); t.Year() < 1990 || t.Year() > 2100 {
		return time.Time{}
	}
	return t
}
