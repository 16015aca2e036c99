package demo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// exifTags are the tags of a picture, read by the standard alone.
type exifTags struct {
	all map[int][]byte // of the main and the Exif directory, values of types 2, 3, 4 and 7
	gps map[int][]byte
}

func (x *exifTags) text(id int) string { return strings.TrimRight(string(x.all[id]), "\x00") }

func (x *exifTags) number(id int) int {
	n := 0
	for _, b := range x.all[id] {
		n = n<<8 | int(b)
	}
	return n
}

// readExif reads the Exif of a JPEG, nil when it has none.
func readExif(jpeg []byte) (*exifTags, error) {
	if len(jpeg) < 12 || !bytes.Equal(jpeg[:2], []byte{0xFF, 0xD8}) {
		return nil, errors.New("no JPEG")
	}
	if jpeg[3] != 0xE1 {
		return nil, nil
	}
	length := int(binary.BigEndian.Uint16(jpeg[4:]))
	segment := jpeg[6 : 4+length]
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || string(tiff[:4]) != "MM\x00*" || jpeg[4+length] != 0xFF {
		return nil, errors.New("no Exif segment")
	}
	x := &exifTags{all: map[int][]byte{}}
	if err := readDirectory(tiff, int(binary.BigEndian.Uint32(tiff[4:])), x.all); err != nil {
		return nil, err
	}
	if at := x.number(0x8825); at > 0 {
		x.gps = map[int][]byte{}
		if err := readDirectory(tiff, at, x.gps); err != nil {
			return nil, err
		}
	}
	return x, readDirectory(tiff, x.number(0x8769), x.all)
}

func readDirectory(tiff []byte, at int, into map[int][]byte) error {
	count := int(binary.BigEndian.Uint16(tiff[at:]))
	last := -1
	for i := range count {
		entry := tiff[at+2+12*i:][:12]
		id := int(binary.BigEndian.Uint16(entry))
		size := map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[binary.BigEndian.Uint16(entry[2:])] * int(binary.BigEndian.Uint32(entry[4:]))
		if id <= last || size == 0 {
			return fmt.Errorf("tag %#x after %#x has %d bytes", id, last, size)
		}
		last = id
		value := entry[8:]
		if size > 4 {
			value = tiff[binary.BigEndian.Uint32(value):]
		}
		into[id] = value[:size]
	}
	if next := binary.BigEndian.Uint32(tiff[at+2+12*count:]); next != 0 {
		return fmt.Errorf("another directory at %d", next)
	}
	return nil
}

func TestDegrees(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want [6]uint32
	}{
		{0, [6]uint32{0, 1, 0, 1, 0, 100}},
		{51.5, [6]uint32{51, 1, 30, 1, 0, 100}},
		{-3.1883, [6]uint32{3, 1, 11, 1, 1788, 100}},
		{59.9999999, [6]uint32{60, 1, 0, 1, 0, 100}},
	} {
		if got := [6]uint32(degrees(c.v)); got != c.want {
			t.Errorf("%v: %v, want %v", c.v, got, c.want)
		}
	}
}

// TestExiftool asks exiftool what a photo says, and whether it says it right.
func TestExiftool(t *testing.T) {
	if os.Getenv("IBFS_TEST_JUDGES") == "0" {
		t.Skip("IBFS_TEST_JUDGES=0: no other program is asked")
	}
	program, err := exec.LookPath("exiftool")
	if err != nil {
		t.Fatal("exiftool is not installed; run: make test")
	}
	at := time.Date(2026, 8, 16, 19, 59, 28, 250e6, time.FixedZone("", 9*3600))
	for _, c := range []struct {
		name string
		x    exif
		want string
	}{
		{"lying, with a place", exif{at: at, width: 8, height: 6, place: &position{-35.5171, 138.7518, 833}},
			"OK|Apple|iPhone 13|1|2026:08:16 19:59:28|+09:00|250|-35.5171|138.7518|833|2026:08:16 10:59:28Z"},
		{"upright, without", exif{at: at, width: 8, height: 6, turned: true, night: true},
			"OK|Apple|iPhone 13|6|2026:08:16 19:59:28|+09:00|250|-|-|-|-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content, err := encodeJPEG(newCanvas(c.x.width, c.x.height).img, 85)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "photo.jpg")
			if err := os.WriteFile(file, withExif(content, c.x), 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), program, "-validate", "-q", "-f", "-p",
				"$Validate|$Make|$Model|$Orientation#|$DateTimeOriginal|$OffsetTimeOriginal|$SubSecTimeOriginal|"+
					"$GPSLatitude#|$GPSLongitude#|$GPSAltitude#|$GPSDateTime", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(out)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
