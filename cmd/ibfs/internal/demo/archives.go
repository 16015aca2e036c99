package demo

import (
	"time"

	"howett.net/plist"
)

// binaryPlist is a property list of the demo's own making.
func binaryPlist(v any) []byte {
	b, err := plist.Marshal(v, plist.BinaryFormat)
	if err != nil {
		panic(err) // the lists below have nothing that cannot be written
	}
	return b
}

// edits is message_summary_info of a message whose only part was edited: each
// of its texts, and when it was written.
func edits(at time.Time, texts ...string) []byte {
	var versions []any
	for i, t := range texts {
		body := attributedBody(run{t, []attribute{{"__kIMMessagePartAttributeName", 0}}})
		versions = append(versions, map[string]any{"d": cocoa(at) + 50*float64(i), "t": body})
	}
	return binaryPlist(map[string]any{
		"ec": map[string]any{"0": versions}, "ep": []int{0}, "ust": true,
		"otr": map[string]any{"0": map[string]any{"lo": 0, "le": len(texts[0])}},
	})
}

// unsent is message_summary_info of a message whose only part was taken back.
func unsent() []byte {
	return binaryPlist(map[string]any{"rp": []int{0}, "ust": true, "otr": map[string]any{"0": map[string]any{"lo": 0, "le": 1}}})
}

// linkPreview is payload_data of a link: a keyed archive of what its page says.
func linkPreview(url, title string) []byte {
	class := func(names ...string) map[string]any { return map[string]any{"$classname": names[0], "$classes": names} }
	return binaryPlist(map[string]any{
		"$archiver": "NSKeyedArchiver", "$version": 100000, "$top": map[string]any{"root": plist.UID(1)},
		"$objects": []any{
			"$null",
			map[string]any{"richLinkIsPlaceholder": false, "richLinkMetadata": plist.UID(2), "$class": plist.UID(8)},
			map[string]any{"title": plist.UID(3), "URL": plist.UID(4), "originalURL": plist.UID(4), "version": 1, "$class": plist.UID(7)},
			title,
			map[string]any{"NS.base": plist.UID(0), "NS.relative": plist.UID(5), "$class": plist.UID(6)},
			url,
			class("NSURL", "NSObject"), class("LPLinkMetadata", "NSObject"), class("RichLink", "NSObject"),
		},
	})
}
