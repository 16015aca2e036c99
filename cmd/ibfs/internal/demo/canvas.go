package demo

import (
	"image"
	"math"
)

// A canvas is a picture in the making. Lengths are parts of its height: y runs
// from 0 at the top to 1, x from 0 to width.
type canvas struct {
	img    *image.RGBA
	width  float64
	scale  float64   // pixels in a length of 1
	cover  []float64 // see addSpan
	across []float64 // where a polygon's edges cross a line
}

type point struct{ x, y float64 }

func newCanvas(width, height int) *canvas {
	return &canvas{
		img:   image.NewRGBA(image.Rect(0, 0, width, height)),
		width: float64(width) / float64(height),
		scale: float64(height),
		cover: make([]float64, width+2),
	}
}

// An ink is a colour as pixels have it.
type ink [3]int32

func (k colour) ink() ink {
	part := func(v float64) int32 { return int32(255*min(max(v, 0), 1) + 0.5) }
	return ink{part(k.r), part(k.g), part(k.b)}
}

// opaque is the share of an ink that leaves nothing of what was there.
const opaque = 256

// share is a part from 0 to 1 as blend has it.
func share(much float64) int32 { return int32(opaque*min(max(much, 0), 1) + 0.5) }

// blend lays some share of an ink over a pixel.
func blend(p []uint8, k ink, much int32) {
	_ = p[3]
	if much >= opaque {
		p[0], p[1], p[2], p[3] = uint8(k[0]), uint8(k[1]), uint8(k[2]), 255
		return
	}
	p[0] += uint8((k[0] - int32(p[0])) * much >> 8)
	p[1] += uint8((k[1] - int32(p[1])) * much >> 8)
	p[2] += uint8((k[2] - int32(p[2])) * much >> 8)
}

// row is the pixels of a line, from column x on.
func (c *canvas) row(x, y int) []uint8 {
	return c.img.Pix[y*c.img.Stride+4*x : (y+1)*c.img.Stride]
}

// blend lays a colour over one pixel; much is 0 for none of it and 1 for all.
func (c *canvas) blend(x, y int, k colour, much float64) {
	blend(c.row(x, y), k.ink(), share(much))
}

// pixels limits a range of lengths to the pixels there are.
func (c *canvas) pixels(from, to float64, n int) (first, end int) {
	return max(0, int(math.Floor(from*c.scale))), min(n, int(math.Ceil(to*c.scale)))
}

func (c *canvas) columns(from, to float64) (int, int) { return c.pixels(from, to, c.img.Rect.Dx()) }
func (c *canvas) rows(from, to float64) (int, int)    { return c.pixels(from, to, c.img.Rect.Dy()) }

// sky fills everything from y0 down to y1 with a gradient.
func (c *canvas) sky(y0, y1 float64, high, low colour) {
	first, end := c.rows(y0, y1)
	for y := first; y < end; y++ {
		line := c.row(0, y)
		blend(line, high.mix(low, ((float64(y)+0.5)/c.scale-y0)/(y1-y0)).ink(), opaque)
		for n := 4; n < len(line); n *= 2 {
			copy(line[n:], line[:n])
		}
	}
}

// below fills what lies under a curve, with a gradient from the curve to depth
// below it.
func (c *canvas) below(curve func(x float64) float64, depth float64, near, far colour) {
	var shades [128]ink
	for i := range shades {
		shades[i] = near.mix(far, float64(i)/float64(len(shades)-1)).ink()
	}
	steps := float64(len(shades)-1) / (depth * c.scale)
	tops, highest := make([]float64, c.img.Rect.Dx()), c.scale
	for x := range tops {
		tops[x] = max(0, curve((float64(x)+0.5)/c.scale)*c.scale)
		highest = min(highest, tops[x])
	}
	for y := int(highest); y < c.img.Rect.Dy(); y++ {
		line := c.row(0, y)
		for x, top := range tops {
			under := float64(y+1) - top
			if under <= 0 {
				continue
			}
			blend(line[4*x:], shades[min(int(under*steps), len(shades)-1)], share(under))
		}
	}
}

// ellipse fills an ellipse that is turned by an angle in radians.
func (c *canvas) ellipse(cx, cy, rx, ry, turn float64, k colour, much float64) {
	r := max(rx, ry)
	y0, y1 := c.rows(cy-r, cy+r)
	sin, cos := math.Sincos(turn)
	edge := min(rx, ry) * c.scale
	outer, inner := 1+0.5/edge, 1-0.5/edge // where its share begins, and where it is whole
	color, whole := k.ink(), share(much)
	// The square of the distance is p dx² + 2 q dx dy + s dy².
	p := cos*cos/(rx*rx) + sin*sin/(ry*ry)
	q := sin * cos * (1/(rx*rx) - 1/(ry*ry))
	s := sin*sin/(rx*rx) + cos*cos/(ry*ry)
	for y := y0; y < y1; y++ {
		dy := (float64(y)+0.5)/c.scale - cy
		half := q*q*dy*dy - p*(s*dy*dy-outer*outer)
		if half <= 0 {
			continue
		}
		middle, half := -q*dy/p, math.Sqrt(half)/p
		x0, x1 := c.columns(cx+middle-half, cx+middle+half)
		if x0 >= x1 {
			continue
		}
		line := c.row(x0, y)
		for x := range x1 - x0 {
			dx := (float64(x0+x)+0.5)/c.scale - cx
			d := (p*dx+2*q*dy)*dx + s*dy*dy
			part := whole
			if d > inner*max(inner, 0) {
				part = share(min(1, (1-math.Sqrt(d))*edge+0.5) * much)
			}
			blend(line[4*x:], color, part)
		}
	}
}

func (c *canvas) disc(cx, cy, r float64, k colour, much float64) { c.ellipse(cx, cy, r, r, 0, k, much) }

// glow lights up the surroundings of a point, less and less.
func (c *canvas) glow(cx, cy, r float64, k colour, much float64) {
	x0, x1 := c.columns(cx-r, cx+r)
	y0, y1 := c.rows(cy-r, cy+r)
	color := k.ink()
	for y := y0; y < y1; y++ {
		dy := (float64(y)+0.5)/c.scale - cy
		for x := x0; x < x1; x++ {
			dx := (float64(x)+0.5)/c.scale - cx
			if d := math.Sqrt(dx*dx+dy*dy) / r; d < 1 {
				blend(c.row(x, y), color, share((1-d)*(1-d)*much))
			}
		}
	}
}

// mirror shows what is above a line upside down below it, darker by shade.
func (c *canvas) mirror(at float64, shade colour, much float64) {
	line := int(at * c.scale)
	color, part := shade.ink(), share(much)
	for y := line; y < c.img.Rect.Dy(); y++ {
		to := c.row(0, y)
		copy(to, c.row(0, max(0, 2*line-y-1)))
		for ; len(to) > 0; to = to[4:] {
			blend(to, color, part)
		}
	}
}

// turned is the picture as a camera held upright stores it, a quarter turn
// against the clock.
func turned(img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			copy(out.Pix[(w-1-x)*out.Stride+4*y:][:4], img.Pix[y*img.Stride+4*x:])
		}
	}
	return out
}

// smaller is the picture at a part of its size, for a thumbnail.
func smaller(img *image.RGBA, by int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()/by, img.Rect.Dy()/by))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var r, g, b int
			for i := range by {
				from := img.Pix[(y*by+i)*img.Stride+4*x*by:][:4*by]
				for ; len(from) > 0; from = from[4:] {
					r, g, b = r+int(from[0]), g+int(from[1]), b+int(from[2])
				}
			}
			n := by * by
			copy(out.Pix[y*out.Stride+4*x:], []uint8{uint8(r / n), uint8(g / n), uint8(b / n), 255})
		}
	}
	return out
}
