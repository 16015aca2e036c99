package demo

import (
	"time"

	"ibfs/backupfmt/backuptest"
)

// A phone is Anna's, as it is at one of her backups.
type phone struct {
	now    time.Time
	camera []backuptest.File // everything that it will ever take, in the order of time
}

// has says whether something of a time is there already.
func (p *phone) has(t time.Time) bool { return !t.After(p.now) }

// The device. Its UDID is of the form since 2018; no device has it.
const (
	udid           = "00008110-001A5D3E0C9B401E"
	deviceName     = "Anna's iPhone"
	productType    = "iPhone14,5"
	productVersion = "26.1"
	build          = "23B85"
)

// backups are when Anna made hers.
var backups = []time.Time{
	time.Date(2026, 10, 18, 19, 42, 37, 0, time.UTC),
	time.Date(2026, 11, 20, 8, 15, 2, 0, time.UTC),
}

// kinds are what a phone holds. One more kind of data is a file of this
// package, and a line here.
var kinds = []func(*phone) ([]backuptest.File, error){
	photos,
	library,
	contacts,
	messages,
	calls,
	voicemail,
	voiceMemos,
	notesFiles,
	calendars,
	remindersFiles,
	safariFiles,
	whatsAppFiles,
	whatsAppBusinessFiles,
	tracks,
	ledger,
	documents,
	wallpaper,
	ringtones,
	systemApps,
	settings,
}

// backup is the phone's backup as it is now.
func (p *phone) backup() (backuptest.Backup, error) {
	b := backuptest.Backup{
		Password: Password, UDID: udid, DeviceName: deviceName, ProductType: productType, ProductVersion: productVersion,
		Date: p.now, Apps: apps, EditInfo: editInfo, EditManifest: editManifest,
		DomainIndex: backuptest.ByDomainAndPath, BoxedData: true,
	}
	for _, kind := range kinds {
		files, err := kind(p)
		if err != nil {
			return backuptest.Backup{}, err
		}
		b.Files = append(b.Files, files...)
	}
	return b, nil
}

func editInfo(info map[string]any) {
	info["Build Version"] = build
	info["Product Name"] = model
	info["Phone Number"] = "+44 7700 900142"
	info["ICCID"] = "8944110000000000000"
	info["MEID"] = "35000000000000"
	info["iTunes Version"] = "12.13.8"
	info["macOS Version"] = "26.1"
	info["macOS Build Version"] = "25B78"
}

func editManifest(manifest map[string]any) {
	if lockdown, ok := manifest["Lockdown"].(map[string]any); ok {
		lockdown["BuildVersion"] = build
	}
	containers, _ := manifest["Applications"].(map[string]any)
	for id, c := range containers {
		if c, ok := c.(map[string]any); ok && c["ContainerContentClass"] == "Shared/AppGroup" {
			c["Path"] = "/private" + groupContainer(id)
		}
	}
}

// groupContainer is where on the phone the files of a group lie.
func groupContainer(group string) string {
	return "/var/mobile/Containers/Shared/AppGroup/" + uuid("container", group)
}

// appContainer is where on the phone the files of an app lie.
func appContainer(app string) string {
	return "/var/mobile/Containers/Data/Application/" + uuid("container", app)
}
