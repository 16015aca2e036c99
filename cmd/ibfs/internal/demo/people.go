package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A person is somebody that Anna knows. None of them is real, and their numbers
// are of those that are set aside for fiction.
type person struct {
	first, last  string
	organization string // a company has no other name
	job          string
	phone        string // E.164
	home         string // a second number
	email        string
	birthday     string // 1990-04-01; 1604 is a year that nobody knows
	street, city string
	zip, country string
	note         string
	groups       []string
	pictured     bool   // has a picture
	since        string // the day it was added; "" is some day of the years before
}

func (p person) name() string { return strings.TrimSpace(p.first + " " + p.last) }

// known says when the person of a place in the list was added.
func (p person) known(i int) time.Time {
	day, err := time.Parse(time.DateOnly, p.since)
	if err != nil {
		day = time.Date(2023, 3, 4+17*i, 0, 0, 0, 0, time.UTC)
	}
	return day.Add(17*time.Hour + 23*time.Minute)
}

// people are Anna's contacts; she is the first.
var people = []person{
	{first: "Anna", last: "Holloway", phone: "+447700900142", email: "anna@example.com", birthday: "1991-05-23", street: "12 Inverleith Row", city: "Edinburgh", zip: "EH3 5AA", country: "United Kingdom", pictured: true},
	{first: "Ben", last: "Okafor", phone: "+447700900117", email: "ben.okafor@example.com", birthday: "1989-11-02", groups: []string{"Climbing", "Family"}, pictured: true, note: "Allergic to peanuts"},
	{first: "Clara", last: "Lindqvist", phone: "+46701740605", email: "clara@example.org", birthday: "1992-02-14", street: "Götgatan 41", city: "Stockholm", zip: "116 21", country: "Sweden", groups: []string{"Climbing"}, pictured: true},
	{first: "Dev", last: "Raman", phone: "+447700900163", email: "dev@example.net", job: "Architect", organization: "Raman & Vale", groups: []string{"Climbing"}, pictured: true},
	{first: "Mum", phone: "+441632960118", home: "+441632960119", email: "margaret@example.com", birthday: "1604-03-08", groups: []string{"Family"}, pictured: true},
	{first: "Dad", phone: "+447700900108", birthday: "1958-09-30", groups: []string{"Family"}, pictured: true},
	{first: "Zoë", last: "O'Brien", phone: "+353209120456", email: "zoe.obrien@example.ie", note: "Met in Lisbon,\nJune 2026"},
	{first: "João", last: "Marques", email: "joao@example.pt", organization: "Casa do Miradouro", job: "Host", street: "Rua da Saudade 7", city: "Lisboa", zip: "1100-583", country: "Portugal"},
	{first: "雪子", last: "佐藤", email: "yukiko@example.jp", city: "富士河口湖町", country: "日本"},
	{first: "Erik", last: "Nilsen", email: "erik@example.no", city: "Svolvær", country: "Norway"},
	{first: "Fatima", last: "Haddad", phone: "+447700900171", email: "f.haddad@example.com", organization: "Northlight Studio", job: "Producer", pictured: true},
	{first: "George", last: "Achterberg", phone: "+447700900136", email: "george@example.com", organization: "Northlight Studio"},
	{first: "Hana", last: "Novák", email: "hana@example.cz", birthday: "1994-07-19"},
	{first: "Imogen", last: "Blackwood-Ferreira", phone: "+447700900185", birthday: "1990-12-31", groups: []string{"Climbing"}},
	{first: "Jonas", last: "Weber", phone: "+491713920042", email: "jonas.weber@example.de", city: "Leipzig", country: "Deutschland"},
	{first: "Kofi", last: "Mensah", phone: "+447700900199", email: "kofi@example.com", note: "Plumber. Ask for the boiler part number."},
	{first: "Leila", last: "Ayoub", phone: "+12125550147", email: "leila@example.com", street: "88 Front Street", city: "Brooklyn", zip: "NY 11201", country: "United States", pictured: true, since: "2026-11-06"},
	{first: "Marek", phone: "+447700900155"},
	{first: "Nadia", last: "Petrova", email: "nadia@example.org"},
	{first: "Oscar", last: "de la Cruz", phone: "+12125550163", email: "oscar@example.com", organization: "Brooklyn Boulders", groups: []string{"Climbing"}, since: "2026-11-07"},
	{organization: "Stockbridge Dental", phone: "+441314960220", street: "3 Deanhaugh Street", city: "Edinburgh", zip: "EH4 1LU", country: "United Kingdom"},
	{organization: "Lothian Taxis", phone: "+441314960311"},
	{organization: "Vet, Broughton", phone: "+441314960175", email: "hello@vet.example", note: "Miso: patient no. 4471"},
	{first: "Priya", last: "Sharma", phone: "+447700900120", email: "priya@example.com", birthday: "1993-01-17", groups: []string{"Climbing"}, pictured: true},
}

// avatar draws the picture of a person: a head before a wall.
func (c *canvas) avatar(p person, x, y, r float64) {
	rnd := rand.New(rand.NewPCG(seed(p.name()), 3))
	pick := func(ks ...uint32) colour { return rgb(ks[rnd.IntN(len(ks))]) }
	wall := pick(0x8fb9d8, 0xe3b7a0, 0xa9c6a1, 0xc6b3d9, 0xf0d08a, 0x93cfc5)
	skin := pick(0xf2cfb0, 0xd9a679, 0xb07a4f, 0x7d5234, 0xe8bd97)
	hair := pick(0x2b2320, 0x5a3a22, 0xb98545, 0x8c8a88, 0x7a3320, 0x1d1a1f)
	shirt := pick(0x3a5f8a, 0xa8483f, 0x4c7a55, 0x2f2f38, 0xd9a441, 0x7f5a93)
	c.disc(x, y, r, wall, 1)
	if rnd.IntN(2) == 0 {
		c.rounded(x-r*0.44, y-r*0.4, x+r*0.44, y+r*0.5, r*0.3, hair, 1)
	}
	c.ellipse(x, y+r*0.83, r*0.52, r*0.33, 0, shirt, 1)
	c.ellipse(x, y+r*0.42, r*0.15, r*0.22, 0, skin.mix(rgb(0x301a10), 0.15), 1)
	c.ellipse(x, y-r*0.15, r*0.4, r*0.44, 0, hair, 1)
	c.ellipse(x, y, r*0.33, r*0.4, 0, skin, 1)
	c.ellipse(x, y-r*0.36, r*0.32, r*0.15, 0.15, hair, 1)
	for _, side := range []float64{-1, 1} {
		c.disc(x+side*r*0.13, y-r*0.03, r*0.035, rgb(0x231815), 1)
	}
	c.ellipse(x, y+r*0.19, r*0.11, r*0.045, 0, rgb(0x9c3b36), 1)
	c.ellipse(x, y+r*0.165, r*0.12, r*0.04, 0, skin, 1)
}

// seed is a number that stands for a text.
func seed(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.LittleEndian.Uint64(sum[:])
}

// rawUUID is a UUID that stands for some texts: the same each time.
func rawUUID(texts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	sum[6], sum[8] = sum[6]&0x0F|0x40, sum[8]&0x3F|0x80 // version 4, as of random ones
	return sum[:16]
}

// uuid is rawUUID as the phone writes it.
func uuid(texts ...string) string {
	b := rawUUID(texts...)
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
