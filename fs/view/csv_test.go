package view_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"ibfs/fs/view"
)

// TestSheetGuardsFormulas is case FC-20.
func TestSheetGuardsFormulas(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Anna": "Anna", "+4712345678": "+4712345678", "0123": "0123", "+47 (12) 34-56.78/9": "+47 (12) 34-56.78/9", "-12": "-12",
		"=1+1": "'=1+1", "-x": "'-x", "+SUM(1)": "'+SUM(1)", "@A1": "'@A1", "\tx": "'\tx", "\rx": "'\nx", "'=1": "'=1", "+1 x": "'+1 x",
		"say \"x\", y\nz": "say \"x\", y\nz",
	} {
		s := view.NewSheet("a", "=b")
		s.Row("first", cell)
		text := string(s.Bytes())
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) != 2 || !slices.Equal(rows[0], []string{"a", "'=b"}) || rows[1][1] != want {
			t.Errorf("%q: %q, %v, want %q", cell, text, err, want)
		}
		if !strings.HasPrefix(text, "a,'=b\r\n") {
			t.Errorf("the lines end otherwise: %q", text)
		}
	}
}

func FuzzSheet(f *testing.F) {
	f.Add("=1", "a\"b", "x\r\ny")
	f.Add("", "\r", "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s := view.NewSheet("1", "2", "3")
		s.Row(a, b, c)
		rows, err := csv.NewReader(strings.NewReader(string(s.Bytes()))).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 3 {
			t.Fatalf("%q, %v", rows, err)
		}
		for i, cell := range []string{a, b, c} {
			got, one := rows[1][i], strings.NewReplacer("\r\n", "\n", "\r", "\n")
			if strings.TrimPrefix(got, "'") != one.Replace(strings.TrimPrefix(cell, "'")) {
				t.Errorf("%q is read as %q", cell, got)
			}
			if got != "" && strings.Contains("=@\t\r", got[:1]) {
				t.Errorf("%q stands unguarded", got)
			}
		}
	})
}

func TestStamp(t *testing.T) {
	at := time.Date(2024, 7, 14, 18, 3, 5, 999, time.UTC)
	for want, zone := range map[string]*time.Location{
		"2024-07-14T18:03:05+00:00": time.UTC, "2024-07-14T20:03:05+02:00": time.FixedZone("", 7200), "2024-07-14T12:33:05-05:30": time.FixedZone("", -5*3600-1800),
	} {
		if got := view.Stamp(at, zone); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := view.Stamp(time.Time{}, time.UTC); got != "" {
		t.Errorf("an unknown time: %q", got)
	}
}
