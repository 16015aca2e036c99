package demo

import (
	"maps"
	"slices"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
)

// settings are those of the phone as a whole, and what else a phone has in
// every backup: links into the system, an empty keychain.
func settings(p *phone) ([]backuptest.File, error) {
	var files []backuptest.File
	for _, domain := range []struct {
		name   string
		values map[string]map[string]any
	}{
		{"HomeDomain", homeSettings},
		{"RootDomain", rootSettings},
		{"WirelessDomain", wirelessSettings},
	} {
		for _, id := range slices.Sorted(maps.Keys(domain.values)) {
			f, err := preferences(domain.name, id, p.now, domain.values[id])
			if err != nil {
				return nil, err
			}
			f.Class = 4
			files = append(files, f)
		}
	}
	for _, l := range []struct{ domain, path, target string }{
		{"DatabaseDomain", "timezone/localtime", "/var/db/timezone/zoneinfo/Europe/London"},
		{"HomeDomain", "Library/Preferences/com.apple.carrier.default.plist", carriers + "device+carrier+Default.bundle+D17+63.0.plist"},
		{"HomeDomain", "Library/Preferences/com.apple.carrier_1.plist", carriers + "device+carrier+23430+D17+63.0.plist"},
		{"HomeDomain", "Library/Preferences/com.apple.operator_1.plist", carriers + "device+carrier+23430+D17+63.0.plist"},
	} {
		files = append(files, backuptest.File{Domain: l.domain, Path: l.path, Target: l.target})
	}
	empty := []any{}
	keychain, err := plist.Marshal(map[string]any{"genp": empty, "inet": empty, "cert": empty, "keys": empty}, plist.BinaryFormat)
	if err != nil {
		return nil, err
	}
	icons, err := plist.Marshal(iconState, plist.BinaryFormat)
	if err != nil {
		return nil, err
	}
	return append(files,
		backuptest.File{Domain: "KeychainDomain", Path: "keychain-backup.plist", Content: keychain, Class: 4},
		backuptest.File{Domain: "HomeDomain", Path: "Library/SpringBoard/IconState.plist", Content: icons},
		backuptest.File{Domain: "HomeDomain", Path: "Library/SMS", Mode: backuptest.Folder},
		backuptest.File{Domain: "HomeDomain", Path: "Library/com.apple.internal.ck", Mode: backuptest.Folder,
			Xattrs: map[string][]byte{"com.apple.rootless": []byte("coreknowledge")}},
	), nil
}

const carriers = "/var/mobile/Library/Carrier Bundles/Overlay/"

var iconState = map[string]any{
	"buttonBar": []string{"com.apple.mobilephone", "com.apple.mobilesafari", "com.apple.MobileSMS", "com.apple.camera"},
	"iconLists": [][]string{{"com.apple.mobileslideshow", "com.apple.Maps", "com.apple.weather", whatsApp, whatsAppBusiness, trackApp, ledgerApp}},
}

var homeSettings = map[string]map[string]any{
	"com.apple.Accessibility":                   {"ReduceMotionEnabled": 0, "InvertColorsEnabled": 0},
	"com.apple.AppStore":                        {"AutomaticDownloads": true},
	"com.apple.BTServer.services":               {"DiscoverableTimeout": 180},
	"com.apple.MobileBackup":                    {"LastiTunesBackupTZ": "Europe/London", "AccountEnabledDate": 0},
	"com.apple.MobileSMS":                       {"KeepMessageForDays": 0, "ReadReceipts": true},
	"com.apple.Music":                           {"SoundCheck": false},
	"com.apple.Passbook":                        {"ShowOnLockScreen": true},
	"com.apple.Preferences":                     {"SearchIndexVersion": 4},
	"com.apple.UIKit":                           {"UIPreferredContentSizeCategoryName": "UICTContentSizeCategoryL"},
	"com.apple.assistant.support":               {"Assistant Enabled": false, "Dictation Enabled": true},
	"com.apple.camera":                          {"CAMUserPreferencePhotoFormat": 1, "CAMUserPreferenceGrid": true, "CAMUserPreferenceVideo": "1080p30"},
	"com.apple.celestial":                       {"volume": 0.5},
	"com.apple.control-center.MuteModule":       {"Muted": false},
	"com.apple.coreaudio":                       {"SpatialAudio": 1},
	"com.apple.facetime.bag":                    {"RefreshHours": 24},
	"com.apple.findmy":                          {"OfflineFinding": true},
	"com.apple.health.shared":                   {"MedicalIDVisible": true},
	"com.apple.homed":                           {"HomeHub": false},
	"com.apple.ids":                             {"Registered": true},
	"com.apple.imessage":                        {"RelayEnabled": true},
	"com.apple.itunesstored":                    {"StorefrontIdentifier": "143444-2,29"},
	"com.apple.keyboard":                        {"KeyboardAutocorrection": true, "KeyboardPrediction": true, "Languages": []string{"en_GB", "pt_PT", "emoji"}},
	"com.apple.locationd":                       {"LocationServicesEnabledIn8.0": 1},
	"com.apple.mobile.ldbackup":                 {"WillEncrypt": true, "RequiresEncrypt": 0},
	"com.apple.mobilecal":                       {"FirstDayOfWeek": 2, "ShowWeekNumbers": true},
	"com.apple.mobilenotes":                     {"SortBy": "edited"},
	"com.apple.mobilephone":                     {"ShowMyCallerID": true, "AddressBookLastDialedUid": 501},
	"com.apple.mobiletimer":                     {"Alarms": []string{"06:45", "07:00", "07:05"}},
	"com.apple.preferences.sounds":              {"RingerVolume": 0.7},
	"com.apple.remindd":                         {"DefaultList": "Home"},
	"com.apple.sharingd":                        {"DiscoverableMode": "Contacts Only"},
	"com.apple.sleepd":                          {"Bedtime": "22:45", "Wake": "06:45"},
	"com.apple.softwareupdateservicesd":         {"SUAutomaticUpdate": true},
	"com.apple.springboard":                     {"SBBatteryPercentage": true, "SBLanguageRestart": false},
	"com.apple.textInput.keyboardServices":      {"Replacements": map[string]any{"omw": "On my way!"}},
	"com.apple.translationd":                    {"Pairs": []string{"en-pt", "en-ja"}},
	"com.apple.voiceservices":                   {"VoiceName": "Kate"},
	"com.apple.weather.internal":                {"Units": "metric"},
	"group.com.apple.notes":                     {"PaperStyle": 0},
	"systemgroup.com.apple.icloud.searchpartyd": {"Beacons": 1},
}

var rootSettings = map[string]map[string]any{
	"com.apple.MobileBackup":        {"LastBackupEncrypted": true},
	"com.apple.preferences.network": {"wifi-off": false},
	"com.apple.coreduetd":           {"Version": 3},
}

var wirelessSettings = map[string]map[string]any{
	"com.apple.commcenter":                          {"Roaming": true, "5G": "auto"},
	"com.apple.awd.launchd":                         {"Enabled": false},
	"com.apple.commcenter.data":                     {"LowDataMode": false},
	"com.apple.commcenter.device_specific_nobackup": {"Slots": 1},
}
