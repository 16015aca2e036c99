package backupfmt

import "strings"

// DefaultPlaces are the folders that hold backups on a platform when nobody
// names one, the library of ibfs first. goos is as in runtime.GOOS, home the
// user's home or "", getenv as os.Getenv. A place that needs a home or a variable that
// is not set is left out; whether the others exist is not looked at.
//
// Linux has no place of its own: a backup lies where its owner copied it or had
// idevicebackup2 write it.
//
// Source: Apple's support pages for Finder, iTunes and Apple Devices.
func DefaultPlaces(goos, home string, getenv func(string) string) []string {
	join := joiner(goos)
	var library string
	var others []string
	switch goos {
	case "darwin":
		support := join(home, "Library", "Application Support")
		library = join(support, "ibfs")
		others = []string{join(support, "MobileSync", "Backup")}
	case "windows":
		library = join(getenv("LOCALAPPDATA"), "ibfs")
		others = []string{
			join(getenv("APPDATA"), "Apple Computer", "MobileSync", "Backup"), // iTunes, classic installer
			join(getenv("USERPROFILE"), "Apple", "MobileSync", "Backup"),      // iTunes of the store, Apple Devices
		}
	default:
		library = join(home, ".local", "share", "ibfs")
		// The XDG base directory specification: a relative path is to be ignored.
		if data := getenv("XDG_DATA_HOME"); strings.HasPrefix(data, "/") {
			library = join(data, "ibfs")
		}
	}
	if named := getenv("IBFS_LIBRARY"); named != "" {
		library = named
	}
	var places []string
	for _, place := range append([]string{library}, others...) {
		if place != "" {
			places = append(places, place)
		}
	}
	return places
}

// joiner joins names below a base with a platform's separator; without a base
// there is no path.
func joiner(goos string) func(base string, names ...string) string {
	sep := "/"
	if goos == "windows" {
		sep = `\`
	}
	return func(base string, names ...string) string {
		if base == "" {
			return ""
		}
		return strings.TrimRight(base, sep) + sep + strings.Join(names, sep)
	}
}
