package demo

import (
	"image"
	"math/rand/v2"
	"strconv"
)

// A screen is what a screenshot shows below the status bar.
type screen func(c *canvas, rnd *rand.Rand)

// A screenshot is a third of the phone's pixels in each direction.
const screenWidth, screenHeight = 390, 844

func (f screen) draw(s shot) *image.RGBA {
	c := newCanvas(screenWidth, screenHeight)
	f(c, rand.New(rand.NewPCG(s.seed, 2)))
	c.write(s.at.Format("15:04"), 0.06, 0.022, 0.014, rgb(0x111111), 1)
	for i := range 4 {
		x := c.width - 0.14 + 0.009*float64(i)
		c.rect(x, 0.034-0.003*float64(i+1), x+0.006, 0.036, rgb(0x111111), 1)
	}
	c.rounded(c.width-0.085, 0.023, c.width-0.045, 0.037, 0.004, rgb(0x111111), 1)
	c.rounded(0.16, 0.985, c.width-0.16, 0.991, 0.003, rgb(0x111111), 0.8)
	return c.img
}

func (c *canvas) page(k uint32, title string) {
	c.sky(0, 1, rgb(k), rgb(k))
	c.write(title, 0.03, 0.07, 0.024, rgb(0x1c1c1e), 1)
}

// greek draws lines that stand for text.
func (c *canvas) greek(rnd *rand.Rand, x, y, wide, height float64, lines int, k colour) {
	for i := range lines {
		long := wide
		if i == lines-1 {
			long *= 0.35 + 0.5*rnd.Float64()
		}
		c.rounded(x, y, x+long, y+height, height/2, k, 0.75)
		y += height * 2.1
	}
}

func chatScreen(c *canvas, rnd *rand.Rand) {
	c.page(0xffffff, "")
	c.rect(0, 0, c.width, 0.13, rgb(0xf2f2f7), 1)
	c.avatar(people[1+rnd.IntN(8)], c.width/2, 0.085, 0.032)
	y := 0.15
	for y < 0.84 {
		lines := 1 + rnd.IntN(3)
		wide, tall := 0.16+0.13*rnd.Float64(), 0.016+0.0205*float64(lines)
		x, bubble, ink := 0.02, rgb(0xe9e9eb), rgb(0x3a3a3c)
		if rnd.IntN(2) == 0 {
			x, bubble, ink = c.width-0.02-wide, rgb(0x0a84ff), rgb(0xffffff)
		}
		c.rounded(x, y, x+wide, y+tall, 0.017, bubble, 1)
		c.greek(rnd, x+0.015, y+0.0135, wide-0.03, 0.0095, lines, ink)
		y += tall + 0.012
	}
	c.rounded(0.06, 0.915, c.width-0.03, 0.955, 0.02, rgb(0xe5e5ea), 1)
	c.disc(0.03, 0.935, 0.013, rgb(0xc7c7cc), 1)
}

func mapScreen(c *canvas, rnd *rand.Rand) {
	c.sky(0, 1, rgb(0xf2efe6), rgb(0xf2efe6))
	for range 9 {
		x, y := rnd.Float64()*c.width, rnd.Float64()*0.75
		c.rounded(x, y, x+0.08+0.1*rnd.Float64(), y+0.05+0.08*rnd.Float64(), 0.01, rgb(0xc9e4b4), 1)
	}
	river := terrain(rnd, 0.3, 0.12, 0.3, false)
	for px := range screenWidth {
		x := float64(px) / c.scale
		c.rect(x, river(x), x+1/c.scale, river(x)+0.07, rgb(0x9fd0ee), 1)
	}
	for range 14 {
		a, b := rnd.Float64(), rnd.Float64()
		c.line(point{-0.05, a}, point{c.width + 0.05, a + (rnd.Float64()-0.5)*0.3}, 0.010, rgb(0xffffff), 1)
		c.line(point{b * c.width, -0.05}, point{b*c.width + (rnd.Float64()-0.5)*0.3, 1.05}, 0.008, rgb(0xffffff), 1)
	}
	at := point{0.06, 0.66}
	for range 5 {
		to := point{at.x + 0.02 + 0.05*rnd.Float64(), at.y - 0.03 - 0.08*rnd.Float64()}
		c.line(at, to, 0.012, rgb(0x0a6cff), 0.9)
		c.disc(to.x, to.y, 0.006, rgb(0x0a6cff), 1)
		at = to
	}
	c.polygon(rgb(0xe23c30), 1, point{at.x - 0.017, at.y - 0.03}, point{at.x + 0.017, at.y - 0.03}, at)
	c.disc(at.x, at.y-0.036, 0.02, rgb(0xe23c30), 1)
	c.disc(at.x, at.y-0.036, 0.008, rgb(0xffffff), 1)
	c.rounded(0.015, 0.76, c.width-0.015, 1.02, 0.03, rgb(0xffffff), 0.96)
	c.write(strconv.Itoa(5+rnd.IntN(40))+" min", 0.04, 0.785, 0.03, rgb(0x1c1c1e), 1)
	c.greek(rnd, 0.04, 0.84, 0.3, 0.01, 2, rgb(0x8e8e93))
	c.rounded(0.04, 0.905, c.width-0.04, 0.955, 0.012, rgb(0x34c759), 1)
	c.write("Go", c.width/2-0.025, 0.917, 0.026, rgb(0xffffff), 1)
}

func weatherScreen(c *canvas, rnd *rand.Rand) {
	l := lightAt(9 + 9*rnd.Float64())
	c.sky(0, 1, l.high, l.low)
	for range 4 {
		c.cloud(rnd, rnd.Float64()*c.width, 0.1+0.3*rnd.Float64(), 0.06+0.05*rnd.Float64(), l)
	}
	degrees := 4 + rnd.IntN(22)
	c.write(strconv.Itoa(degrees), c.width/2-textWidth("24", 0.1)/2, 0.14, 0.1, rgb(0xffffff), 1)
	c.rounded(0.025, 0.36, c.width-0.025, 0.48, 0.02, rgb(0x1d3f6b), 0.35)
	for i := range 6 {
		x := 0.06 + 0.068*float64(i)
		c.write(strconv.Itoa(12+i), x-0.012, 0.375, 0.014, rgb(0xffffff), 1)
		c.disc(x, 0.42, 0.014, rgb(0xffd60a), 1)
		c.write(strconv.Itoa(degrees+2-i%3), x-0.014, 0.45, 0.016, rgb(0xffffff), 1)
	}
	c.rounded(0.025, 0.5, c.width-0.025, 0.94, 0.02, rgb(0x1d3f6b), 0.35)
	for i := range 7 {
		y := 0.525 + 0.058*float64(i)
		c.write([]string{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}[i], 0.05, y, 0.018, rgb(0xffffff), 1)
		c.disc(0.17, y+0.009, 0.012, rgb(0xffd60a), 1)
		from := 0.22 + 0.05*rnd.Float64()
		c.rounded(0.22, y+0.005, c.width-0.05, y+0.013, 0.004, rgb(0x0b2545), 0.4)
		c.rounded(from, y+0.005, from+0.08+0.07*rnd.Float64(), y+0.013, 0.004, rgb(0xffb340), 1)
	}
}

func ticketScreen(c *canvas, rnd *rand.Rand) {
	c.sky(0, 1, rgb(0x20324a), rgb(0x101a2a))
	k := []uint32{0x1f6feb, 0xb3392f, 0x2a8f6a}[rnd.IntN(3)]
	c.rounded(0.025, 0.11, c.width-0.025, 0.9, 0.022, rgb(k), 1)
	white := rgb(0xffffff)
	c.write("Boarding pass", 0.05, 0.135, 0.02, white, 1)
	from := []string{"EDI", "LIS", "NRT", "OSL"}[rnd.IntN(4)]
	c.write(from, 0.055, 0.215, 0.05, white, 1)
	c.write([]string{"JFK", "LHR", "CPH"}[rnd.IntN(3)], c.width-0.055-textWidth("JFK", 0.05), 0.215, 0.05, white, 1)
	c.line(point{0.2, 0.24}, point{0.245, 0.24}, 0.004, white, 0.8)
	c.polygon(white, 1, point{0.24, 0.229}, point{0.263, 0.24}, point{0.24, 0.251})
	for i, label := range []string{"GATE", "SEAT", "GROUP"} {
		x := 0.055 + 0.125*float64(i)
		c.write(label, x, 0.32, 0.012, white, 0.7)
		c.write(strconv.Itoa(2+rnd.IntN(40)), x, 0.345, 0.028, white, 1)
	}
	c.write("Anna", 0.055, 0.43, 0.022, white, 1)
	c.rounded(c.width/2-0.16, 0.53, c.width/2+0.16, 0.85, 0.015, white, 1)
	c.squares(rnd, c.width/2-0.14, 0.55, 0.28)
}

// squares look like a code to scan. They say nothing.
func (c *canvas) squares(rnd *rand.Rand, x, y, size float64) {
	const n = 25
	dot, ink := size/n, rgb(0x000000)
	for i := range n * n {
		if row, column := float64(i/n), float64(i%n); rnd.IntN(2) == 0 {
			c.block(x+column*dot, y+row*dot, x+(column+1)*dot, y+(row+1)*dot, ink, 1)
		}
	}
	for _, at := range []point{{x, y}, {x + 18*dot, y}, {x, y + 18*dot}} {
		for i, k := range []uint32{0xffffff, 0x000000, 0xffffff, 0x000000} {
			in := float64(i-1) * dot
			if i == 3 {
				in = 2 * dot
			}
			c.block(at.x+in, at.y+in, at.x+7*dot-in, at.y+7*dot-in, rgb(k), 1)
		}
	}
}

func homeScreen(c *canvas, rnd *rand.Rand) {
	hills(c, lightAt(17.6), rnd)
	tints := []uint32{0x34c759, 0x0a84ff, 0xff9f0a, 0xff375f, 0xbf5af2, 0xf2f2f7, 0x1c1c1e, 0x64d2ff, 0xffd60a}
	icon := func(x, y float64) {
		k := tints[rnd.IntN(len(tints))]
		c.rounded(x-0.036, y-0.036, x+0.036, y+0.036, 0.017, rgb(k), 1)
		mark := rgb(0xffffff)
		if k == 0xf2f2f7 || k == 0xffd60a {
			mark = rgb(0xff3b30)
		}
		switch rnd.IntN(4) {
		case 0:
			c.disc(x, y, 0.018, mark, 1)
		case 1:
			c.polygon(mark, 1, point{x, y - 0.02}, point{x + 0.02, y + 0.016}, point{x - 0.02, y + 0.016})
		case 2:
			c.rounded(x-0.018, y-0.014, x+0.018, y+0.014, 0.006, mark, 1)
		case 3:
			c.greek(rnd, x-0.018, y-0.016, 0.036, 0.006, 3, mark)
		}
	}
	for row := range 6 {
		for column := range 4 {
			x, y := 0.07+0.1075*float64(column), 0.12+0.108*float64(row)
			icon(x, y)
			c.rounded(x-0.022, y+0.046, x+0.022, y+0.053, 0.003, rgb(0xffffff), 0.9)
		}
	}
	c.rounded(0.018, 0.86, c.width-0.018, 0.965, 0.04, rgb(0xffffff), 0.35)
	for column := range 4 {
		icon(0.07+0.1075*float64(column), 0.912)
	}
}
