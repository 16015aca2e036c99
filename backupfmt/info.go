package backupfmt

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"maps"
	"path"
	"path/filepath"
	"time"
)

// Info is what a backup tells about itself without a password. Of Info.plist,
// Manifest.plist and Status.plist, which it comes from, each may be absent or
// damaged: what they would have told is empty then, and Warnings says so. Texts
// are valid UTF-8 in one line.
type Info struct {
	// UDID is the device's number: 40 lower-case hexadecimal digits, or
	// upper-case "XXXXXXXX-XXXXXXXXXXXXXXXX" since 2018. When no property list has
	// it, it is the one in the folder's path, or "".
	UDID string

	// DeviceName is what the owner calls the device, else the name of the folder.
	DeviceName string

	ProductName    string // "iPhone 12"
	ProductType    string // "iPhone13,2"
	ProductVersion string // of iOS: "14.3"
	BuildVersion   string // of iOS: "18C66"
	SerialNumber   string
	PhoneNumber    string // as the device shows it: "+47 400 00 000"

	// Date is the instant of the backup, in UTC: Date of Status.plist, else Last
	// Backup Date of Info.plist, else Date of Manifest.plist, else zero.
	Date time.Time

	// Encrypted says that the backup has a password: Manifest.plist says so,
	// or, where it does not tell, Manifest.db is no database in the clear.
	Encrypted bool

	// PasscodeSet says that the device had a passcode.
	PasscodeSet bool

	// State is SnapshotState of Status.plist: "finished", or what the device
	// was doing when it stopped ("uploading", "moving", "removing", "none").
	State string

	// Finished says that the backup came to its end: by State, or, where there
	// is none, by the index being there.
	Finished bool

	// Full says that this run sent everything. The folder is complete either way.
	Full bool

	// Apps has the apps, groups and plug-ins that the property lists name, by
	// bundle id. The system's own are not among them.
	Apps map[string]App

	// InstalledApps are the bundle ids of the apps that the owner installed.
	InstalledApps []string

	// Warnings are sentences for the owner about what is absent or damaged.
	Warnings []string
}

// ReadInfo reads what a backup tells about itself. fsys is the backup's folder,
// and folder its path or name, which stands in for names that the backup does
// not have.
//
// The error wraps ErrNotBackup when there is nothing of a backup, ErrUnfinished,
// ErrUnpacked or ErrUnsupported when it is almost one; the Info has what could
// be read all the same.
func ReadInfo(fsys iofs.FS, folder string) (Info, error) {
	info, _, err := readInfo(fsys, folder)
	return info, err
}

func readInfo(fsys iofs.FS, folder string) (Info, manifestPlist, error) {
	l, err := look(fsys)
	if err != nil {
		return Info{}, manifestPlist{}, fmt.Errorf("look into %s: %w", folder, err)
	}
	return inspect(fsys, folder, l)
}

func inspect(fsys iofs.FS, folder string, l listing) (Info, manifestPlist, error) {
	unread := Info{UDID: folderUDID(filepath.ToSlash(folder)), DeviceName: standInName(folder)}
	if !l.index && !l.agent && !l.hostInfo {
		return unread, manifestPlist{}, fmt.Errorf("%s: %w", folder, l.verdict(false))
	}
	info, m, named, err := readPlists(fsys, folder, l)
	if err != nil {
		return unread, manifestPlist{}, fmt.Errorf("%s: %w", folder, err)
	}
	if err := l.verdict(named); err != nil {
		return info, m, fmt.Errorf("%s: %w", folder, err)
	}
	return info, m, nil
}

// bulkyKeys are what makes an Info.plist large: icons, licences, settings of iTunes.
var bulkyKeys = []string{"PlaceholderIcon", "ApplicationSINF", "iTunes Files", "iTunes Settings", "iBooks Data 2", "Sync Settings"}

// readPlists also tells whether Info.plist names a device. The error is one that
// passes.
func readPlists(fsys iofs.FS, folder string, l listing) (info Info, m manifestPlist, named bool, err error) {
	warn := func(s string) {
		if s != "" {
			info.Warnings = append(info.Warnings, s)
		}
	}
	read := func(name, meaning string, skip ...string) dict {
		d, w, e := readPlist(fsys, name, meaning, skip...)
		warn(w)
		err = cmp.Or(err, e)
		return d
	}
	host := read("Info.plist", "the names of the device and its apps may be missing", bulkyKeys...)
	meaning := "if files in the backup are encrypted, they cannot be opened"
	if l.ciphertext {
		meaning = "the backup is encrypted, and cannot be opened without it"
	}
	manifest := read("Manifest.plist", meaning)
	status := read("Status.plist", "it cannot be told whether the backup finished")

	m = parseManifestPlist(manifest)
	device := canonicalUDID(cmp.Or(host.text("Unique Identifier"), host.text("Target Identifier")))
	info.UDID = cmp.Or(device, canonicalUDID(m.lockdown.udid), folderUDID(filepath.ToSlash(folder)))
	info.DeviceName = cmp.Or(host.text("Device Name"), host.text("Display Name"), m.lockdown.deviceName, standInName(folder))
	info.ProductName = host.text("Product Name")
	info.ProductType = cmp.Or(host.text("Product Type"), m.lockdown.productType)
	info.ProductVersion = cmp.Or(host.text("Product Version"), m.lockdown.productVersion)
	info.BuildVersion = cmp.Or(host.text("Build Version"), m.lockdown.buildVersion)
	info.SerialNumber = cmp.Or(host.text("Serial Number"), m.lockdown.serialNumber)
	info.PhoneNumber = host.text("Phone Number")
	info.Date = cmp.Or(status.time("Date"), host.time("Last Backup Date"), m.date)
	info.PasscodeSet = m.passcodeSet
	info.Encrypted = m.encrypted == yes || m.encrypted == unknown && l.ciphertext
	info.State = status.text("SnapshotState")
	info.Finished = l.index && (info.State == "finished" || info.State == "")
	info.Full, _ = status["IsFullBackup"].(bool)
	info.Apps = nameApps(m.apps, host.dict("Applications"))
	for _, s := range host.texts("Installed Applications") {
		if id, ok := bundleID(s); ok && len(info.InstalledApps) < maxApps {
			info.InstalledApps = append(info.InstalledApps, id)
		}
	}
	if l.index && !info.Finished {
		warn(fmt.Sprintf("the last backup did not finish (state %q): some files may be missing or newer than the index", info.State))
	}
	return info, m, device != "", err
}

// nameApps adds the names of Info.plist to the apps of Manifest.plist.
func nameApps(apps map[string]App, named dict) map[string]App {
	apps = maps.Clone(apps)
	for _, key := range named.keys(maxApps) {
		id, ok := bundleID(key)
		if !ok {
			continue
		}
		app := apps[id]
		if metadata, ok := named.dict(key)["iTunesMetadata"].([]byte); ok {
			app.Name = appName(metadata)
		}
		apps[id] = app
	}
	return apps
}

// readPlist reads one of a backup's property lists. The warning is "" when
// nothing of it is missing, and else says what that means. The error is one that
// passes.
func readPlist(fsys iofs.FS, name, meaning string, skip ...string) (d dict, warning string, err error) {
	b, err := readSmall(fsys, name, maxPlist)
	switch {
	case errors.Is(err, iofs.ErrNotExist):
		return nil, name + " is absent: " + meaning, nil
	case Passing(err):
		return nil, "", fmt.Errorf("read %s: %w", name, err)
	case err != nil:
		return nil, fmt.Sprintf("%s cannot be read (%v): %s", name, err, meaning), nil
	}
	var m map[string]any
	err = decodePlist(b, &m, skip...)
	if loss, ok := errors.AsType[plistLoss](err); ok {
		return m, fmt.Sprintf("%s is damaged: %v; the rest is used", name, loss), nil
	}
	if err != nil {
		return nil, fmt.Sprintf("%s is damaged (%v): %s", name, err, meaning), nil
	}
	return m, "", nil
}

// readSmall reads a file that must be a regular one and no longer than limit.
func readSmall(fsys iofs.FS, name string, limit int64) ([]byte, error) {
	// A pipe or a device would make the opening wait.
	fi, err := iofs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if fi.Size() > limit {
		return nil, fmt.Errorf("%d bytes, more than %d", fi.Size(), limit)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	b.Grow(int(fi.Size()) + bytes.MinRead)
	_, err = b.ReadFrom(io.LimitReader(f, limit))
	return b.Bytes(), err
}

// standInName is what a backup without a name is called: its device's number where
// the path has one, since a snapshot's own folder is only a time.
func standInName(folder string) string {
	if udid := folderUDID(filepath.ToSlash(folder)); udid != "" {
		return udid
	}
	return plainText(path.Base(filepath.ToSlash(folder)))
}
