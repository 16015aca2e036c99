package demo

import (
	"math"
	"slices"
)

// linesPerPixel is how finely a polygon's edges are seen from top to bottom;
// from left to right they are exact.
const linesPerPixel = 4

// polygon fills the inside of a closed line.
func (c *canvas) polygon(k colour, much float64, points ...point) {
	lowest, highest := points[0], points[0]
	for _, p := range points {
		lowest.x, highest.x = min(lowest.x, p.x), max(highest.x, p.x)
		lowest.y, highest.y = min(lowest.y, p.y), max(highest.y, p.y)
	}
	y0, y1 := c.rows(lowest.y, highest.y)
	x0, x1 := c.columns(lowest.x, highest.x)
	if x0 >= x1 {
		return
	}
	color := k.ink()
	for y := y0; y < y1; y++ {
		cover := c.cover[x0 : x1+2]
		clear(cover)
		for i := range linesPerPixel {
			c.crossings(points, float64(y)+(float64(i)+0.5)/linesPerPixel)
			for j := 0; j+1 < len(c.across); j += 2 {
				addSpan(cover, c.across[j]-float64(x0), c.across[j+1]-float64(x0))
			}
		}
		line, in := c.row(x0, y), 0.0
		for x := range x1 - x0 {
			if in += cover[x]; in > 1e-6 {
				blend(line[4*x:], color, share(in/linesPerPixel*much))
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

// addSpan adds a piece of one line to a cover, which holds by how much each
// pixel is covered more than the one before it.
func addSpan(cover []float64, from, to float64) {
	end := float64(len(cover) - 2)
	from, to = min(max(from, 0), end), min(max(to, 0), end)
	for _, edge := range []struct{ at, sign float64 }{{from, 1}, {to, -1}} {
		i := int(edge.at)
		rest := edge.at - float64(i)
		cover[i] += edge.sign * (1 - rest)
		cover[i+1] += edge.sign * rest
	}
}

// rect fills a rectangle.
func (c *canvas) rect(x0, y0, x1, y1 float64, k colour, much float64) {
	left, right := max(x0*c.scale, 0), min(x1*c.scale, float64(c.img.Rect.Dx()))
	top, bottom := max(y0*c.scale, 0), min(y1*c.scale, float64(c.img.Rect.Dy()))
	color := k.ink()
	for y := int(top); float64(y) < bottom; y++ {
		high := min(bottom, float64(y+1)) - max(top, float64(y))
		for x := int(left); float64(x) < right; x++ {
			wide := min(right, float64(x+1)) - max(left, float64(x))
			blend(c.row(x, y), color, share(high*wide*much))
		}
	}
}

// block is rect with its edges between pixels, so that blocks side by side show
// no seam.
func (c *canvas) block(x0, y0, x1, y1 float64, k colour, much float64) {
	near := func(v float64) float64 { return math.Round(v*c.scale) / c.scale }
	c.rect(near(x0), near(y0), near(x1), near(y1), k, much)
}

// line draws a straight line.
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
