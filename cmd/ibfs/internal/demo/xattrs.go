package demo

import (
	"encoding/binary"
	"fmt"
	"time"

	"howett.net/plist"
)

// xattrs are the extended attributes that the phone's photo library gives a
// file. Numbers are little-endian; dates are property lists of their own.
//
// Source: a real backup of iOS 14.3, where each of 62 files has these.
func (s shot) xattrs() (map[string][]byte, error) {
	added, err := plist.Marshal(s.at.Add(time.Second).UTC(), plist.BinaryFormat)
	if err != nil {
		return nil, fmt.Errorf("encode date: %w", err)
	}
	created, err := plist.Marshal(s.at.UTC().Truncate(time.Second), plist.BinaryFormat)
	if err != nil {
		return nil, fmt.Errorf("encode date: %w", err)
	}
	original, creator, source := s.name, cameraApp, uint16(importedByCamera)
	switch {
	case s.screen != nil:
		creator, source = "com.apple.springboard", importedByScreenshot
	case s.saved:
		original = s.at.Format("PHOTO-2006-01-02-15-04-05.jpg")
		creator, source = whatsApp, importedByApp
	}
	flag := func(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
	favourite := uint16(0)
	if s.seed%9 == 0 {
		favourite = 1
	}
	_, ahead := s.at.Zone()
	id := uuid("asset", s.name)
	return map[string][]byte{
		"com.apple.assetsd.UUID":                      rawUUID("asset", s.name),
		"com.apple.assetsd.cloudAsset.UUID":           []byte(id),
		"com.apple.assetsd.publicGlobalUUID":          []byte(uuid("global", s.name)),
		"com.apple.assetsd.dbRebuildUuid":             []byte(uuid("photo library")),
		"com.apple.assetsd.originalFilename":          []byte(original),
		creatorAttribute:                              []byte(creator),
		"com.apple.assetsd.importedBy":                flag(source),
		"com.apple.assetsd.assetType":                 flag(3),
		"com.apple.assetsd.favorite":                  flag(favourite),
		"com.apple.assetsd.hidden":                    flag(0),
		"com.apple.assetsd.trashed":                   flag(0),
		"com.apple.assetsd.avalanche.type":            flag(0),
		"com.apple.assetsd.deferredProcessing":        flag(0),
		"com.apple.assetsd.videoComplementVisibility": flag(0),
		"com.apple.assetsd.grouping.state":            make([]byte, 8),
		"com.apple.assetsd.timeZoneName":              []byte(s.zone),
		"com.apple.assetsd.timeZoneOffset":            binary.LittleEndian.AppendUint32(nil, uint32(int32(ahead))),
		"com.apple.assetsd.addedDate":                 added,
		"com.apple.assetsd.customCreationDate":        created,
	}, nil
}

const (
	creatorAttribute = "com.apple.assetsd.creatorBundleID"
	cameraApp        = "com.apple.camera"
)

// How a file came into the library.
const (
	importedByCamera     = 1
	importedByApp        = 6
	importedByScreenshot = 8
)
