package demo

import (
	"image"
	"math"
	"slices"
)

// A canvas is a picture in the making. Lengths are parts of its height: y runs
// from 0 at the top to 1, x from 0 to width.
type canvas struct {
	img    *image.RGBA
	width  float64
	scale  float64   // pixels in a length of 1
	cover  []float64 // of one row of pixels: how much of each is inside a polygon
	across []float64 // where a polygon's edges cross a line
}

type point struct{ x, y float64 }

func newCanvas(width, height int) *canvas {
	return &canvas{
		img:   image.NewRGBA(image.Rect(0, 0, width, height)),
		width: float64(width) / float64(height),
		scale: float64(height),
		cover: make([]float64, width),
	}
}

// blend lays a colour over one pixel; much is 0 for none of it and 1 for all.
func (c *canvas) blend(x, y int, k colour, much float64) {
	p := c.img.Pix[y*c.img.Stride+4*x:]
	p[0] = mixByte(p[0], k.r, much)
	p[1] = mixByte(p[1], k.g, much)
	p[2] = mixByte(p[2], k.b, much)
	p[3] = 255
}

func mixByte(old uint8, to, much float64) uint8 {
	return uint8(float64(old)*(1-much) + 255*min(max(to, 0), 1)*much + 0.5)
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
		k := high.mix(low, ((float64(y)+0.5)/c.scale-y0)/(y1-y0))
		for x := range c.img.Rect.Dx() {
			c.blend(x, y, k, 1)
		}
	}
}

// below fills what lies under a curve, with a gradient from the curve to depth
// below it.
func (c *canvas) below(curve func(x float64) float64, depth float64, near, far colour) {
	height := c.img.Rect.Dy()
	for x := range c.img.Rect.Dx() {
		top := curve((float64(x)+0.5)/c.scale) * c.scale
		for y := max(0, int(math.Floor(top))); y < height; y++ {
			k := near.mix(far, (float64(y)-top)/(depth*c.scale))
			c.blend(x, y, k, min(1, float64(y+1)-top))
		}
	}
}

// ellipse fills an ellipse that is turned by an angle in radians.
func (c *canvas) ellipse(cx, cy, rx, ry, turn float64, k colour, much float64) {
	r := max(rx, ry)
	x0, x1 := c.columns(cx-r, cx+r)
	y0, y1 := c.rows(cy-r, cy+r)
	sin, cos := math.Sincos(turn)
	edge := min(rx, ry) * c.scale
	for y := y0; y < y1; y++ {
		dy := (float64(y)+0.5)/c.scale - cy
		for x := x0; x < x1; x++ {
			dx := (float64(x)+0.5)/c.scale - cx
			d := math.Hypot((dx*cos+dy*sin)/rx, (dy*cos-dx*sin)/ry)
			if in := min(1, (1-d)*edge+0.5); in > 0 {
				c.blend(x, y, k, in*much)
			}
		}
	}
}

func (c *canvas) disc(cx, cy, r float64, k colour, much float64) { c.ellipse(cx, cy, r, r, 0, k, much) }

// glow lights up the surroundings of a point, less and less.
func (c *canvas) glow(cx, cy, r float64, k colour, much float64) {
	x0, x1 := c.columns(cx-r, cx+r)
	y0, y1 := c.rows(cy-r, cy+r)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			d := math.Hypot((float64(x)+0.5)/c.scale-cx, (float64(y)+0.5)/c.scale-cy) / r
			if d < 1 {
				c.blend(x, y, k, (1-d)*(1-d)*much)
			}
		}
	}
}

// linesPerPixel is how finely a polygon's edges are seen from top to bottom;
// from left to right they are exact.
const linesPerPixel = 4

// polygon fills the inside of a closed line.
func (c *canvas) polygon(k colour, much float64, points ...point) {
	lowest, highest := points[0].y, points[0].y
	for _, p := range points {
		lowest, highest = min(lowest, p.y), max(highest, p.y)
	}
	first, end := c.rows(lowest, highest)
	for y := first; y < end; y++ {
		clear(c.cover)
		for i := range linesPerPixel {
			c.crossings(points, float64(y)+(float64(i)+0.5)/linesPerPixel)
			for j := 0; j+1 < len(c.across); j += 2 {
				c.span(c.across[j], c.across[j+1])
			}
		}
		for x, in := range c.cover {
			if in > 0 {
				c.blend(x, y, k, in*much)
			}
		}
	}
}

// crossings finds where the edges cross a line of y pixels, from left to right.
func (c *canvas) crossings(points []point, y float64) {
	c.across = c.across[:0]
	a := points[len(points)-1]
	for _, b := range points {
		y0, y1 := a.y*c.scale, b.y*c.scale
		if (y0 <= y) != (y1 <= y) {
			c.across = append(c.across, (a.x+(b.x-a.x)*(y-y0)/(y1-y0))*c.scale)
		}
		a = b
	}
	slices.Sort(c.across)
}

// span adds a piece of one line to the cover.
func (c *canvas) span(from, to float64) {
	from, to = max(from, 0), min(to, float64(len(c.cover)))
	for x := int(from); x < len(c.cover) && float64(x) < to; x++ {
		c.cover[x] += (min(to, float64(x+1)) - max(from, float64(x))) / linesPerPixel
	}
}

func (c *canvas) rect(x0, y0, x1, y1 float64, k colour, much float64) {
	c.polygon(k, much, point{x0, y0}, point{x1, y0}, point{x1, y1}, point{x0, y1})
}

func (c *canvas) line(a, b point, wide float64, k colour, much float64) {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	nx, ny := -(b.y-a.y)/length*wide/2, (b.x-a.x)/length*wide/2
	c.polygon(k, much, point{a.x + nx, a.y + ny}, point{b.x + nx, b.y + ny}, point{b.x - nx, b.y - ny}, point{a.x - nx, a.y - ny})
}

// rounded fills a rectangle with round corners.
func (c *canvas) rounded(x0, y0, x1, y1, r float64, k colour, much float64) {
	var points []point
	for i, at := range []point{{x1 - r, y0 + r}, {x1 - r, y1 - r}, {x0 + r, y1 - r}, {x0 + r, y0 + r}} {
		for step := range 9 {
			sin, cos := math.Sincos((float64(i-1) + float64(step)/8) * math.Pi / 2)
			points = append(points, point{at.x + r*cos, at.y + r*sin})
		}
	}
	c.polygon(k, much, points...)
}

// mirror shows what is above a line upside down below it, darker by shade.
func (c *canvas) mirror(at float64, shade colour, much float64) {
	line := int(at * c.scale)
	for y := line; y < c.img.Rect.Dy(); y++ {
		from := max(0, 2*line-y-1)
		copy(c.img.Pix[y*c.img.Stride:][:c.img.Stride], c.img.Pix[from*c.img.Stride:])
		for x := range c.img.Rect.Dx() {
			c.blend(x, y, shade, much)
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
	w, h := img.Rect.Dx()/by, img.Rect.Dy()/by
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			var sum [4]int
			for i := range by * by {
				p := img.Pix[(y*by+i/by)*img.Stride+4*(x*by+i%by):]
				for j := range sum {
					sum[j] += int(p[j])
				}
			}
			for j := range sum {
				out.Pix[y*out.Stride+4*x+j] = uint8(sum[j] / (by * by))
			}
		}
	}
	return out
}
