// Package fakedevice plays usbmuxd and the iPhones behind it, for tests: pairing,
// lockdown sessions over TLS, the services of a backup, and the backup itself.
// Programs that talk to real phones (idevicebackup2, pymobiledevice3, those that
// use the idevice crate) talk to it, which is what keeps it honest.
//
// It knows nothing of how ibfs captures. It serves on a unix socket and on
// 127.0.0.1 and keeps all state in memory. Options and faults are plain fields,
// set before Start; SetFaults, SetContent and SetScript change what they name
// while it runs. What happened is in the event log of each Phone, in the order
// in which it came by each connection.
//
//	phone := &fakedevice.Phone{Name: "Anna's iPhone"}
//	mux, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{phone}})
package fakedevice

import (
	"net"
	"strings"
	"sync"
	"time"
)

// A Phone is one simulated phone. Its exported fields are set before Start and
// not changed after; the zero value is an unpaired iPhone without apps.
type Phone struct {
	UDID           string // "" is 00008110-000A1C2E3F40801E
	Name           string // "" is "Test iPhone"
	Class          string // "" is "iPhone"
	ProductType    string // "" is "iPhone14,5"
	ProductVersion string // "" is "17.5.1"
	BuildVersion   string // "" is "21F90"
	SerialNumber   string // "" is "F2LFAKE0PHON"

	// Values adds to the values of lockdown, by domain and key, or replaces
	// them. The default domain is "". A nil value takes one away.
	Values map[string]map[string]any

	Media map[string][]byte // what AFC shows, by path from "/"; folders are implied
	Apps  []App

	Network    bool // a second entry in the list of devices, by Wi-Fi
	BareSerial bool // usbmuxd tells the UDID without its dash
	NoPasscode bool // no passcode is set

	HeartbeatInterval time.Duration // between two Marcos; 0 is 5 s

	Faults Faults

	Backup Backup // what is backed up, and how

	start sync.Once
	log   eventLog
	media media
	// mu guards the state: all fields below.
	mu          sync.Mutex
	faults      Faults // what is left of them
	locked      bool
	willEncrypt bool
	observers   map[*observer]struct{}
	pairings    map[string]*pairing // by HostID
	ports       map[uint16]*started
	lastPort    uint16
	network     map[net.Conn]struct{}     // those that came by Wi-Fi
	set         map[string]map[string]any // values that a host set, by domain and key
	backup      backupState
}

// An App is an app that the user installed.
type App struct {
	ID   string // bundle identifier
	SINF []byte // ApplicationSINF
	Meta []byte // iTunesMetadata, a property list
	Icon []byte // PNG
}

// prepare fills in what is not set. It is done once, however often the phone
// is attached.
func (p *Phone) prepare() {
	p.start.Do(func() {
		for field, value := range map[*string]string{
			&p.UDID:           "00008110-000A1C2E3F40801E",
			&p.Name:           "Test iPhone",
			&p.Class:          "iPhone",
			&p.ProductType:    "iPhone14,5",
			&p.ProductVersion: "17.5.1",
			&p.BuildVersion:   "21F90",
			&p.SerialNumber:   "F2LFAKE0PHON",
		} {
			if *field == "" {
				*field = value
			}
		}
		if p.HeartbeatInterval == 0 {
			p.HeartbeatInterval = 5 * time.Second
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = p.Faults
		p.observers = map[*observer]struct{}{}
		p.pairings = map[string]*pairing{}
		p.network = map[net.Conn]struct{}{}
		p.ports = map[uint16]*started{}
		p.set = map[string]map[string]any{}
		p.media.fill(p.Media)
		p.willEncrypt = p.Backup.Password != ""
		p.prepareBackup()
	})
}

// WillEncrypt says whether the phone's next backup will be encrypted.
func (p *Phone) WillEncrypt() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.willEncrypt
}

// setWillEncrypt is for ChangePassword. Observers are told.
func (p *Phone) setWillEncrypt(on bool) {
	p.mu.Lock()
	p.willEncrypt = on
	p.mu.Unlock()
	p.Notify("com.apple.mobile.backup.domain_changed")
}

// Lock puts the phone at its lock screen, or takes it from there.
func (p *Phone) Lock(locked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.locked = locked
}

// Locked says whether the phone is at its lock screen and needs a passcode.
func (p *Phone) Locked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.locked && !p.NoPasscode
}

// muxSerial is what usbmuxd calls the phone.
func (p *Phone) muxSerial() string {
	if p.BareSerial {
		return strings.ReplaceAll(p.UDID, "-", "")
	}
	return p.UDID
}
