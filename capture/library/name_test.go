package library

import (
	"testing"
	"time"
)

// What a name tells is the second that it was made from, in every hour of every
// zone, whatever number stands behind it.
func FuzzNames(f *testing.F) {
	zones := []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"}
	f.Add(int64(1792888200), byte(1), false) // 2026-10-25 02:30 CEST
	f.Add(int64(1792891800), byte(1), true)  // the same by the clock, CET
	f.Add(int64(1775318400), byte(2), false) // half an hour comes twice
	f.Add(int64(1325239200), byte(4), true)  // a day that never was
	f.Fuzz(func(t *testing.T, unix int64, zone byte, second bool) {
		const first, last = 946684800, 253402300799 // the years 2000 to 9999
		at := time.Unix(first+int64(uint64(unix-first)%(last-first)), 999)
		in, err := time.LoadLocation(zones[int(zone)%len(zones)])
		if err != nil {
			t.Fatal(err)
		}
		name := snapshotName(at, in)
		if second {
			name += "_2"
		}
		back, ok := nameInstant(name, in)
		if !ok || back.Unix() != at.Unix() {
			t.Errorf("%v in %v is %q, which reads as %v", at, in, name, back)
		}
	})
}

func TestOddNames(t *testing.T) {
	for _, name := range []string{"", "x", "_2", "2026-11-20", "2026-11-20_08-15-02x", "2026-13-20_08-15-02", "2026-11-20_08-15-02+01"} {
		if at, ok := nameInstant(name, time.UTC); ok {
			t.Errorf("%q reads as %v", name, at)
		}
	}
}
