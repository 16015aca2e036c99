package demo

import (
	"math"
	"math/rand/v2"
)

// A colour has its parts from 0 to 1.
type colour struct{ r, g, b float64 }

// rgb is the colour 0xRRGGBB.
func rgb(v uint32) colour {
	return colour{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

// mix is a colour on the way to another: 0 is itself, 1 the other.
func (k colour) mix(to colour, t float64) colour {
	t = min(max(t, 0), 1)
	return colour{k.r + (to.r-k.r)*t, k.g + (to.g-k.g)*t, k.b + (to.b-k.b)*t}
}

func (k colour) times(l colour) colour { return colour{k.r * l.r, k.g * l.g, k.b * l.b} }

// Light is what an hour of the day gives to a scene.
type light struct {
	hour      float64
	high, low colour // of the sky
	on        colour // what falls on things
}

// lights are those of some hours; between them they blend.
var lights = []light{
	{0, rgb(0x060a1e), rgb(0x141f3d), rgb(0x49557c)},
	{4.5, rgb(0x0c1230), rgb(0x2c3157), rgb(0x555f88)},
	{6, rgb(0x2f4275), rgb(0xf2a088), rgb(0x8f7f8c)},
	{8, rgb(0x4f8fd0), rgb(0xfbdcae), rgb(0xe8d9c0)},
	{10.5, rgb(0x2f7fd6), rgb(0xc4e3f6), rgb(0xfffdf6)},
	{16, rgb(0x3a86d4), rgb(0xd4e7ee), rgb(0xfff8e8)},
	{18.3, rgb(0x4a6fae), rgb(0xfcb968), rgb(0xe9b98c)},
	{19.8, rgb(0x33275f), rgb(0xee6b45), rgb(0x8a6072)},
	{21, rgb(0x10153a), rgb(0x5b3a63), rgb(0x5c5a84)},
	{24, rgb(0x060a1e), rgb(0x141f3d), rgb(0x49557c)},
}

func lightAt(hour float64) light {
	for i, b := range lights[1:] {
		if hour <= b.hour {
			a := lights[i]
			t := (hour - a.hour) / (b.hour - a.hour)
			return light{hour, a.high.mix(b.high, t), a.low.mix(b.low, t), a.on.mix(b.on, t)}
		}
	}
	return lights[0]
}

func (l light) night() bool { return l.hour < 5.2 || l.hour > 20.5 }

// shine is a thing's colour in this light, and hazy with distance: 0 is near,
// 1 lost in the sky.
func (l light) shine(v uint32, far float64) colour { return rgb(v).times(l.on).mix(l.low, far) }

// heaven paints the sky down to the horizon, with the sun or moon at x, clouds
// by day and stars by night.
func (c *canvas) heaven(l light, rnd *rand.Rand, horizon, x float64) {
	c.sky(0, horizon, l.high, l.low)
	c.sky(horizon, 1, l.low, l.low)
	if l.night() {
		for range 160 {
			c.disc(rnd.Float64()*c.width, rnd.Float64()*horizon, 0.0008+0.0018*rnd.Float64(), rgb(0xffffff), 0.3+0.6*rnd.Float64())
		}
		c.glow(x, 0.18, 0.25, rgb(0xb8c8f0), 0.35)
		c.disc(x, 0.18, 0.045, rgb(0xf4f0dc), 1)
		c.disc(x+0.012, 0.172, 0.010, rgb(0xdcd6bf), 1)
		c.disc(x-0.014, 0.192, 0.007, rgb(0xdcd6bf), 1)
		return
	}
	height := math.Sin((l.hour - 5.2) / 15.3 * math.Pi)
	y := horizon - 0.02 - (horizon-0.12)*height
	sun := rgb(0xffd27a).mix(rgb(0xfffbe6), height)
	c.glow(x, y, 0.55, sun, 0.55)
	c.disc(x, y, 0.05, sun, 1)
	for range 2 + rnd.IntN(4) {
		c.cloud(rnd, rnd.Float64()*c.width, 0.06+rnd.Float64()*horizon*0.5, 0.05+0.07*rnd.Float64(), l)
	}
}

// cloud is five puffs, and the same lower down in its own shade.
func (c *canvas) cloud(rnd *rand.Rand, x, y, size float64, l light) {
	var puffs [5]float64
	for i := range puffs {
		puffs[i] = size * (0.75 - 0.13*math.Abs(float64(i)-2)) * (0.85 + 0.3*rnd.Float64())
	}
	white := rgb(0xffffff).mix(l.low, 0.45).mix(l.high, 0.05)
	for _, layer := range []struct {
		down float64
		k    colour
	}{{0.16, white.mix(l.high, 0.3)}, {0, white}} {
		for i, r := range puffs {
			c.ellipse(x+(float64(i)-2)*size*0.62, y+size*layer.down-r*0.25, r, r*0.72, 0, layer.k, 1)
		}
	}
}

// terrain is a curve of hills around y: smooth ones, or jagged.
func terrain(rnd *rand.Rand, y, height, length float64, jagged bool) func(x float64) float64 {
	var octaves [5][64]float64
	for i := range octaves {
		for j := range octaves[i] {
			octaves[i][j] = rnd.Float64()*2 - 1
		}
	}
	count, fall := 2, 0.3
	if jagged {
		count, fall = 5, 0.5
	}
	return func(x float64) float64 {
		sum, part, at := 0.0, 1.0, x/length+3
		for _, o := range octaves[:count] {
			i, t := math.Modf(at)
			if !jagged {
				t = t * t * (3 - 2*t)
			}
			a, b := o[int(i)%64], o[(int(i)+1)%64]
			sum += part * (a + (b-a)*t)
			part *= fall
			at *= 2
		}
		return y - height*sum
	}
}
