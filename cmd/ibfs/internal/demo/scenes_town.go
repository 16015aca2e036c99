package demo

import (
	"math"
	"math/rand/v2"
)

func sea(c *canvas, l light, rnd *rand.Rand) {
	horizon, sun := 0.52, c.width*(0.25+0.5*rnd.Float64())
	c.heaven(l, rnd, horizon, sun)
	c.below(func(float64) float64 { return horizon }, 0.48, l.shine(0x2f86a8, 0.35), l.shine(0x0f4a6e, 0.05))
	for range 170 { // the sun on the water
		near := rnd.Float64()
		y := horizon + (1-horizon)*near
		spread := (rnd.Float64() + rnd.Float64() - 1) * (0.04 + 0.3*near)
		c.rect(sun+spread, y, sun+spread+0.02+0.05*near, y+0.0015+0.004*near, l.low.mix(rgb(0xffffff), 0.5), 0.5)
	}
	c.ripples(l, rnd, horizon, 60)
	for range 1 + rnd.IntN(3) {
		near := 0.15 + 0.6*rnd.Float64()
		c.sailboat(l, c.width*(0.1+0.8*rnd.Float64()), horizon+0.3*near, 0.1+0.26*near)
	}
	for range 4 {
		c.gull(rnd.Float64()*c.width, 0.08+0.3*rnd.Float64(), 0.012+0.012*rnd.Float64())
	}
}

func (c *canvas) sailboat(l light, x, y, h float64) {
	c.ellipse(x, y+h*0.02, h*0.4, h*0.035, 0, rgb(0x0a2436), 0.35)
	c.polygon(l.shine(0xfbf6ea, 0.05), 1, point{x + h*0.02, y - h}, point{x + h*0.02, y - h*0.14}, point{x + h*0.42, y - h*0.14})
	c.polygon(l.shine(0xd8543f, 0.05), 1, point{x - h*0.02, y - h*0.92}, point{x - h*0.02, y - h*0.14}, point{x - h*0.3, y - h*0.14})
	c.rect(x-h*0.012, y-h*1.03, x+h*0.012, y-h*0.1, l.shine(0x5a4634, 0), 1)
	c.polygon(l.shine(0x27425f, 0.05), 1, point{x - h*0.4, y - h*0.11}, point{x + h*0.46, y - h*0.11}, point{x + h*0.32, y + h*0.03}, point{x - h*0.3, y + h*0.03})
}

func (c *canvas) gull(x, y, size float64) {
	for _, side := range []float64{-1, 1} {
		c.polygon(rgb(0x35404d), 0.85, point{x, y}, point{x + side*size*0.6, y - size*0.45}, point{x + side*size*1.3, y - size*0.1}, point{x + side*size*0.6, y - size*0.25})
	}
}

func beach(c *canvas, l light, rnd *rand.Rand) {
	horizon := 0.42
	c.heaven(l, rnd, horizon, c.width*(0.2+0.6*rnd.Float64()))
	c.below(func(float64) float64 { return horizon }, 0.3, l.shine(0x2c8fb5, 0.3), l.shine(0x3fb8bd, 0.05))
	c.ripples(l, rnd, horizon, 30)
	shore := terrain(rnd, 0.66, 0.035, 0.9, false)
	c.below(func(x float64) float64 { return shore(x) - 0.02 }, 0.02, rgb(0xffffff).times(l.on), l.shine(0xf6fbfb, 0))
	c.below(shore, 0.35, l.shine(0xd9bd8a, 0.05), l.shine(0xf2ddb0, 0))
	for range 200 {
		y := 0.72 + 0.28*rnd.Float64()
		c.disc(rnd.Float64()*c.width, y, 0.002, l.shine(0xa98a58, 0), 0.5)
	}
	x := c.width * (0.25 + 0.4*rnd.Float64())
	stripes := [][2]uint32{{0xe2533f, 0xfdf3e3}, {0x2f7fb8, 0xfdf3e3}, {0xf0b431, 0x3f9d7e}}[rnd.IntN(3)]
	c.umbrella(l, x, 0.86, 0.42, stripes)
	c.rounded(x+0.06, 0.855, x+0.34, 0.905, 0.012, l.shine(stripes[0], 0), 1)
	for i := range 4 {
		left := x + 0.09 + 0.065*float64(i)
		c.rect(left, 0.855, left+0.02, 0.905, l.shine(stripes[1], 0), 1)
	}
	ball := c.width * 0.86
	c.ellipse(ball, 0.925, 0.06, 0.012, 0, l.shine(0x9a7b4a, 0), 0.7)
	c.disc(ball, 0.87, 0.055, l.shine(0xfdf3e3, 0), 1)
	for i := range 3 {
		c.ellipse(ball+0.02-0.02*float64(i), 0.87, 0.013, 0.053, 0.5, l.shine([]uint32{0xe2533f, 0x2f7fb8, 0xf0b431}[i], 0), 1)
	}
}

func (c *canvas) umbrella(l light, x, y, h float64, stripes [2]uint32) {
	c.ellipse(x+0.1, y+0.01, h*0.5, h*0.05, 0, l.shine(0x9a7b4a, 0), 0.6)
	c.line(point{x, y}, point{x + h*0.12, y - h}, h*0.025, l.shine(0xf4efe4, 0), 1)
	top := point{x + h*0.125, y - h*1.03}
	const ribs = 8
	rim := func(i int) point {
		a := math.Pi * (1 - float64(i)/ribs)
		return point{top.x + h*0.62*math.Cos(a) + 0.02, top.y + h*0.36 - h*0.06*math.Sin(a)}
	}
	for i := range ribs {
		a, b := rim(i), rim(i+1)
		mid := point{(a.x+b.x)/2 + (a.x+b.x-2*top.x)*0.06, top.y + h*0.12}
		c.polygon(l.shine(stripes[i%2], 0), 1, top, point{a.x + (mid.x-a.x)*0.15, mid.y}, a, b, point{b.x + (mid.x-b.x)*0.15, mid.y})
	}
	c.disc(top.x, top.y, h*0.02, l.shine(stripes[0], 0), 1)
}

func city(c *canvas, l light, rnd *rand.Rand) {
	c.heaven(l, rnd, 0.7, c.width*(0.15+0.7*rnd.Float64()))
	walls := []uint32{0x8c9bb0, 0xa58f80, 0x6f8299, 0xb7a48f, 0x5c6f88}
	for layer := range 3 {
		far := 0.6 - 0.25*float64(layer)
		for x := -0.05; x < c.width; {
			wide := 0.07 + 0.07*rnd.Float64() + 0.02*float64(layer)
			tall := (0.5 - 0.1*float64(layer)) * (0.45 + 0.55*rnd.Float64())
			c.tower(l, rnd, x, 0.72+0.05*float64(layer)-tall, wide-0.008, far, walls[rnd.IntN(len(walls))])
			x += wide
		}
	}
	c.mirror(0.84, l.shine(0x1f3247, 0.1), 0.45)
	c.rect(0, 0.825, c.width, 0.843, l.shine(0x6d675f, 0), 1)
	c.ripples(l, rnd, 0.85, 50)
}

func (c *canvas) tower(l light, rnd *rand.Rand, x, y, wide, far float64, wall uint32) {
	c.rect(x, y, x+wide, 0.84, l.shine(wall, far), 1)
	c.rect(x+wide*0.75, y, x+wide, 0.84, l.shine(wall, far).mix(rgb(0x101826), 0.2), 1)
	if rnd.IntN(4) == 0 {
		c.rect(x+wide*0.47, y-0.06, x+wide*0.53, y, l.shine(wall, far), 1)
	}
	const step = 0.022
	dark := l.hour < 6.5 || l.hour > 18.5
	for wy := y + 0.015; wy < 0.81; wy += step * 1.3 {
		for wx := x + 0.010; wx < x+wide-0.012; wx += step * 0.85 {
			pane, much := l.shine(wall, far).mix(rgb(0x223244), 0.45), 0.8
			if dark && rnd.IntN(5) < 2 {
				pane, much = rgb(0xffd27a).mix(rgb(0xfff3cf), rnd.Float64()), 1-far*0.6
			}
			c.rect(wx, wy, wx+0.010, wy+0.016, pane, much)
		}
	}
}

func balloons(c *canvas, l light, rnd *rand.Rand) {
	hills(c, l, rnd)
	tints := [][2]uint32{{0xe0483e, 0xf7c948}, {0x2f6fb0, 0xf4f1e8}, {0x7d4fa3, 0xf0a13a}, {0x2f9d77, 0xf7e27a}}
	for i := range 3 + rnd.IntN(3) {
		x := c.width * (0.12 + 0.76*rnd.Float64())
		c.balloon(l, x, 0.13+0.3*rnd.Float64(), 0.045+0.075*rnd.Float64(), tints[(i+rnd.IntN(2))%len(tints)])
	}
}

func (c *canvas) balloon(l light, x, y, r float64, tints [2]uint32) {
	c.polygon(l.shine(tints[0], 0.05), 1, point{x - r*0.86, y + r*0.5}, point{x - r*0.2, y + r*1.35}, point{x + r*0.2, y + r*1.35}, point{x + r*0.86, y + r*0.5})
	c.disc(x, y, r, l.shine(tints[0], 0.05), 1)
	for _, band := range []struct{ at, wide float64 }{{-0.62, 0.16}, {0, 0.24}, {0.62, 0.16}} {
		c.ellipse(x+r*band.at*0.8, y, r*band.wide, r*math.Sqrt(1-band.at*band.at*0.64), 0, l.shine(tints[1], 0.05), 1)
		c.polygon(l.shine(tints[1], 0.05), 1, point{x + r*(band.at*0.8-band.wide), y + r*0.2}, point{x + r*(band.at*0.8+band.wide), y + r*0.2}, point{x + r*(band.at*0.2+0.06), y + r*1.35}, point{x + r*(band.at*0.2-0.06), y + r*1.35})
	}
	c.ellipse(x-r*0.35, y-r*0.35, r*0.3, r*0.45, 0.6, rgb(0xffffff), 0.18)
	for _, side := range []float64{-0.16, 0.16} {
		c.line(point{x + r*side, y + r*1.35}, point{x + r*side*0.8, y + r*1.66}, r*0.03, l.shine(0x4b3524, 0), 1)
	}
	c.rounded(x-r*0.17, y+r*1.64, x+r*0.17, y+r*1.9, r*0.04, l.shine(0x8a5a2e, 0), 1)
}
