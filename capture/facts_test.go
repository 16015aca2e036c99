package capture_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
)

func TestFacts(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		name          string
		battery       any
		total, free   any
		percent, used *int64
	}{
		{"sound", int64(80), int64(100), int64(30), number(80), number(70)},
		{"an empty phone", int64(0), int64(100), int64(100), number(0), number(0)},
		{"no numbers", "80", "100", true, nil, nil},
		{"out of range", int64(101), int64(100), int64(-1), nil, nil},
		{"more free than there is", int64(-1), int64(100), int64(101), nil, nil},
		{"a difference that overflows", int64(1), int64(math.MinInt64), int64(1), number(1), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, &fakedevice.Phone{UDID: udid, Values: map[string]map[string]any{
				"com.apple.mobile.battery": {"BatteryCurrentCapacity": tt.battery},
				"com.apple.disk_usage":     {"TotalDataCapacity": tt.total, "TotalDataAvailable": tt.free},
			}})
			p, err := b.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			f, err := p.Facts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			same := func(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
			if !same(f.Battery, tt.percent) || !same(f.UsedBytes, tt.used) {
				t.Errorf("battery %v, used %v", f.Battery, f.UsedBytes)
			}
		})
	}
}

// A phone with a name of megabytes has a short one, with which device.json is read again.
func TestLongName(t *testing.T) {
	b := newBench(t, &fakedevice.Phone{UDID: udid, Name: "x" + strings.Repeat("é", 1<<20), Backup: fakedevice.Backup{Content: content(t, small(3))}})
	b.mustRun()
	b.mustRun()
	for _, e := range b.events {
		if e.Warning != "" {
			t.Errorf("told: %s", e.Warning)
		}
	}
	var info library.Info
	data, err := os.ReadFile(filepath.Join(b.lib.Dir(), udid, "device.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &info); err != nil || info.Name != "x"+strings.Repeat("é", 511) {
		t.Errorf("a name of %d bytes, %v", len(info.Name), err)
	}
}
