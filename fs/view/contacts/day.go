package contacts

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// cocoaEpoch is 2001-01-01 UTC in Unix seconds.
const cocoaEpoch = 978307200

// noYear stands for a year that is not known.
const noYear = 1604

// parseDay reads a day: seconds since 2001-01-01 UTC, as a number or its digits,
// of any time of the day in UTC; or YYYY-MM-DD. Years before 1800 other than
// noYear, and after 2100, are none.
func parseDay(s string) (day time.Time, ok bool) {
	s = strings.TrimSpace(s)
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		if !(seconds > -1e11 && seconds < 1e11) { // NaN is neither
			return day, false
		}
		day = time.Unix(cocoaEpoch+int64(math.Round(seconds)), 0).UTC()
	} else if day, err = time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))]); err != nil {
		return day, false
	}
	return day, day.Year() == noYear || day.Year() >= 1800 && day.Year() <= 2100
}

// omitYear is the parameter of a day whose year is not known.
func omitYear(day time.Time) string {
	if day.Year() == noYear {
		return ";X-APPLE-OMIT-YEAR=1604"
	}
	return ""
}
