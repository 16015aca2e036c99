package backupfmt

import (
	"strings"
	"unicode/utf8"
)

// An App is an app, an app group or a plug-in of the phone. Any field may be empty.
type App struct {
	// Name is the name from the store: "WhatsApp". Only what a person bought
	// or loaded from there has one.
	Name string

	// Version is CFBundleVersion, as the app's maker writes it.
	Version string

	// ContainerClass tells what it is: "Data/Application",
	// "Data/PluginKitPlugin", "Shared/AppGroup" and others.
	ContainerClass string

	// Path is where its container was on the phone.
	Path string
}

// maxApps bounds the apps that are read from one property list.
const maxApps = 10_000

// bundleID is an id as a property list gives it, if it can be one.
func bundleID(s string) (id string, ok bool) {
	id = plainText(s)
	return id, id == s && id != "" && len(id) <= 255 && id[0] != '.' && !strings.ContainsAny(id, `/\`)
}

// appName is the name in an app's iTunesMetadata, which is a property list of
// its own; "" when it has none.
func appName(metadata []byte) string {
	var d map[string]any
	// What could be read of it counts: all that is wanted is a name.
	_ = decodePlist(metadata, &d)
	if name := dict(d).text("bundleDisplayName"); name != "" {
		return name
	}
	return shortTitle(dict(d).text("itemName"))
}

// shortTitle cuts a title of the store, "Maps - Transit & Food", to the name in
// front, where that leaves three characters or more.
func shortTitle(title string) string {
	for i := range title {
		for _, sep := range []string{" - ", " – ", " — ", ": ", "|"} {
			if head := strings.TrimSpace(title[:i]); strings.HasPrefix(title[i:], sep) && utf8.RuneCountInString(head) >= 3 {
				return head
			}
		}
	}
	return title
}
