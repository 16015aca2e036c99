package demo

import (
	"time"

	"ibfs/backupfmt/backuptest"
)

// The day that Anna gave the phone its looks and its sound.
var dressedUp = time.Date(2026, 9, 14, 20, 5, 44, 0, time.UTC)

// wallpaper is the picture of the lock screen, one of her own.
func wallpaper(p *phone) ([]backuptest.File, error) {
	const store = "Library/Application Support/PRBPosterExtensionDataStore/61/Extensions/com.apple.PhotosUIPrivate.PhotosPosterProvider/configurations/"
	id := uuid("poster", "lock screen")
	return []backuptest.File{{
		Domain: "AppDomain-com.apple.PosterBoard", Path: store + id + "/versions/1/contents/" + uuid("contents", id) + "/output.layerStack/portrait-layer_background.JPG",
		Content: p.lastPhoto(dressedUp).Content, ModTime: dressedUp,
	}}, nil
}

// ringtones are the one that Anna made, and the list that names it.
func ringtones(*phone) ([]backuptest.File, error) {
	const domain, file = "TonesDomain", "QXZV.m4r"
	list := binaryPlist(map[string]any{"Ringtones": map[string]any{
		file: map[string]any{"Name": "Miso's supper", "GUID": uuid("tone", file)[:8], "Media Kind": "ringtone", "Protected Content": false, "Total Time": 2400},
	}})
	sound := losslessAudio(tune([]note{{69, 1}, {73, 1}, {76, 1}, {81, 3}, {0, 1}, {76, 1}, {81, 4}}), dressedUp)
	return []backuptest.File{
		{Domain: domain, Path: "Media/iTunes_Control/Ringtones/" + file, Content: sound, ModTime: dressedUp},
		{Domain: domain, Path: "Media/iTunes_Control/iTunes/Ringtones.plist", Content: list, ModTime: dressedUp},
	}, nil
}
