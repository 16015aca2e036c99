package calendars

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-ical"

	"ibfs/fs/view/ics"
)

// recurrence writes when an item recurs, and when it does not though the rule
// says so. A rule that is not understood in full is kept beside what is.
func (w *writer) recurrence(e *ical.Component, i *item, start ics.Moment) {
	if i.master != 0 && w.replaces(i) != nil || start.IsZero() {
		return
	}
	for _, r := range i.rules {
		frequency := frequencies[r.frequency]
		if frequency == "" {
			continue
		}
		by, all := byParts(r.specifier, frequency)
		if !all {
			ics.Text(e, "X-IBFS-SPECIFIER", r.specifier)
		}
		w.c.Rule(e, ics.Rule{Frequency: frequency, Interval: r.interval, Count: r.count, Until: r.end, By: by}, start)
		break // iCalendar knows one rule
	}
	if e.Props.Get(ical.PropRecurrenceRule) == nil {
		return
	}
	for _, t := range once(i.exceptions) {
		if !w.replaced[i.id][t] {
			w.c.AddTime(e, ical.PropExceptionDates, w.moment(t, i.allDay, i.zone))
		}
	}
}

// frequencies are those of Recurrence.frequency.
var frequencies = map[int64]string{1: "DAILY", 2: "WEEKLY", 3: "MONTHLY", 4: "YEARLY"}

// byParts are the parts of a rule that a specifier adds to the frequency, and
// whether that is all that it says. It has parts with ";" between, each a letter,
// "=" and a list:
//
//	D=0MO,+2TU   days of the week; 0 is each of them
//	M=1,-1       days of the month
//	O=3          months
//	S=-1         which of those that the others name
//
// Source: icalPal lib/event.rb, of the macOS twin of the database.
func byParts(specifier, frequency string) (by string, all bool) {
	parts := map[string]string{}
	all = true
	for part := range strings.SplitSeq(specifier, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, list, _ := strings.Cut(part, "=")
		values := strings.Split(list, ",")
		var name string
		var ok bool
		switch key {
		case "D":
			name, ok = "BYDAY", weekdays(values, frequency)
		case "M":
			name, ok = "BYMONTHDAY", numbers(values, 31) && frequency != "WEEKLY"
		case "O":
			name, ok = "BYMONTH", numbers(values, 12) && !strings.Contains(list, "-")
		case "S":
			name, ok = "BYSETPOS", numbers(values, 366)
		}
		if ok = ok && parts[name] == ""; ok {
			parts[name] = ";" + name + "=" + strings.Join(values, ",")
		}
		all = all && ok
	}
	if parts["BYDAY"]+parts["BYMONTHDAY"]+parts["BYMONTH"] == "" && parts["BYSETPOS"] != "" {
		return "", false
	}
	return parts["BYMONTH"] + parts["BYMONTHDAY"] + parts["BYDAY"] + parts["BYSETPOS"], all
}

var weekday = regexp.MustCompile(`^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$`)

// weekdays makes days of a specifier those of a rule, in place.
func weekdays(values []string, frequency string) bool {
	for i, v := range values {
		m := weekday.FindStringSubmatch(strings.TrimSpace(v))
		if m == nil {
			return false
		}
		n, _ := strconv.Atoi(m[1]) // "" is 0
		if n < -53 || n > 53 || n != 0 && frequency != "MONTHLY" && frequency != "YEARLY" {
			return false
		}
		values[i] = m[2]
		if n != 0 {
			values[i] = strconv.Itoa(n) + m[2]
		}
	}
	return true
}

// numbers makes numbers of a specifier those of a rule, in place: none is 0 or
// beyond a limit.
func numbers(values []string, limit int) bool {
	return !slices.ContainsFunc(values, func(v string) bool {
		n, err := strconv.Atoi(v)
		return err != nil || n == 0 || n < -limit || n > limit || strings.HasPrefix(v, "+")
	})
}
