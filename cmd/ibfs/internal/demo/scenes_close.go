package demo

import (
	"math"
	"math/rand/v2"
)

func flower(c *canvas, l light, rnd *rand.Rand) {
	c.sky(0, 1, l.shine(0x8fb86a, 0.1), l.shine(0x3d6a3a, 0))
	for range 40 { // what is out of focus
		k := l.shine([]uint32{0xd8e8a0, 0x5f9a50, 0xf0e6c0, 0xe7b6c2}[rnd.IntN(4)], 0.1)
		c.disc(rnd.Float64()*c.width, rnd.Float64(), 0.04+0.08*rnd.Float64(), k, 0.22)
	}
	tint := []uint32{0xe85d75, 0xf2a33c, 0x9a6ad6, 0xf7f3ea, 0xe04b3a, 0x5f8fe0}[rnd.IntN(6)]
	x, y := c.width*(0.4+0.2*rnd.Float64()), 0.42
	c.polygon(l.shine(0x3f7a3a, 0), 1, point{x - 0.014, y}, point{x + 0.014, y}, point{x + 0.07, 1}, point{x + 0.03, 1})
	c.ellipse(x+0.13, 0.82, 0.13, 0.04, -0.5, l.shine(0x4f8f45, 0), 1)
	c.ellipse(x-0.06, 0.9, 0.13, 0.04, 0.6, l.shine(0x447f3d, 0), 1)
	petals := 6 + rnd.IntN(7)
	turn := rnd.Float64()
	for ring, part := range []float64{1, 0.72} {
		for i := range petals {
			a := turn + (float64(i)+0.5*float64(ring))*2*math.Pi/float64(petals)
			r := 0.2 * part
			sin, cos := math.Sincos(a)
			wide := 0.55 * math.Pi / float64(petals) * r * 2
			k := l.shine(tint, 0).mix(rgb(0x401020), 0.18*float64((i+ring)%2)).mix(rgb(0xffffff), 0.15*float64(ring))
			c.ellipse(x+r*cos, y+r*sin, r*0.78, wide*0.72, a, k, 1)
			c.ellipse(x+r*1.1*cos, y+r*1.1*sin, r*0.5, wide*0.25, a, rgb(0xffffff), 0.16)
		}
	}
	c.disc(x, y, 0.085, l.shine(0xa8741f, 0), 1)
	for i := range 90 {
		r := 0.008 * math.Sqrt(float64(i))
		sin, cos := math.Sincos(float64(i) * 2.39996)
		c.disc(x+r*cos, y+r*sin, 0.006, l.shine(0xf5c63e, 0).mix(rgb(0x8a5a10), 1-float64(i)/90), 1)
	}
}

func pizza(c *canvas, l light, rnd *rand.Rand) {
	l.on = l.on.mix(rgb(0xfff0d8), 0.7) // a lamp
	c.table(l, rnd)
	x, y := c.width/2, 0.52
	c.ellipse(x+0.015, y+0.03, 0.45, 0.43, 0, rgb(0x1c120a), 0.35)
	c.disc(x, y, 0.44, l.shine(0xf4f1ea, 0), 1)
	c.disc(x, y, 0.405, l.shine(0xe3ded3, 0), 1)
	for i := range 40 { // a crust is not a circle
		sin, cos := math.Sincos(float64(i) / 40 * 2 * math.Pi)
		c.disc(x+0.325*cos, y+0.325*sin, 0.035+0.012*rnd.Float64(), l.shine(0xc98b45, 0).mix(rgb(0x6b3a16), 0.4*rnd.Float64()), 1)
	}
	c.disc(x, y, 0.325, l.shine(0xc0392b, 0), 1)
	spot := func() (float64, float64) {
		r, a := 0.29*math.Sqrt(rnd.Float64()), 2*math.Pi*rnd.Float64()
		return x + r*math.Cos(a), y + r*math.Sin(a)
	}
	for range 70 {
		px, py := spot()
		c.ellipse(px, py, 0.03+0.03*rnd.Float64(), 0.025+0.02*rnd.Float64(), rnd.Float64()*3, l.shine(0xf7dd8c, 0).mix(rgb(0xfff6da), rnd.Float64()), 0.75)
	}
	for range 8 + rnd.IntN(5) {
		px, py := spot()
		c.disc(px, py, 0.042, l.shine(0x8e2a22, 0), 1)
		c.disc(px-0.003, py-0.003, 0.037, l.shine(0xb8463a, 0), 1)
	}
	for range 9 {
		px, py := spot()
		a := rnd.Float64() * 3
		c.ellipse(px, py, 0.035, 0.017, a, l.shine(0x2f7a35, 0), 1)
		c.ellipse(px, py-0.003, 0.03, 0.004, a, l.shine(0x6fae55, 0), 0.8)
	}
}

func coffee(c *canvas, l light, rnd *rand.Rand) {
	l.on = l.on.mix(rgb(0xfff0d8), 0.5)
	c.table(l, rnd)
	x, y := c.width*(0.42+0.12*rnd.Float64()), 0.5
	cup := []uint32{0xf5f2ec, 0x3c6e8f, 0xd9805a, 0x4f7f63, 0x2f3440, 0xc9a24a}[rnd.IntN(6)]
	c.ellipse(x+0.02, y+0.035, 0.4, 0.38, 0, rgb(0x1c120a), 0.35)
	c.disc(x, y, 0.39, l.shine(cup, 0).mix(rgb(0xffffff), 0.12), 1)
	c.disc(x, y, 0.27, l.shine(cup, 0).mix(rgb(0x000000), 0.08), 1)
	c.line(point{x + 0.2, y}, point{x + 0.37, y - 0.05}, 0.06, l.shine(cup, 0), 1)
	c.ellipse(x+0.01, y+0.015, 0.245, 0.24, 0, rgb(0x1c120a), 0.25)
	c.disc(x, y, 0.24, l.shine(cup, 0).mix(rgb(0xffffff), 0.25), 1)
	c.disc(x, y, 0.215, l.shine(0x7a4a26, 0), 1)
	c.disc(x, y, 0.195, l.shine(0x9a6236, 0), 1)
	milk := l.shine(0xf3e3c8, 0)
	for i := range 5 { // a leaf of milk foam
		t := float64(i) / 4
		w := 0.115 * (1 - 0.55*t)
		for _, side := range []float64{-1, 1} {
			c.ellipse(x+side*w*0.55, y+0.10-0.19*t, w*0.62, 0.020, side*-0.55, milk, 0.95)
		}
	}
	c.line(point{x, y + 0.16}, point{x, y - 0.13}, 0.012, l.shine(0x9a6236, 0), 1)
	spoon := c.width * 0.88
	c.line(point{spoon, 0.35}, point{spoon - 0.03, 0.85}, 0.018, l.shine(0xc9ccd0, 0), 1)
	c.ellipse(spoon+0.003, 0.29, 0.035, 0.065, 0.1, l.shine(0xd5d8dc, 0), 1)
	c.ellipse(spoon-0.005, 0.28, 0.02, 0.045, 0.1, l.shine(0xf2f4f6, 0), 0.8)
}

// table fills the picture with boards.
func (c *canvas) table(l light, rnd *rand.Rand) {
	c.sky(0, 1, l.shine(0x9a6b42, 0), l.shine(0x7c5230, 0))
	const boards = 5
	for i := range boards {
		y := float64(i) / boards
		c.rect(0, y, c.width, y+1.0/boards, l.shine(0x6b4424, 0), 0.25*rnd.Float64())
		for range 12 {
			gx, gy := rnd.Float64()*c.width, y+rnd.Float64()/boards
			c.ellipse(gx, gy, 0.1+0.25*rnd.Float64(), 0.0022, 0, l.shine(0x50311a, 0), 0.35)
		}
		c.rect(0, y-0.002, c.width, y+0.003, l.shine(0x3a2412, 0), 0.8)
	}
}

// cat is Miso, who is ginger.
func cat(c *canvas, l light, rnd *rand.Rand) {
	l.on = l.on.mix(rgb(0xfff3e2), 0.6)
	wall := []uint32{0x9fb8c4, 0xd9c3a5, 0xb9a7c9, 0xa8c3a0, 0x7f95b5, 0xc98f86}[rnd.IntN(6)]
	sofa := []uint32{0x8a4f4a, 0x4a6b7a, 0x6b5a86, 0x4f6b4a}[rnd.IntN(4)]
	c.sky(0, 1, l.shine(wall, 0).mix(rgb(0xffffff), 0.1), l.shine(wall, 0))
	c.rect(0, 0.8, c.width, 1, l.shine(sofa, 0), 1)
	c.rect(0, 0.8, c.width, 0.825, l.shine(sofa, 0).mix(rgb(0xffffff), 0.2), 1)
	fur := l.shine(0xd98a3d, 0)
	dark := fur.mix(rgb(0x1a100a), 0.35)
	x, y := c.width*(0.42+0.16*rnd.Float64()), 0.42
	c.ellipse(x+0.27, 0.8, 0.2, 0.035, -0.3, dark, 1)
	c.ellipse(x, 0.83, 0.26, 0.34, 0, fur, 1)
	c.ellipse(x, 0.9, 0.12, 0.26, 0, fur.mix(rgb(0xffffff), 0.5), 1)
	for _, side := range []float64{-1, 1} {
		c.polygon(fur, 1, point{x + side*0.05, y - 0.16}, point{x + side*0.21, y - 0.31}, point{x + side*0.24, y - 0.02})
		c.polygon(l.shine(0xe3a1a0, 0), 1, point{x + side*0.10, y - 0.16}, point{x + side*0.19, y - 0.25}, point{x + side*0.205, y - 0.09})
	}
	c.ellipse(x, y, 0.25, 0.215, 0, fur, 1)
	for i := range 3 {
		at := float64(i-1) * 0.05
		c.ellipse(x+at, y-0.16, 0.011, 0.05, -at*4, dark, 0.9)
		for _, side := range []float64{-1, 1} {
			c.ellipse(x+side*0.21, y+0.01+at*0.8, 0.045, 0.009, side*at*3, dark, 0.9)
		}
	}
	for _, side := range []float64{-1, 1} {
		c.ellipse(x+side*0.1, y-0.02, 0.052, 0.047, 0, rgb(0x1a1412), 1)
		c.ellipse(x+side*0.1, y-0.02, 0.046, 0.041, 0, l.shine(0x8fbf4d, 0), 1)
		c.ellipse(x+side*0.1, y-0.02, 0.014, 0.038, 0, rgb(0x0c0a09), 1)
		c.disc(x+side*0.1+0.014, y-0.035, 0.009, rgb(0xffffff), 0.95)
		c.ellipse(x+side*0.042, y+0.105, 0.06, 0.046, 0, fur.mix(rgb(0xffffff), 0.55), 1)
	}
	c.polygon(l.shine(0xd07a7c, 0), 1, point{x - 0.026, y + 0.058}, point{x + 0.026, y + 0.058}, point{x, y + 0.088})
	for _, side := range []float64{-1, 1} {
		for i := range 3 {
			dy := float64(i-1) * 0.035
			c.line(point{x + side*0.07, y + 0.1 + dy*0.4}, point{x + side*0.33, y + 0.08 + dy*1.6}, 0.004, rgb(0xffffff), 0.85)
		}
	}
}
