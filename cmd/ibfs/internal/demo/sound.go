package demo

import (
	"math"
	"time"
)

// Sounds have one channel, and so many samples a second.
const soundRate = 8000

// A note is a key of a piano, 69 for the A of 440 Hz, and how long it is held in
// eighths. Key 0 is silence.
type note struct{ key, eighths int }

// tune plays notes as a plucked string would sound.
func tune(notes []note) (samples []int16) {
	const eighth = soundRate / 5
	for _, n := range notes {
		frequency := 440 * math.Pow(2, float64(n.key-69)/12)
		for i := range n.eighths * eighth {
			t := float64(i) / soundRate
			s := 0.0
			for harmonic := 1.0; n.key > 0 && harmonic <= 4; harmonic++ {
				s += math.Sin(2*math.Pi*frequency*harmonic*t) * math.Exp(-t*3*harmonic) / harmonic
			}
			samples = append(samples, int16(s*9000*min(1, t*400)))
		}
	}
	return samples
}

// alacFrame is how many samples are in a packet.
const alacFrame = 4096

// losslessAudio is an .m4a file: Apple Lossless, of packets that are not
// compressed.
//
// Source: Apple, QuickTime File Format Specification; ALACMagicCookieDescription.txt
// of the ALAC project.
func losslessAudio(samples []int16, at time.Time) []byte {
	for len(samples)%alacFrame != 0 {
		samples = append(samples, 0)
	}
	file := atom("ftyp", "M4A ", uint32(0), "M4A ", "mp42", "isom")
	start := uint32(len(file) + 8)
	var data []byte
	sizes := []any{uint32(0), uint32(0), uint32(len(samples) / alacFrame)}
	for i := 0; i < len(samples); i += alacFrame {
		packet := alacPacket(samples[i : i+alacFrame])
		data = append(data, packet...)
		sizes = append(sizes, uint32(len(packet)))
	}
	file = append(file, atom("mdat", data)...)

	when, length := seconds(at), uint32(len(samples))
	cookie := atom("alac", uint32(0), uint32(alacFrame), byte(0), byte(16), byte(40), byte(10), byte(14), byte(1),
		uint16(255), uint32(0), uint32(0), uint32(soundRate))
	description := atom("alac", make([]byte, 6), uint16(1), make([]byte, 8), uint16(1), uint16(16), uint32(0), uint32(soundRate<<16), cookie)
	return append(file, atom("moov",
		atom("mvhd", uint32(0), when, when, uint32(soundRate), length, uint32(0x10000), uint16(0x100), make([]byte, 10), matrix, make([]byte, 24), uint32(2)),
		atom("trak",
			atom("tkhd", uint32(7), when, when, uint32(1), uint32(0), length, make([]byte, 8), uint16(0), uint16(0), uint16(0x100), uint16(0), matrix, uint32(0), uint32(0)),
			atom("mdia",
				atom("mdhd", uint32(0), when, when, uint32(soundRate), length, uint16(0x55C4), uint16(0)),
				atom("hdlr", uint32(0), uint32(0), "soun", make([]byte, 12), byte(0)),
				atom("minf",
					atom("smhd", uint32(0), uint32(0)),
					atom("dinf", atom("dref", uint32(0), uint32(1), atom("url ", uint32(1)))),
					atom("stbl",
						atom("stsd", uint32(0), uint32(1), description),
						atom("stts", uint32(0), uint32(1), uint32(len(samples)/alacFrame), uint32(alacFrame)),
						atom("stsc", uint32(0), uint32(1), uint32(1), uint32(len(samples)/alacFrame), uint32(1)),
						atom("stsz", sizes...),
						atom("stco", uint32(0), uint32(1), start))))))...)
}

// alacPacket is a packet as it is: 3 bits that say one channel, 19 bits of no
// matter, 1 that says not compressed, the samples, and 3 that end it.
func alacPacket(samples []int16) []byte {
	var b bits
	b.put(1, 23)
	for _, s := range samples {
		b.put(uint32(uint16(s)), 16)
	}
	b.put(7, 3)
	return b.out
}

// bits are put one after the other, the highest first.
type bits struct {
	out []byte
	n   int // how many there are
}

func (b *bits) put(v uint32, count int) {
	for i := count - 1; i >= 0; i-- {
		if b.n%8 == 0 {
			b.out = append(b.out, 0)
		}
		b.out[b.n/8] |= byte(v>>i&1) << (7 - b.n%8)
		b.n++
	}
}

// hush is an .amr file of so many seconds in which nobody says a word: frames of
// the lowest rate, fifty a second.
//
// Source: RFC 4867 section 5.
func hush(seconds int) []byte {
	const lowest, frame = 0x04, 12
	file := []byte("#!AMR\n")
	for range seconds * 50 {
		file = append(file, lowest)
		file = append(file, make([]byte, frame)...)
	}
	return file
}
