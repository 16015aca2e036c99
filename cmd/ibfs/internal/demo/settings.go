package demo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
)

// preferences is a file of settings, where the system keeps those of a domain.
func preferences(domain, id string, changed time.Time, values map[string]any) (backuptest.File, error) {
	content, err := plist.Marshal(values, plist.BinaryFormat)
	if err != nil {
		return backuptest.File{}, fmt.Errorf("encode settings of %s: %w", id, err)
	}
	age := time.Duration(2+seed(id)%300) * time.Hour
	return backuptest.File{Domain: domain, Path: "Library/Preferences/" + id + ".plist", Content: content, ModTime: changed.Add(-age)}, nil
}

// webData is the link that every app with a web view has: from where its web
// data was to where it is.
func webData(app string) backuptest.File {
	const place = "Library/WebKit/WebsiteData/IndexedDB"
	return backuptest.File{Domain: "AppDomain-" + app, Path: place + "/v0", Target: appContainer(app) + "/" + place}
}

// systemApps are the settings of the system's own apps.
func systemApps(p *phone) ([]backuptest.File, error) {
	all := map[string]map[string]any{
		"com.apple.mobilesafari":    {"SearchEngine": "DuckDuckGo", "ShowTabBarInLandscape": true, "OpenLinksInBackground": 1},
		"com.apple.mobilemail":      {"LoadRemoteContent": false, "PreviewLines": 2, "ThreadingEnabled": true},
		"com.apple.Maps":            {"LastTransportType": "walking", "DistanceUnits": "km"},
		"com.apple.weather":         {"Cities": []string{"Edinburgh", "Svolvær", "Lisboa", "富士河口湖町"}, "Celsius": true},
		"com.apple.calculator":      {"Mode": "scientific"},
		"com.apple.compass":         {"UseTrueNorth": true},
		"com.apple.VoiceMemos":      {"RCVoiceMemosAudioQualityKey": "lossless"},
		"com.apple.podcasts":        {"SkipForward": 30, "ContinuousPlayback": true},
		"com.apple.iBooks":          {"BKTheme": "Quiet", "BKAutoNight": true},
		"com.apple.DocumentsApp":    {"SortMode": "date", "ShowExtensions": true},
		"com.apple.shortcuts":       {"HasRunFirstTime": true},
		"com.apple.mobileslideshow": {"GridZoomLevel": 3, "ShowHidden": false},
	}
	var files []backuptest.File
	for _, app := range slices.Sorted(maps.Keys(all)) {
		f, err := preferences("AppDomain-"+app, app, p.now, all[app])
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return append(files, webData("com.apple.mobilesafari"), webData("com.apple.mobilemail")), nil
}
