package calendars_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view/viewtest"
)

// TestJudges holds what is written against what programs that others wrote read.
func TestJudges(t *testing.T) {
	viewtest.Judges(t)
	all := shown(t, viewtest.Database(t, schema+rows))
	t.Run("icalendar", func(t *testing.T) {
		n := 0
		for path, file := range all {
			if strings.HasSuffix(path, ".ics") {
				items, err := judge.CalendarItems(t.Context(), []byte(file))
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				n += len(items)
			}
		}
		if n != 18 {
			t.Errorf("%d items", n)
		}
		items, err := judge.CalendarItems(t.Context(), []byte(all["iCloud/Work; and more.ics"]))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []judge.CalendarLine{
			{Name: "", Value: "VEVENT"},
			{Name: "ALARMS", Value: []any{"-1 day, 23:45:00", "2023-03-08 20:11:40+00:00"}},
			{Name: "SUMMARY", Value: "Stand-up, daily"},
			{Name: "DESCRIPTION", Value: "one\ntwo; three\nEND:VEVENT\n\nAttachments: agenda.pdf"},
			{Name: "LOCATION", Value: "Office; 2nd floor\nStorgata 1, Oslo"},
			{Name: "GEO", Value: "59.913;10.752"},
			{Name: "DTSTART", Params: map[string]any{"TZID": "Europe/Oslo"}, Value: "2023-03-10 06:00:00+00:00"},
			{Name: "DTEND", Params: map[string]any{"TZID": "Europe/Oslo"}, Value: "2023-03-10 07:00:00+00:00"},
			{Name: "RRULE", Value: "FREQ=DAILY;COUNT=6"},
			{Name: "ORGANIZER", Params: map[string]any{"CN": "Anna 'A' Berg; head"}, Value: "mailto:anna@example.com"},
			{Name: "ATTENDEE", Params: map[string]any{"CN": "Ben", "PARTSTAT": "ACCEPTED"}, Value: "mailto:ben+cal@example.com"},
			{Name: "URL", Value: "https://example.com/a;b"},
		} {
			if !slices.ContainsFunc(items[0], func(l judge.CalendarLine) bool {
				return l.Name == want.Name && reflect.DeepEqual(l.Value, want.Value) && (want.Params == nil || reflect.DeepEqual(l.Params, want.Params))
			}) {
				t.Errorf("no %v in %v", want, items[0])
			}
		}
	})
	for path, want := range map[string][]string{
		"On My iPhone/Calendar.ics": {
			"2023-03-10 00:00|2023-03-10 00:00|Holiday", "2023-03-10 12:00|2023-03-10 13:00|Lunch anywhere", "2023-03-10 14:06|2023-03-10 21:03|Flight",
			"2023-03-10 16:53|2023-03-10 17:53|No zone", "2023-03-10 16:53|2023-03-10 17:53|Unknown zone",
		},
		"iCloud/Work; and more.ics": {
			"2023-03-10 06:00|2023-03-10 07:00|Stand-up, daily",
			"2023-03-11 08:00|2023-03-11 09:00|Of a phantom", "2023-03-11 08:00|2023-03-11 09:00|Of itself", "2023-03-11 08:00|2023-03-11 09:00|Of one in a circle",
			"2023-03-11 08:00|2023-03-11 09:00|Stand-up, moved",
			"2023-03-13 06:00|2023-03-13 07:00|Stand-up, daily", "2023-03-14 06:00|2023-03-14 07:00|Stand-up, daily", "2023-03-15 06:00|2023-03-15 07:00|Stand-up, daily",
		},
		"iCloud/work; AND more (2).ics": { // a day that goes on to the next is listed twice
			"2023-03-09 00:00|2023-03-09 00:00|Born", "2023-03-31 00:00|2023-04-01 00:00|", "2023-03-31 00:00|2023-04-01 00:00|", "2024-03-14 00:00|2024-03-14 00:00|Born",
		},
		"Other.ics": {"2023-03-10 16:53|2023-03-10 17:53|Of no calendar"},
	} {
		t.Run("khal/"+path, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "calendar.ics")
			if err := os.WriteFile(file, []byte(all[path]), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := judge.Occurrences(t.Context(), dir, file, "2023-01-01", "2024-05-01")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestZones has icalendar hold the zones as the files describe them against
// what it knows of them: it ends where they differ.
func TestZones(t *testing.T) {
	viewtest.Judges(t)
	var b strings.Builder
	for i, zone := range []string{"Europe/Oslo", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata", "Europe/Moscow", "Asia/Kathmandu", "Pacific/Apia", "Africa/Windhoek"} {
		for month := range 12 * 12 { // the years 1998 to 2033, each third month
			fmt.Fprintf(&b, "INSERT INTO CalendarItem (calendar_id, summary, start_date, start_tz) VALUES (%d, 'x', %d, '%s');", i+10, -86400*1000+month*3*2629800, zone)
		}
		fmt.Fprintf(&b, "INSERT INTO Calendar VALUES (%d, 1, '%s', NULL);", i+10, zone)
		for n, season := range map[int]string{100: "January", 200: "July"} {
			fmt.Fprintf(&b, "INSERT INTO Calendar VALUES (%d, 1, 'One in %s, %s', NULL);", i+n, season, zone)
			fmt.Fprintf(&b, "INSERT INTO CalendarItem (calendar_id, summary, start_date, start_tz) VALUES (%d, 'x', %d, '%s');", i+n, 789000000+n*157788, zone)
		}
	}
	all := shown(t, viewtest.Database(t, schema+"INSERT INTO Store VALUES (1, 'Local', 0, 0);"+b.String()))
	if len(all) != 3*9 {
		t.Errorf("%d calendars", len(all))
	}
	for path, file := range all {
		items, err := judge.CalendarItems(t.Context(), []byte(file))
		want := 144
		if strings.Contains(path, "One in") {
			want = 1
		}
		if err != nil || len(items) != want {
			head, _, _ := strings.Cut(file, "BEGIN:VEVENT")
			t.Errorf("%s: %d items, %v\n%s", path, len(items), err, head)
		}
	}
}
