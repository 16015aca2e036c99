package demo

import (
	"math"
	"math/rand/v2"
)

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
