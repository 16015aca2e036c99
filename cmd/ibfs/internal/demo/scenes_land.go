package demo

import "math/rand/v2"

// A scene paints what a camera sees.
type scene func(c *canvas, l light, rnd *rand.Rand)

func hills(c *canvas, l light, rnd *rand.Rand) {
	horizon := 0.55
	c.heaven(l, rnd, horizon, c.width*(0.2+0.6*rnd.Float64()))
	greens := []uint32{0x6f9a86, 0x5f9a5c, 0x4f8a44, 0x3f7434}
	for i, green := range greens {
		far := 0.6 - 0.2*float64(i)
		y := horizon + 0.02 + 0.11*float64(i)
		curve := terrain(rnd, y, 0.06+0.015*float64(i), 0.9, false)
		c.below(curve, 0.35, l.shine(green, far), l.shine(green, far).mix(rgb(0x0b1a10), 0.35))
		if i == 0 {
			continue
		}
		for range 9 {
			x := rnd.Float64() * c.width
			c.pine(l, x, curve(x)+0.012, 0.03+0.03*float64(i)*(0.7+0.6*rnd.Float64()), far)
		}
		if i == 2 {
			x := c.width * (0.25 + 0.5*rnd.Float64())
			c.cottage(l, x, curve(x)+0.01, 0.075)
		}
	}
}

func (c *canvas) pine(l light, x, y, h, far float64) {
	c.rect(x-h*0.04, y-h*0.2, x+h*0.04, y, l.shine(0x4a3524, far), 1)
	for i := range 3 {
		top := y - h*(1-0.24*float64(i))
		wide := h * (0.16 + 0.06*float64(i))
		c.polygon(l.shine(0x24512f, far), 1, point{x, top}, point{x + wide, top + h*0.4}, point{x - wide, top + h*0.4})
		c.polygon(l.shine(0x1b4026, far), 1, point{x, top}, point{x + wide, top + h*0.4}, point{x + wide*0.1, top + h*0.4})
	}
}

func (c *canvas) cottage(l light, x, y, h float64) {
	c.rect(x-h*0.7, y-h*0.6, x+h*0.7, y, l.shine(0xe9e0cf, 0.05), 1)
	c.polygon(l.shine(0xa2472f, 0.05), 1, point{x - h*0.85, y - h*0.58}, point{x - h*0.5, y - h*1.1}, point{x + h*0.5, y - h*1.1}, point{x + h*0.85, y - h*0.58})
	c.rect(x+h*0.3, y-h*1.3, x+h*0.45, y-h*0.95, l.shine(0x8a4a3a, 0.05), 1)
	pane := l.shine(0x8fb3c4, 0.05)
	if l.hour < 7 || l.hour > 18.5 {
		pane = rgb(0xffd982)
	}
	c.rect(x-h*0.5, y-h*0.45, x-h*0.2, y-h*0.18, pane, 1)
	c.rect(x+h*0.22, y-h*0.45, x+h*0.52, y-h*0.18, pane, 1)
	c.rect(x-h*0.1, y-h*0.4, x+h*0.12, y, l.shine(0x6b4a2e, 0.05), 1)
}

func mountains(c *canvas, l light, rnd *rand.Rand) {
	shore := 0.66
	c.heaven(l, rnd, 0.5, c.width*(0.15+0.7*rnd.Float64()))
	for i, stone := range []uint32{0x8394ad, 0x63738c, 0x4a566b} {
		far := 0.45 - 0.17*float64(i)
		base := 0.36 + 0.1*float64(i)
		ridge := terrain(rnd, base, 0.16-0.025*float64(i), 0.55, true)
		c.below(ridge, 0.4, l.shine(stone, far), l.shine(stone, far).mix(l.low, 0.25))
		if i < 2 {
			c.snowfields(l, rnd, ridge, base, far)
		}
	}
	wood := terrain(rnd, 0.61, 0.02, 0.3, true)
	c.below(wood, 0.1, l.shine(0x2f4a38, 0.15), l.shine(0x23392b, 0.1))
	c.mirror(shore, l.shine(0x27506b, 0.1), 0.35)
	c.ripples(l, rnd, shore, 40)
	x := c.width * (0.3 + 0.4*rnd.Float64())
	c.boat(l, x, 0.8, 0.12)
}

// snowfields whiten a ridge from its line down to a ragged edge.
func (c *canvas) snowfields(l light, rnd *rand.Rand, ridge func(float64) float64, base, far float64) {
	edge := terrain(rnd, base-0.04, 0.05, 0.06, true)
	snow := l.shine(0xffffff, far*0.5)
	for px := range c.img.Rect.Dx() {
		x := (float64(px) + 0.5) / c.scale
		first, end := c.rows(ridge(x)+1/c.scale, min(edge(x), ridge(x)+0.12))
		for y := first; y < end; y++ {
			c.blend(px, y, snow, 0.85)
		}
	}
}

// ripples are short bright lines on water.
func (c *canvas) ripples(l light, rnd *rand.Rand, from float64, count int) {
	for range count {
		near := rnd.Float64()
		y := from + (1-from)*near*near
		x, long := rnd.Float64()*c.width, 0.02+0.1*near
		c.rect(x, y, x+long, y+0.0015+0.002*near, l.low.mix(rgb(0xffffff), 0.4), 0.35)
	}
}

func (c *canvas) boat(l light, x, y, size float64) {
	c.ellipse(x, y+size*0.02, size*0.62, size*0.06, 0, rgb(0x102030), 0.25)
	c.polygon(l.shine(0x9c4a2e, 0.05), 1, point{x - size*0.55, y - size*0.13}, point{x + size*0.6, y - size*0.13}, point{x + size*0.4, y + size*0.02}, point{x - size*0.4, y + size*0.02})
	c.rect(x-size*0.5, y-size*0.15, x+size*0.57, y-size*0.11, l.shine(0xf1e7d2, 0.05), 1)
}

func forest(c *canvas, l light, rnd *rand.Rand) {
	c.sky(0, 1, l.low.mix(rgb(0xdff0c0), 0.3), l.shine(0x7d8a3e, 0.1))
	autumn := []uint32{0xc9772b, 0xd99a2e, 0xb5522a, 0x7f8f3a, 0xe0b23c}
	for layer := range 4 {
		far := 0.55 - 0.18*float64(layer)
		count := 14 - 3*layer
		for i := range count {
			x := c.width * (float64(i) + rnd.Float64()) / float64(count)
			wide := 0.012 + 0.016*float64(layer)
			lean := (rnd.Float64() - 0.5) * 0.05
			foot := 0.68 + 0.08*float64(layer)
			trunk := l.shine(0x4b3a2c, far)
			c.polygon(trunk, 1, point{x - wide/2, foot}, point{x - wide/3 + lean, 0}, point{x + wide/3 + lean, 0}, point{x + wide/2, foot})
			c.polygon(trunk.mix(l.low, 0.25), 1, point{x - wide/2, foot}, point{x - wide/3 + lean, 0}, point{x - wide/8 + lean, 0}, point{x - wide/5, foot})
		}
		for range 130 {
			leaf := l.shine(autumn[rnd.IntN(len(autumn))], far)
			r := 0.010 + 0.012*float64(layer)*rnd.Float64()
			c.ellipse(rnd.Float64()*c.width, rnd.Float64()*rnd.Float64()*0.5, r*1.3, r, rnd.Float64()*3, leaf, 0.75)
		}
		if layer == 1 {
			c.path(l, rnd)
		}
	}
	for range 260 {
		leaf := l.shine(autumn[rnd.IntN(len(autumn))], 0.05)
		y := 0.75 + 0.25*rnd.Float64()
		r := 0.006 + 0.016*(y-0.75)
		c.ellipse(rnd.Float64()*c.width, y, r*1.6, r*0.7, rnd.Float64()*3, leaf, 0.8)
	}
}

// path leads from the viewer into the wood.
func (c *canvas) path(l light, rnd *rand.Rand) {
	ground := terrain(rnd, 0.7, 0.012, 0.3, false)
	c.below(ground, 0.3, l.shine(0x8c6a38, 0.2), l.shine(0x5c4526, 0))
	middle, far := c.width*(0.35+0.3*rnd.Float64()), c.width*(0.4+0.2*rnd.Float64())
	c.polygon(l.shine(0xd0b183, 0.15), 0.9, point{far - 0.02, 0.71}, point{far + 0.02, 0.71}, point{middle + 0.1, 0.82}, point{middle + 0.3, 1}, point{middle - 0.3, 1}, point{middle - 0.06, 0.82})
}
