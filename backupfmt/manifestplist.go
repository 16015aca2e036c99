package backupfmt

import (
	"encoding/binary"
	"time"
)

// A tristate is a yes or no that a file may not tell.
type tristate byte

const (
	unknown tristate = iota
	no
	yes
)

// manifestKeyLen is the length of ManifestKey: class (u32 little-endian) and
// wrapped key.
const manifestKeyLen = 44

// manifestPlist is what a backup's Manifest.plist tells. The device writes it.
// The zero value is that of an absent file.
type manifestPlist struct {
	encrypted   tristate
	keybag      []byte // TLV; there in unencrypted backups too
	manifestKey []byte // 44 bytes, or nil: before iOS 10.2, and unencrypted
	date        time.Time
	passcodeSet bool
	lockdown    lockdown
	apps        map[string]App
}

// lockdown is what the device told about itself; it may be empty.
type lockdown struct {
	deviceName, productType, productVersion, buildVersion, serialNumber, udid string
}

// manifestClass is the protection class of a manifest key that is there.
func (m manifestPlist) manifestClass() uint32 { return binary.LittleEndian.Uint32(m.manifestKey) }

func parseManifestPlist(d dict) manifestPlist {
	m := manifestPlist{
		keybag:      d.data("BackupKeyBag"),
		manifestKey: d.data("ManifestKey"),
		date:        d.time("Date"),
		apps:        map[string]App{},
	}
	if encrypted, ok := d["IsEncrypted"].(bool); ok {
		m.encrypted = no
		if encrypted {
			m.encrypted = yes
		}
	}
	if len(m.manifestKey) != manifestKeyLen {
		m.manifestKey = nil
	}
	m.passcodeSet, _ = d["WasPasscodeSet"].(bool)

	l := d.dict("Lockdown")
	m.lockdown = lockdown{
		deviceName:     l.text("DeviceName"),
		productType:    l.text("ProductType"),
		productVersion: l.text("ProductVersion"),
		buildVersion:   l.text("BuildVersion"),
		serialNumber:   l.text("SerialNumber"),
		udid:           l.text("UniqueDeviceID"),
	}

	apps := d.dict("Applications")
	for _, id := range apps.keys(maxApps) {
		if name, ok := bundleID(id); ok {
			a := apps.dict(id)
			m.apps[name] = App{
				Version:        a.text("CFBundleVersion"),
				ContainerClass: a.text("ContainerContentClass"),
				Path:           a.text("Path"),
			}
		}
	}
	return m
}
