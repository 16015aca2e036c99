package backuptest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"howett.net/plist"
)

// writePlists writes the three property lists of a backup, those that b wants.
func writePlists(root *os.Root, b Backup, keys *keyring, manifestKey []byte) error {
	for _, p := range []struct {
		name   string
		skip   bool
		format int
		edit   func(map[string]any)
		make   func() (map[string]any, error)
	}{
		{"Manifest.plist", b.NoManifestPlist, plist.BinaryFormat, b.EditManifest,
			func() (map[string]any, error) { return manifestPlist(b, keys, manifestKey), nil }},
		{"Info.plist", b.NoInfo, plist.XMLFormat, b.EditInfo,
			func() (map[string]any, error) { return infoPlist(b) }},
		{"Status.plist", b.NoStatus, plist.BinaryFormat, b.EditStatus,
			func() (map[string]any, error) { return statusPlist(b), nil }},
	} {
		if p.skip {
			continue
		}
		content, err := p.make()
		if err != nil {
			return err
		}
		if p.edit != nil {
			p.edit(content)
		}
		data, err := plist.Marshal(content, p.format)
		if err != nil {
			return fmt.Errorf("encode %s: %w", p.name, err)
		}
		if err := root.WriteFile(p.name, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func manifestPlist(b Backup, keys *keyring, manifestKey []byte) map[string]any {
	version := "10.0"
	if b.Generation == MBDB {
		version = "9.1"
	}
	apps := make(map[string]any)
	container := func(id, version, class, path string) {
		apps[id] = map[string]any{
			"CFBundleIdentifier":    id,
			"CFBundleVersion":       version,
			"ContainerContentClass": class,
			"Path":                  path + uuid(b.UDID, id),
		}
	}
	for _, a := range b.Apps {
		v := or(a.Version, "1.0")
		container(a.ID, v, "Data/Application", "/var/containers/Bundle/Application/")
		for _, group := range a.Groups {
			container(group, v, "Shared/AppGroup", "/private/var/mobile/Containers/Shared/AppGroup/")
		}
		for _, plugin := range a.Plugins {
			container(plugin, v, "Data/PluginKitPlugin", "/private/var/mobile/Containers/Data/PluginKitPlugin/")
		}
	}
	m := map[string]any{
		"IsEncrypted":          b.Encrypted(),
		"BackupKeyBag":         keys.bag,
		"Version":              version,
		"Date":                 b.Date,
		"SystemDomainsVersion": "24.0",
		"WasPasscodeSet":       true,
		"Applications":         apps,
		"Lockdown": map[string]any{
			"DeviceName":               b.DeviceName,
			"ProductType":              b.ProductType,
			"ProductVersion":           b.ProductVersion,
			"BuildVersion":             build,
			"SerialNumber":             serial(b),
			"UniqueDeviceID":           b.UDID,
			"com.apple.TerminalFlashr": map[string]any{},
		},
	}
	if manifestKey != nil {
		m["ManifestKey"] = manifestKey
	}
	return m
}

func infoPlist(b Backup) (map[string]any, error) {
	ids := []string{}
	apps := make(map[string]any)
	for _, a := range b.Apps {
		ids = append(ids, a.ID)
		if a.Name == "" {
			continue
		}
		metadata, err := plist.Marshal(map[string]any{
			"itemName":                 a.Name,
			"bundleShortVersionString": or(a.Version, "1.0"),
			"softwareVersionBundleId":  a.ID,
			"artistName":               "Example Ltd",
			"genre":                    "Utilities",
		}, plist.BinaryFormat)
		if err != nil {
			return nil, fmt.Errorf("encode metadata of %s: %w", a.ID, err)
		}
		apps[a.ID] = map[string]any{"iTunesMetadata": metadata, "ApplicationSINF": []byte("sinf")}
	}
	return map[string]any{
		"Applications":           apps,
		"Installed Applications": ids,
		"Build Version":          build,
		"Device Name":            b.DeviceName,
		"Display Name":           b.DeviceName,
		"GUID":                   strings.ReplaceAll(uuid(b.UDID, "guid"), "-", ""),
		"IMEI":                   "350000000000006",
		"Last Backup Date":       b.Date,
		"Phone Number":           "+1 555 0100",
		"Product Name":           "iPhone",
		"Product Type":           b.ProductType,
		"Product Version":        b.ProductVersion,
		"Serial Number":          serial(b),
		"Target Identifier":      b.UDID,
		"Target Type":            "Device",
		"Unique Identifier":      strings.ToUpper(b.UDID),
		"iTunes Version":         "12.13.2.3",
	}, nil
}

func statusPlist(b Backup) map[string]any {
	version := "3.3"
	switch b.Generation {
	case MBDB:
		version = "2.4"
	case IOS10_0, IOS10_1:
		version = "3.2"
	}
	return map[string]any{
		"BackupState":   "new",
		"Date":          b.Date,
		"IsFullBackup":  true,
		"SnapshotState": b.State,
		"UUID":          uuid(b.UDID, b.Date.String()),
		"Version":       version,
	}
}

// build is the build of any version: nothing reads it for its meaning.
const build = "21F90"

// serial is a made-up serial number, the same for a device each time.
func serial(b Backup) string {
	return "X" + strings.ToUpper(hex.EncodeToString(hashOf(b.UDID, "serial"))[:11])
}

// uuid is a made-up UUID, the same for equal seeds.
func uuid(seeds ...string) string {
	h := strings.ToUpper(hex.EncodeToString(hashOf(seeds...)))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:32]}, "-")
}

func hashOf(seeds ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(seeds, "\x00")))
	return sum[:]
}
