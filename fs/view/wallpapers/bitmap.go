package wallpapers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
)

const (
	maxPixels = 50_000_000
	trailer   = 20                      // bytes from the width to the end
	maxBitmap = 4*maxPixels + (1 << 16) // bytes
)

var errBitmap = errors.New("not a picture of a known form")

// toPNG makes a PNG of a .cpbitmap, whose bytes it changes.
//
// Shape: rows of BGRA, 8 bits each, each row as wide as the width rounded up to
// a number of pixels; then some bytes, of which int32 LE at 20 before the end
// is the width and at 16 the height. Rows are rounded up to 16 pixels since
// iOS 12, to 8 in 10 and 11, to 4 before: the widest that the file has room for
// is the right one. Nothing of a wallpaper is transparent.
//
// Source: views.md section 11; iLEAPP springboard.py.
func toPNG(b []byte) ([]byte, error) {
	g, err := geometryOf(b[len(b)-min(len(b), trailer):], int64(len(b)))
	if err != nil {
		return nil, err
	}
	pixels := b[:g.bytes()]
	for i := 0; i < len(pixels); i += 4 {
		pixels[i], pixels[i+2], pixels[i+3] = pixels[i+2], pixels[i], 0xFF
	}
	img := &image.NRGBA{Pix: pixels, Stride: int(g.stride * 4), Rect: image.Rect(0, 0, int(g.width), int(g.height))}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
	return out.Bytes(), err
}

// A geometry is how wide, high and wide with what is rounded up a picture is, in
// pixels.
type geometry struct{ width, height, stride int64 }

func (g geometry) bytes() int64 { return g.stride * g.height * 4 }

// geometryOf reads the end of a picture of some bytes.
func geometryOf(end []byte, size int64) (geometry, error) {
	if len(end) < trailer {
		return geometry{}, fmt.Errorf("%w: %d bytes", errBitmap, size)
	}
	g := geometry{width: int64(int32(binary.LittleEndian.Uint32(end))), height: int64(int32(binary.LittleEndian.Uint32(end[4:])))}
	if g.width <= 0 || g.height <= 0 || g.width > maxPixels || g.height > maxPixels || g.width*g.height > maxPixels {
		return g, fmt.Errorf("%w: %d by %d", errBitmap, g.width, g.height)
	}
	for _, round := range []int64{16, 8, 4} {
		g.stride = (g.width + round - 1) / round * round
		if g.bytes() <= size {
			return g, nil
		}
	}
	return g, fmt.Errorf("%w: %d by %d in %d bytes", errBitmap, g.width, g.height, size)
}
