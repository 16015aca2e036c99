package apps

import (
	"cmp"
	"strings"
	"unicode"

	"ibfs/backupfmt"
)

// displayName is the name of an app as its owner knows it: the store's, or one
// of the tables below, or the end of its id with the id behind it.
func displayName(id string, info backupfmt.Info) string {
	if id == otherPlugins || id == sharedGroups {
		return id
	}
	return cmp.Or(info.Apps[id].Name, systemNames[id], popularNames[id], fromID(id))
}

// fromID makes "Photo Editor (com.example.photoEditor)" of an id.
func fromID(id string) string {
	last := id[strings.LastIndexByte(id, '.')+1:]
	var b strings.Builder
	var before rune
	for i, r := range last {
		switch {
		case r == '-' || r == '_':
			r = ' '
		case unicode.IsUpper(r) && unicode.IsLower(before):
			b.WriteByte(' ')
		case i == 0:
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		before = r
	}
	name := strings.TrimSpace(b.String())
	if name == "" {
		return id
	}
	return name + " (" + id + ")"
}

// systemNames are the names of the system's own apps, which no backup tells.
var systemNames = map[string]string{
	"com.apple.AppStore":          "App Store",
	"com.apple.Bridge":            "Watch",
	"com.apple.DocumentsApp":      "Files",
	"com.apple.Fitness":           "Fitness",
	"com.apple.Health":            "Health",
	"com.apple.Home":              "Home",
	"com.apple.Maps":              "Maps",
	"com.apple.MobileAddressBook": "Contacts",
	"com.apple.MobileSMS":         "Messages",
	"com.apple.MobileStore":       "iTunes Store",
	"com.apple.Music":             "Music",
	"com.apple.Passbook":          "Wallet",
	"com.apple.Passwords":         "Passwords",
	"com.apple.Preferences":       "Settings",
	"com.apple.Translate":         "Translate",
	"com.apple.VoiceMemos":        "Voice Memos",
	"com.apple.calculator":        "Calculator",
	"com.apple.camera":            "Camera",
	"com.apple.compass":           "Compass",
	"com.apple.facetime":          "FaceTime",
	"com.apple.findmy":            "Find My",
	"com.apple.freeform":          "Freeform",
	"com.apple.garageband":        "GarageBand",
	"com.apple.iBooks":            "Books",
	"com.apple.iMovie":            "iMovie",
	"com.apple.iWork.Keynote":     "Keynote",
	"com.apple.iWork.Numbers":     "Numbers",
	"com.apple.iWork.Pages":       "Pages",
	"com.apple.journal":           "Journal",
	"com.apple.measure":           "Measure",
	"com.apple.mobilecal":         "Calendar",
	"com.apple.mobilegarageband":  "GarageBand",
	"com.apple.mobilemail":        "Mail",
	"com.apple.mobilenotes":       "Notes",
	"com.apple.mobilephone":       "Phone",
	"com.apple.mobilesafari":      "Safari",
	"com.apple.mobileslideshow":   "Photos",
	"com.apple.mobiletimer":       "Clock",
	"com.apple.news":              "News",
	"com.apple.podcasts":          "Podcasts",
	"com.apple.reminders":         "Reminders",
	"com.apple.shortcuts":         "Shortcuts",
	"com.apple.stocks":            "Stocks",
	"com.apple.tips":              "Tips",
	"com.apple.tv":                "TV",
	"com.apple.weather":           "Weather",
}

// popularNames are the names of apps that many have, for backups whose
// Info.plist is lost.
var popularNames = map[string]string{
	"com.burbn.instagram":          "Instagram",
	"com.facebook.Facebook":        "Facebook",
	"com.facebook.Messenger":       "Messenger",
	"com.google.Gmail":             "Gmail",
	"com.google.Maps":              "Google Maps",
	"com.google.chrome.ios":        "Chrome",
	"com.google.ios.youtube":       "YouTube",
	"com.hammerandchisel.discord":  "Discord",
	"com.microsoft.Office.Outlook": "Outlook",
	"com.skype.skype":              "Skype",
	"com.spotify.client":           "Spotify",
	"com.toyopagroup.picaboo":      "Snapchat",
	"com.viber":                    "Viber",
	"com.zhiliaoapp.musically":     "TikTok",
	"net.whatsapp.WhatsApp":        "WhatsApp",
	"net.whatsapp.WhatsAppSMB":     "WhatsApp Business",
	"org.telegram.messenger":       "Telegram",
	"org.whispersystems.signal":    "Signal",
	"ph.telegra.Telegraph":         "Telegram",
}
