package demo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"
)

// An exif is what a camera writes into a picture.
type exif struct {
	at            time.Time // its zone is the camera's
	width, height int       // as stored
	turned        bool      // stored a quarter turn against the clock
	place         *position // nil when the camera does not know where it is
	night         bool
}

// A position is on the Earth: degrees north and east, metres above the sea.
type position struct{ north, east, up float64 }

// The types of a TIFF value.
const (
	byteType      = 1
	textType      = 2
	shortType     = 3
	longType      = 4
	fractionType  = 5
	undefinedType = 7
)

// A tag is one entry of a TIFF directory. A directory of its own, sub, is
// found through a long.
type tag struct {
	id, kind uint16
	count    uint32
	value    []byte // big-endian
	sub      []tag
}

func text(id uint16, s string) tag {
	return tag{id: id, kind: textType, count: uint32(len(s) + 1), value: append([]byte(s), 0)}
}

func short(id, v uint16) tag {
	return tag{id: id, kind: shortType, count: 1, value: binary.BigEndian.AppendUint16(nil, v)}
}

func long(id uint16, v int) tag {
	return tag{id: id, kind: longType, count: 1, value: binary.BigEndian.AppendUint32(nil, uint32(v))}
}

func undefined(id uint16, b string) tag {
	return tag{id: id, kind: undefinedType, count: uint32(len(b)), value: []byte(b)}
}

// fractions are pairs of a numerator and a denominator.
func fractions(id uint16, parts ...uint32) tag {
	t := tag{id: id, kind: fractionType, count: uint32(len(parts) / 2)}
	for _, p := range parts {
		t.value = binary.BigEndian.AppendUint32(t.value, p)
	}
	return t
}

func directory(id uint16, sub []tag) tag { return tag{id: id, kind: longType, count: 1, sub: sub} }

const (
	exifTime = "2006:01:02 15:04:05"
	software = "26.1"
	model    = "iPhone 13"
)

// withExif is a JPEG with an Exif segment, which comes first.
func withExif(jpeg []byte, e exif) []byte {
	return slices.Insert(jpeg, 2, e.segment()...)
}

// segment is the APP1 segment of a JPEG: marker FF E1, uint16 big-endian
// length that counts itself, "Exif\0\0", then a TIFF file.
//
// Source: CIPA DC-008 (Exif 2.32), section 4.
func (e exif) segment() []byte {
	orientation := uint16(1)
	if e.turned {
		orientation = 6 // to be turned a quarter with the clock
	}
	local := e.at.Format(exifTime)
	tags := []tag{
		text(0x010F, "Apple"),
		text(0x0110, model),
		short(0x0112, orientation),
		fractions(0x011A, 72, 1), // XResolution
		fractions(0x011B, 72, 1), // YResolution
		short(0x0128, 2),         // per inch
		text(0x0131, software),
		text(0x0132, local), // DateTime
		text(0x013C, model), // HostComputer
		short(0x0213, 1),    // YCbCrPositioning: centered
		directory(0x8769, e.camera(local)),
	}
	if e.place != nil {
		tags = append(tags, directory(0x8825, e.gps()))
	}
	const head = "MM\x00*\x00\x00\x00\x08"
	tiff := append([]byte(head), encodeDirectory(tags, len(head))...)
	out := []byte{0xFF, 0xE1}
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(tiff)))
	out = append(out, "Exif\x00\x00"...)
	return append(out, tiff...)
}

// camera is the Exif directory. Tags are in the order of their numbers.
func (e exif) camera(local string) []tag {
	zone := e.at.Format("-07:00")
	exposure, speed := uint32(1200), uint16(50)
	if e.night {
		exposure, speed = 15, 1000
	}
	return []tag{
		fractions(0x829A, 1, exposure),
		fractions(0x829D, 8, 5), // f/1.6
		short(0x8822, 2),        // ExposureProgram: automatic
		short(0x8827, speed),    // ISO
		undefined(0x9000, "0232"),
		text(0x9003, local), // DateTimeOriginal
		text(0x9004, local), // DateTimeDigitized
		text(0x9010, zone),  // OffsetTime
		text(0x9011, zone),  // OffsetTimeOriginal
		text(0x9012, zone),  // OffsetTimeDigitized
		undefined(0x9101, "\x01\x02\x03\x00"),
		short(0x9207, 5),            // MeteringMode: pattern
		short(0x9209, 16),           // Flash: off
		fractions(0x920A, 51, 10),   // FocalLength
		text(0x9291, e.subsecond()), // SubSecTimeOriginal
		undefined(0xA000, "0100"),
		short(0xA001, 1), // sRGB
		long(0xA002, e.width),
		long(0xA003, e.height),
		short(0xA402, 0),  // ExposureMode: automatic
		short(0xA403, 0),  // WhiteBalance: automatic
		short(0xA405, 26), // FocalLengthIn35mmFilm
		text(0xA433, "Apple"),
		text(0xA434, model+" back camera 5.1mm f/1.6"),
	}
}

func (e exif) subsecond() string { return fmt.Sprintf("%03d", e.at.UnixNano()/1e6%1000) }

// gps is the GPS directory; its times are in UTC.
func (e exif) gps() []tag {
	ref := func(v float64, plus, minus string) string {
		if v < 0 {
			return minus
		}
		return plus
	}
	utc := e.at.UTC()
	return []tag{
		{id: 0x0000, kind: byteType, count: 4, value: []byte{2, 3, 0, 0}}, // version
		text(0x0001, ref(e.place.north, "N", "S")),
		fractions(0x0002, degrees(e.place.north)...),
		text(0x0003, ref(e.place.east, "E", "W")),
		fractions(0x0004, degrees(e.place.east)...),
		{id: 0x0005, kind: byteType, count: 1, value: []byte{0}}, // above the sea
		fractions(0x0006, uint32(math.Round(e.place.up*100)), 100),
		fractions(0x0007, uint32(utc.Hour()), 1, uint32(utc.Minute()), 1, uint32(utc.Second()), 1),
		text(0x001D, utc.Format("2006:01:02")),
	}
}

// degrees are degrees, minutes and hundredths of seconds, without a sign.
func degrees(v float64) []uint32 {
	hundredths := uint32(math.Round(math.Abs(v) * 3600 * 100))
	return []uint32{hundredths / 360000, 1, hundredths / 6000 % 60, 1, hundredths % 6000, 100}
}

// encodeDirectory writes a directory that begins at an offset of the TIFF file:
// uint16 count; entries of 12 bytes: uint16 tag, uint16 type, uint32 count, and
// the value when it fits into 4 bytes, else its offset; uint32 0; the values.
func encodeDirectory(tags []tag, at int) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(tags)))
	rest := at + 2 + 12*len(tags) + 4
	var values []byte
	for _, t := range tags {
		offset := rest + len(values)
		if t.sub != nil {
			values = append(values, encodeDirectory(t.sub, offset)...)
			t.value = binary.BigEndian.AppendUint32(nil, uint32(offset))
		} else if len(t.value) > 4 {
			values = append(values, t.value...)
			if len(values)%2 == 1 {
				values = append(values, 0) // offsets are even
			}
			t.value = binary.BigEndian.AppendUint32(nil, uint32(offset))
		}
		out = binary.BigEndian.AppendUint16(out, t.id)
		out = binary.BigEndian.AppendUint16(out, t.kind)
		out = binary.BigEndian.AppendUint32(out, t.count)
		out = append(out, t.value...)
		out = append(out, make([]byte, 4-len(t.value))...)
	}
	return append(binary.BigEndian.AppendUint32(out, 0), values...)
}
