package demo

import (
	"image"
	"math/rand/v2"
	"time"
)

// The movie is some seconds of a boat that sails by, each picture a JPEG.
const (
	movieWidth, movieHeight = 480, 360
	frames                  = 36
	framesPerSecond         = 12
)

// makeMovie makes a QuickTime movie, and the picture that stands for it.
func makeMovie(s shot) (content []byte, first *image.RGBA, err error) {
	var m quickTime
	for i := range frames {
		c := newCanvas(movieWidth, movieHeight)
		sailing(c, lightAt(19.4), float64(i)/frames)
		if i == 0 {
			first = c.img
		}
		frame, err := encodeJPEG(c.img, 75)
		if err != nil {
			return nil, nil, err
		}
		m.frames = append(m.frames, frame)
	}
	return m.encode(s.at), first, nil
}

// sailing is one moment of the movie, t from 0 to 1. The sky and the glitter
// are those of a single seed, so that only what moves does.
func sailing(c *canvas, l light, t float64) {
	const horizon = 0.55
	rnd := rand.New(rand.NewPCG(12, 34))
	c.heaven(l, rnd, horizon, c.width*0.62)
	c.below(func(float64) float64 { return horizon }, 0.45, l.shine(0x2f86a8, 0.35), l.shine(0x0f4a6e, 0.05))
	waves := rand.New(rand.NewPCG(56, uint64(t*frames)/3))
	c.ripples(l, waves, horizon, 70)
	c.sailboat(l, c.width*(-0.1+1.1*t), 0.72, 0.3)
	c.sailboat(l, c.width*(0.8-0.15*t), 0.6, 0.1)
	for i := range 3 {
		c.gull(c.width*(0.2+0.2*float64(i)+0.25*t), 0.2+0.05*float64(i%2), 0.014)
	}
}

// A quickTime is a movie of JPEG pictures without sound.
type quickTime struct{ frames [][]byte }

// seconds counts from 1904-01-01 UTC, as QuickTime does.
func seconds(t time.Time) uint32 { return uint32(t.Unix() + 2082844800) }

// ticks are the units of time: so many a second, as an iPhone has it.
const ticks = 600

// encode lays out the file: its type, the pictures, then what they are.
//
// Source: Apple, QuickTime File Format Specification.
func (m quickTime) encode(at time.Time) []byte {
	file := atom("ftyp", "qt  ", uint32(0), "qt  ")
	file = append(file, atom("wide")...)
	var data []byte
	for _, f := range m.frames {
		data = append(data, f...)
	}
	start := uint32(len(file) + 8)
	file = append(file, atom("mdat", data)...)

	when, length := seconds(at), uint32(len(m.frames)*ticks/framesPerSecond)
	header := atom("mvhd", uint32(0), when, when, uint32(ticks), length,
		uint32(0x10000), uint16(0x100), make([]byte, 10), matrix, make([]byte, 24), uint32(2))
	track := atom("trak",
		atom("tkhd", uint32(15), when, when, uint32(1), uint32(0), length,
			make([]byte, 8), uint16(0), uint16(0), uint16(0), uint16(0), matrix,
			uint32(movieWidth<<16), uint32(movieHeight<<16)),
		atom("mdia",
			atom("mdhd", uint32(0), when, when, uint32(ticks), length, uint16(0x55C4), uint16(0)),
			atom("hdlr", uint32(0), "mhlr", "vide", make([]byte, 12), byte(0)),
			atom("minf",
				atom("vmhd", uint32(1), uint16(0x40), uint16(0x8000), uint16(0x8000), uint16(0x8000)),
				atom("hdlr", uint32(0), "dhlr", "url ", make([]byte, 12), byte(0)),
				atom("dinf", atom("dref", uint32(0), uint32(1), atom("url ", uint32(1)))),
				m.sampleTable(start))))
	return append(file, atom("moov", header, track, metadata(at))...)
}

// matrix leaves the picture as it is.
var matrix = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

// sampleTable says where each picture is: one after the other, from start.
func (m quickTime) sampleTable(start uint32) []byte {
	count := uint32(len(m.frames))
	sizes := []any{uint32(0), uint32(0), count}
	for _, f := range m.frames {
		sizes = append(sizes, uint32(len(f)))
	}
	description := atom("jpeg", make([]byte, 6), uint16(1),
		make([]byte, 8), uint32(512), uint32(512), uint16(movieWidth), uint16(movieHeight),
		uint32(72<<16), uint32(72<<16), uint32(0), uint16(1), pascal("Photo - JPEG", 32), uint16(24), uint16(0xFFFF))
	return atom("stbl",
		atom("stsd", uint32(0), uint32(1), description),
		atom("stts", uint32(0), uint32(1), count, uint32(ticks/framesPerSecond)),
		atom("stsc", uint32(0), uint32(1), uint32(1), count, uint32(1)),
		atom("stsz", sizes...),
		atom("stco", uint32(0), uint32(1), start))
}

// metadata says with what the movie was made, and when, in its own zone.
func metadata(at time.Time) []byte {
	keys, values := []any{uint32(0), uint32(0)}, []any{}
	for i, m := range []struct{ key, value string }{
		{"com.apple.quicktime.make", "Apple"},
		{"com.apple.quicktime.model", model},
		{"com.apple.quicktime.software", software},
		{"com.apple.quicktime.creationdate", at.Format("2006-01-02T15:04:05-0700")},
	} {
		keys[1] = uint32(i + 1)
		keys = append(keys, atom("mdta", m.key))
		const utf8 = 1
		values = append(values, atomOf(words(uint32(i+1)), atom("data", uint32(utf8), uint32(0), m.value)))
	}
	return atom("meta",
		atom("hdlr", uint32(0), uint32(0), "mdta", make([]byte, 12), byte(0)),
		atom("keys", keys...),
		atom("ilst", values...))
}
