package calendars

import (
	"testing"

	"github.com/teambition/rrule-go"
)

func TestSpecifiers(t *testing.T) {
	for _, tt := range []struct {
		specifier, frequency, want string
		all                        bool
	}{
		{"", "DAILY", "", true},
		{"D=0MO,0WE", "WEEKLY", ";BYDAY=MO,WE", true},
		{"D=+1MO,-1FR", "MONTHLY", ";BYDAY=1MO,-1FR", true},
		{"D=+1MO", "WEEKLY", "", false},
		{"M=1,-1;O=3,12", "YEARLY", ";BYMONTH=3,12;BYMONTHDAY=1,-1", true},
		{"D=0MO,0TU,0WE,0TH,0FR;S=-1", "MONTHLY", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", true},
		{"S=1", "MONTHLY", "", false},
		{"M=32", "MONTHLY", "", false},
		{"M=5", "WEEKLY", "", false},
		{"O=-3", "YEARLY", "", false},
		{"O=0", "YEARLY", "", false},
		{"M=+5", "MONTHLY", "", false},
		{"FREQ=WEEKLY", "WEEKLY", "", false},
		{"D=0MO;X=1", "WEEKLY", ";BYDAY=MO", false},
		{"D=0MO;D=0TU", "WEEKLY", ";BYDAY=MO", false},
		{"D;=;;", "WEEKLY", "", false},
		{"D=0MO\r\nX:1", "WEEKLY", "", false},
	} {
		if by, all := byParts(tt.specifier, tt.frequency); by != tt.want || all != tt.all {
			t.Errorf("%s %q: %q %v, want %q %v", tt.frequency, tt.specifier, by, all, tt.want, tt.all)
		}
	}
}

// FuzzSpecifier holds that a rule is one that another program reads, whatever
// the database says.
func FuzzSpecifier(f *testing.F) {
	f.Add("D=0MO,+2TU;M=1,-1;O=3;S=-1", int64(3))
	f.Add("D=0SU", int64(2))
	f.Add("S=1;S=2,;=", int64(9))
	f.Fuzz(func(t *testing.T, specifier string, frequency int64) {
		name := frequencies[frequency]
		if name == "" {
			return
		}
		by, _ := byParts(specifier, name)
		if _, err := rrule.StrToROption("FREQ=" + name + by); err != nil {
			t.Errorf("%q: %q: %v", specifier, by, err)
		}
	})
}
