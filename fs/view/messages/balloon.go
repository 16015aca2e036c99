package messages

import (
	"strings"

	"ibfs/backupfmt/nska"
)

// balloons are what apps that come with the phone call what they make, by the
// end of balloon_bundle_id.
var balloons = map[string]string{
	"com.apple.messages.URLBalloonProvider":                    "link",
	"com.apple.Handwriting.HandwritingProvider":                "handwriting",
	"com.apple.DigitalTouchBalloonProvider":                    "Digital Touch",
	"com.apple.PassbookUIService.PeerPaymentMessagesExtension": "Apple Cash",
	"com.apple.ActivityMessagesApp.MessagesExtension":          "fitness",
	"com.apple.mobileslideshow.PhotosMessagesApp":              "photos in iCloud",
	"com.apple.findmy.FindMyMessagesApp":                       "Find My",
	"com.apple.SafetyMonitorApp.SafetyMonitorMessages":         "check in",
	"com.apple.icloud.apps.messages.business.extension":        "business chat",
	"com.apple.messages.Polls":                                 "poll",
	"com.apple.Jellyfish.Animoji":                              "Memoji",
	"com.apple.Animoji.StickersApp.MessagesExtension":          "sticker",
	"com.apple.Stickers.UserGenerated.MessagesExtension":       "sticker",
}

// balloonText is what an app made, in lines: what it is, then what it says
// beside the message's own text.
func balloonText(id string, payload []byte, said string) []string {
	id = id[strings.LastIndexByte(id, ':')+1:]
	kind := balloons[id]
	says := readPayload(payload)
	if kind == "" {
		kind = says.app
	}
	if kind == "" {
		kind = id
	}
	lines := []string{"[" + kind + "]"}
	for _, s := range says.lines {
		if s = strings.TrimSpace(s); s != "" && strings.TrimSuffix(s, "/") != strings.TrimSuffix(said, "/") && len(lines) < maxLines {
			lines = append(lines, s)
		}
	}
	if kind == "link" && (len(lines) > 1 || said != "") {
		return lines[1:] // one sees that it is one
	}
	return lines
}

const maxLines = 8

type payload struct {
	app   string
	lines []string
}

// readPayload reads a keyed archive of a link's preview or of an app's message.
//
// A link: root.richLinkMetadata with title, siteName, summary, and URL and
// originalURL, which are objects with NS.relative. An app: root with an, its
// name, ldtext, a text for who cannot show it, and userInfo with caption,
// subcaption, secondary-subcaption, tertiary-subcaption.
//
// Source: archives of real messages; imessage-exporter agrees.
func readPayload(b []byte) (p payload) {
	if len(b) == 0 {
		return p
	}
	archive, err := nska.Open(b)
	if err != nil {
		return p
	}
	root := archive.Root()
	p.app = field(root, "an").Text()
	if link := field(root, "richLinkMetadata"); link.Ok() {
		root = link
	}
	for _, key := range []string{"title", "siteName", "summary"} {
		p.lines = append(p.lines, field(root, key).Text())
	}
	if url := field(root, "URL").Text(); strings.HasPrefix(url, "http") {
		p.lines = append(p.lines, url)
	}
	info := field(root, "userInfo")
	for _, key := range []string{"caption", "subcaption", "secondary-subcaption", "tertiary-subcaption"} {
		p.lines = append(p.lines, field(info, key).Text())
	}
	p.lines = append(p.lines, field(root, "ldtext").Text())
	return p
}

// field is what an object has under a name, or a dictionary under a key.
func field(v nska.Value, name string) nska.Value {
	if f := v.Field(name); f.Ok() {
		return f
	}
	return v.Get(name)
}
