package backupfmt

import (
	"slices"
	"testing"
)

func TestDefaultPlaces(t *testing.T) {
	tests := []struct {
		name, goos, home string
		env              map[string]string
		want             []string
	}{
		{"linux", "linux", "/home/anna", nil, []string{"/home/anna/.local/share/ibfs"}},
		{"linux with XDG_DATA_HOME", "linux", "/home/anna", map[string]string{"XDG_DATA_HOME": "/data/"}, []string{"/data/ibfs"}},
		{"linux with a relative XDG_DATA_HOME", "linux", "/home/anna", map[string]string{"XDG_DATA_HOME": "data"}, []string{"/home/anna/.local/share/ibfs"}},
		{"linux with IBFS_LIBRARY", "linux", "/home/anna", map[string]string{"IBFS_LIBRARY": "/lib", "XDG_DATA_HOME": "/data"}, []string{"/lib"}},
		{"FC-23 linux without a home", "linux", "", nil, nil},
		{"macOS", "darwin", "/Users/anna", nil, []string{
			"/Users/anna/Library/Application Support/ibfs",
			"/Users/anna/Library/Application Support/MobileSync/Backup",
		}},
		{"macOS with IBFS_LIBRARY", "darwin", "/Users/anna", map[string]string{"IBFS_LIBRARY": "/lib", "XDG_DATA_HOME": "/data"}, []string{
			"/lib",
			"/Users/anna/Library/Application Support/MobileSync/Backup",
		}},
		{"Windows", "windows", `C:\Users\anna`, map[string]string{"APPDATA": `C:\Users\anna\AppData\Roaming`, "USERPROFILE": `C:\Users\anna`}, []string{
			`C:\Users\anna\AppData\Roaming\Apple Computer\MobileSync\Backup`,
			`C:\Users\anna\Apple\MobileSync\Backup`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := DefaultPlaces(tt.goos, tt.home, func(name string) string { return tt.env[name] })
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMatchUDID(t *testing.T) {
	tests := []struct {
		udid, query string
		want        bool
	}{
		{newUDID, newUDID, true},
		{newUDID, "00008101000a1b2c3d4e5f67", true},
		{newUDID, "00008101-000a", true},
		{newUDID, "0000810", true},
		{newUDID, "8101", false},
		{newUDID, newUDID + "0", false},
		{oldUDID, "1CB1", true},
		{oldUDID, "1cb2", false},
		{oldUDID, "", false},
		{oldUDID, "-", false},
		{"", "1", false},
	}
	for _, tt := range tests {
		if got := MatchUDID(tt.udid, tt.query); got != tt.want {
			t.Errorf("MatchUDID(%q, %q) = %v", tt.udid, tt.query, got)
		}
	}
}

func TestCanonicalUDID(t *testing.T) {
	tests := map[string]string{
		"1CB128EAFA77C5BE74283E9A3A2130AF36A3C059": oldUDID,
		"00008101000a1b2c3d4e5f67":                 newUDID,
		"00008101-000a1b2c3d4e5f67":                newUDID,
		"Simulator-1":                              "Simulator-1",
		"../../etc/passwd":                         "",
		"-rf":                                      "",
		"a b":                                      "",
		"":                                         "",
	}
	for in, want := range tests {
		if got := canonicalUDID(in); got != want {
			t.Errorf("canonicalUDID(%q) = %q, want %q", in, got, want)
		}
	}
}
