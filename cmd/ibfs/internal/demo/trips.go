package demo

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"
)

// A trip is some days on which photos were taken.
type trip struct {
	day       string // the first
	days      int
	perDay    int
	zone      string // its name, and what it was ahead of UTC then
	ahead     time.Duration
	from      position
	scenes    []scene
	evening   []scene // once it is dark; without any, nobody took a photo then
	screens   []screen
	saved     int  // photos that came by WhatsApp
	withMovie bool // a movie was made on the first day
	withBurst bool // a burst was taken on the last day
	album     string
}

var trips = []trip{
	{day: "2025-12-24", days: 3, perDay: 4, zone: "Europe/London", from: position{55.9533, -3.1883, 76},
		scenes: []scene{winter, cat, coffee, winter, pizza}, evening: []scene{city}, screens: []screen{chatScreen}},
	{day: "2026-03-06", album: "Lofoten", days: 3, perDay: 6, zone: "Europe/Oslo", ahead: time.Hour, from: position{68.2075, 13.6098, 12},
		scenes: []scene{mountains, winter, sea, mountains, coffee}, evening: []scene{aurora}, screens: []screen{weatherScreen}},
	{day: "2026-05-09", days: 2, perDay: 5, zone: "Europe/London", ahead: time.Hour, from: position{55.9650, -3.2092, 24},
		scenes: []scene{flower, hills, cat, flower}},
	{day: "2026-06-19", album: "Lisbon", days: 4, perDay: 6, zone: "Europe/Lisbon", ahead: time.Hour, from: position{38.7071, -9.1355, 8},
		scenes: []scene{sea, beach, city, flower, coffee, beach, pizza}, evening: []scene{city, sea},
		screens: []screen{ticketScreen, mapScreen, weatherScreen}, saved: 2, withMovie: true},
	{day: "2026-08-14", album: "Lake Kawaguchi", days: 4, perDay: 6, zone: "Asia/Tokyo", ahead: 9 * time.Hour, from: position{35.5171, 138.7518, 833},
		scenes: []scene{mountains, city, flower, hills, sea, coffee}, evening: []scene{city},
		screens: []screen{ticketScreen, mapScreen}},
	{day: "2026-09-12", album: "Balloons 12/9", days: 1, perDay: 6, zone: "Europe/London", ahead: time.Hour, from: position{51.4472, -2.6443, 47},
		scenes: []scene{balloons}, saved: 1},
	{day: "2026-10-10", days: 2, perDay: 5, zone: "Europe/London", ahead: time.Hour, from: position{56.7020, -3.7290, 121},
		scenes: []scene{forest, hills, forest, mountains, cat}, screens: []screen{mapScreen, chatScreen}},
	{day: "2026-11-05", album: "New York", days: 3, perDay: 6, zone: "America/New_York", ahead: -5 * time.Hour, from: position{40.7061, -73.9969, 41},
		scenes: []scene{city, forest, coffee, pizza, sea}, evening: []scene{city}, screens: []screen{ticketScreen, homeScreen}},
	{day: "2026-11-17", days: 2, perDay: 3, zone: "Europe/London", from: position{55.9533, -3.1883, 76},
		scenes: []scene{cat, coffee, forest}, screens: []screen{chatScreen}, withBurst: true},
}

// A shot is one thing in the camera roll, before it is developed.
type shot struct {
	name  string // IMG_0001.JPG
	at    time.Time
	zone  string
	place *position
	seed  uint64

	scene  scene // of a photo
	saved  bool  // a photo that somebody sent
	screen screen
	movie  bool
	pick   int    // what a frame is in its burst; 0 is none
	album  string // "" is none
}

// What a frame is in its burst, as the library has it.
const (
	keyFrame     = 52
	unpicked     = 2
	burstFrames  = 5
	betweenShots = 110 * time.Millisecond
)

// stem is a shot's name without its extension.
func (s *shot) stem() string { return strings.TrimSuffix(s.name, path.Ext(s.name)) }

// roll is all that was ever shot, in the order of time.
func roll() []shot {
	rnd := rand.New(rand.NewPCG(2026, 11))
	var shots []shot
	for _, t := range trips {
		shots = append(shots, t.shots(rnd)...)
	}
	slices.SortStableFunc(shots, func(a, b shot) int { return a.at.Compare(b.at) })
	number := 0
	for i := range shots {
		s := &shots[i]
		number++
		if s.pick == 0 && rnd.IntN(12) == 0 {
			number += 1 + rnd.IntN(2) // photos that were deleted
		}
		kind := "JPG"
		switch {
		case s.screen != nil:
			kind = "PNG"
		case s.movie:
			kind = "MOV"
		}
		s.name, s.seed = fmt.Sprintf("IMG_%04d.%s", number, kind), uint64(number)
	}
	return shots
}

func (t trip) shots(rnd *rand.Rand) []shot {
	first := t.first()
	var shots []shot
	n := 0
	for day := range t.days {
		for i := range t.perDay {
			from, length := 8.5, 10.0
			if t.evening != nil {
				length = 14
			}
			hour := from + length*(float64(i)+rnd.Float64())/float64(t.perDay)
			s := t.shot(first, day, hour, rnd)
			if s.scene = t.scenes[n%len(t.scenes)]; hour > 20.8 {
				s.scene = t.evening[n%len(t.evening)]
			}
			n++
			shots = append(shots, s)
		}
	}
	for i, screen := range t.screens {
		s := t.shot(first, i%t.days, 9+11*rnd.Float64(), rnd)
		s.screen, s.place = screen, nil
		shots = append(shots, s)
	}
	for i := range t.saved {
		s := t.shot(first, i%t.days, 12+6*rnd.Float64(), rnd)
		s.scene, s.saved, s.place = t.scenes[(i+1)%len(t.scenes)], true, nil
		shots = append(shots, s)
	}
	if t.withMovie {
		s := t.shot(first, 0, 17.5, rnd)
		s.movie = true
		shots = append(shots, s)
	}
	if t.withBurst {
		s := t.shot(first, t.days-1, 12.2, rand.New(rand.NewPCG(2026, 12))) // the other shots stay as they are
		s.scene, s.pick = cat, unpicked
		for i := range burstFrames {
			frame := s
			frame.at = s.at.Add(time.Duration(i) * betweenShots)
			if i == burstFrames/2 {
				frame.pick = keyFrame
			}
			shots = append(shots, frame)
		}
	}
	return shots
}

// first is the beginning of the first day.
func (t trip) first() time.Time {
	day, err := time.ParseInLocation(time.DateOnly, t.day, time.FixedZone("", int(t.ahead.Seconds())))
	if err != nil {
		panic(err) // the table above has another form
	}
	return day
}

// shot is one at an hour of a day, somewhere within a kilometre or two. Not
// each has a place: indoors there is none.
func (t trip) shot(first time.Time, day int, hour float64, rnd *rand.Rand) shot {
	ms := time.Duration(hour * 3600e3)
	s := shot{at: first.AddDate(0, 0, day).Add(ms * time.Millisecond), zone: t.zone, album: t.album}
	p := t.from
	p.north += (rnd.Float64() - 0.5) * 0.03
	p.east += (rnd.Float64() - 0.5) * 0.04
	p.up += rnd.Float64() * 9
	if rnd.IntN(4) > 0 {
		s.place = &p
	}
	return s
}
