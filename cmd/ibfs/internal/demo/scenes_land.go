package demo

import (
	"math"
	"math/rand/v2"
)

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

func winter(c *canvas, l light, rnd *rand.Rand) {
	c.heaven(l, rnd, 0.6, c.width*0.8)
	for i := range 3 {
		far := 0.5 - 0.2*float64(i)
		curve := terrain(rnd, 0.58+0.12*float64(i), 0.05, 0.8, false)
		c.below(curve, 0.4, l.shine(0xffffff, far), l.shine(0xbfd2e8, far))
		for range 6 {
			x := rnd.Float64() * c.width
			h := (0.09 + 0.05*float64(i)) * (0.7 + 0.6*rnd.Float64())
			c.pine(l, x, curve(x)+0.01, h, far)
			for j := range 3 {
				top := curve(x) + 0.01 - h*(1-0.24*float64(j))
				wide := h * (0.09 + 0.03*float64(j))
				c.polygon(l.shine(0xffffff, far), 0.9, point{x, top - 0.002}, point{x + wide, top + h*0.2}, point{x - wide, top + h*0.17})
			}
		}
	}
	c.snowman(l, c.width*(0.3+0.4*rnd.Float64()), 0.9, 0.34)
	for range 220 {
		c.disc(rnd.Float64()*c.width, rnd.Float64(), 0.0015+0.004*rnd.Float64(), rgb(0xffffff), 0.8)
	}
}

func (c *canvas) snowman(l light, x, y, h float64) {
	c.ellipse(x, y, h*0.34, h*0.05, 0, l.shine(0x8fa6c4, 0), 0.6)
	coal, y0 := rgb(0x23252b), y
	for _, r := range []float64{0.27, 0.2, 0.14} {
		y0 -= h * r
		c.disc(x, y0, h*r, l.shine(0xd6e2f0, 0), 1)
		c.disc(x-h*r*0.08, y0-h*r*0.08, h*r*0.88, l.shine(0xffffff, 0), 1)
		y0 -= h * r * 0.62
	}
	head := y - h*(0.27*1.62+0.2*1.62+0.14)
	c.disc(x-h*0.05, head-h*0.03, h*0.016, coal, 1)
	c.disc(x+h*0.05, head-h*0.03, h*0.016, coal, 1)
	c.polygon(l.shine(0xe8772e, 0), 1, point{x, head - h*0.005}, point{x, head + h*0.035}, point{x + h*0.15, head + h*0.03})
	for i := range 3 {
		c.disc(x, head+h*(0.27+0.08*float64(i)), h*0.017, coal, 1)
	}
	c.rect(x-h*0.16, head-h*0.13, x+h*0.16, head-h*0.1, coal, 1)
	c.rect(x-h*0.1, head-h*0.32, x+h*0.1, head-h*0.12, coal, 1)
	c.rect(x-h*0.1, head-h*0.17, x+h*0.1, head-h*0.13, l.shine(0xc23b34, 0), 1)
	c.line(point{x - h*0.17, head + h*0.3}, point{x - h*0.42, head + h*0.14}, h*0.02, l.shine(0x4b3524, 0), 1)
	c.line(point{x + h*0.17, head + h*0.3}, point{x + h*0.4, head + h*0.1}, h*0.02, l.shine(0x4b3524, 0), 1)
}

func aurora(c *canvas, l light, rnd *rand.Rand) {
	c.sky(0, 1, rgb(0x050a1c), rgb(0x12324a))
	for range 220 {
		c.disc(rnd.Float64()*c.width, rnd.Float64()*0.65, 0.0008+0.0015*rnd.Float64(), rgb(0xffffff), 0.3+0.6*rnd.Float64())
	}
	for i := range 3 {
		band := terrain(rnd, 0.44-0.09*float64(i), 0.08, 0.5, false)
		beam := terrain(rnd, 0.24, 0.1, 0.03, false)
		for px := range c.img.Rect.Dx() {
			x := (float64(px) + 0.5) / c.scale
			foot, tall := band(x), beam(x)
			first, end := c.rows(foot-tall, foot)
			for y := first; y < end; y++ {
				up := (foot - (float64(y)+0.5)/c.scale) / tall
				k := rgb(0x3df5a0).mix(rgb(0x8a5cf0), up*1.2)
				c.blend(px, y, k, 0.4*math.Pow(1-up, 1.4)*min(1, up*14))
			}
		}
	}
	ridge := terrain(rnd, 0.62, 0.09, 0.5, true)
	c.below(ridge, 0.3, rgb(0x1c2f42), rgb(0x0c1724))
	c.mirror(0.74, rgb(0x06131f), 0.4)
	for range 7 {
		x := rnd.Float64() * c.width
		c.cottage(light{hour: 22, low: rgb(0x12324a), on: rgb(0x55606e)}, x, 0.742+0.004*rnd.Float64(), 0.022)
	}
}
