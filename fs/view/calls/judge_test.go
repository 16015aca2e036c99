package calls_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/backupfmt/backuptest/judge"
	"ibfs/fs/view/viewtest"
)

// TestJudge holds the calls of one store against what mvt finds in it: the same
// times, numbers and lengths. mvt knows neither who took part in a group call
// nor the store of calls before the first unlocking.
func TestJudge(t *testing.T) {
	viewtest.Judges(t)
	b := sample(t, newStore)
	dir := viewtest.Write(t, b)
	records, err := judge.MVTRecords(t.Context(), dir, "Calls", "calls")
	if err != nil {
		t.Fatalf("%v (make test installs the judges, IBFS_TEST_JUDGES=0 does without)", err)
	}
	var theirs, ours []string
	for _, r := range records {
		at, _ := r["isodate"].(string)
		number, _ := r["number"].(string)
		if day, err := time.Parse("2006-01-02 15:04:05.999999", at); err == nil {
			at = day.Format(time.DateTime)
		}
		theirs = append(theirs, fmt.Sprintln(at, number))
	}
	rows, err := csv.NewReader(strings.NewReader(read(t, open(t, b), "calls.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		at, number := r[0], r[3]
		if day, err := time.Parse(time.RFC3339, at); err == nil {
			at = day.UTC().Format(time.DateTime)
		}
		if strings.Contains(number, " / ") {
			number = ""
		}
		ours = append(ours, fmt.Sprintln(at, number))
	}
	slices.Sort(theirs)
	slices.Sort(ours)
	if !slices.Equal(theirs, ours) {
		t.Errorf("mvt: %q\nours: %q", theirs, ours)
	}
}
