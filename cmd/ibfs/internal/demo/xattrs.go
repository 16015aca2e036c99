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
	creator, source := cameraApp, uint16(importedByCamera)
	switch {
	case s.screen != nil:
		creator, source = "com.apple.springboard", importedByScreenshot
	case s.saved:
		creator, source = whatsApp, importedByApp
	}
	flag := func(set bool) []byte {
		if set {
			return number(1)
		}
		return number(0)
	}
	_, deleted := deletedPhotos[s.seed]
	_, ahead := s.at.Zone()
	id := uuid("asset", s.name)
	return map[string][]byte{
		"com.apple.assetsd.UUID":                      rawUUID("asset", s.name),
		"com.apple.assetsd.cloudAsset.UUID":           []byte(id),
		"com.apple.assetsd.publicGlobalUUID":          []byte(uuid("global", s.name)),
		"com.apple.assetsd.dbRebuildUuid":             []byte(uuid("photo library")),
		"com.apple.assetsd.originalFilename":          []byte(s.original()),
		creatorAttribute:                              []byte(creator),
		"com.apple.assetsd.importedBy":                number(source),
		"com.apple.assetsd.assetType":                 number(3),
		"com.apple.assetsd.favorite":                  flag(s.favourite()),
		"com.apple.assetsd.hidden":                    flag(s.hidden()),
		"com.apple.assetsd.trashed":                   flag(deleted),
		"com.apple.assetsd.avalanche.type":            number(0),
		"com.apple.assetsd.deferredProcessing":        number(0),
		"com.apple.assetsd.videoComplementVisibility": number(0),
		"com.apple.assetsd.grouping.state":            make([]byte, 8),
		"com.apple.assetsd.timeZoneName":              []byte(s.zone),
		"com.apple.assetsd.timeZoneOffset":            binary.LittleEndian.AppendUint32(nil, uint32(int32(ahead))),
		"com.apple.assetsd.addedDate":                 added,
		"com.apple.assetsd.customCreationDate":        created,
	}, nil
}

func number(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }

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
