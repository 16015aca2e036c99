package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A talk is a conversation of Anna's.
type talk struct {
	with  []string // first names, or names of companies
	title string   // of a group
	by    string   // service; "" is iMessage
	said  string   // see lines
}

// A line is one message of a talk.
type line struct {
	at    time.Time
	from  string // "me" is Anna
	kind  string // see messages.go; "" is text
	text  string
	place int // in the talk, of the line that it is about
}

// lines reads what was said: one message a line,
//
//	06-01 18:40 Ben: (kind) text
//
// in the year 2026, its time in UTC.
func (t talk) lines() []line {
	var all []line
	last := 0
	for s := range strings.Lines(strings.TrimSpace(t.said)) {
		head, text, ok := strings.Cut(strings.TrimSpace(s), ": ")
		day, rest, _ := strings.Cut(head, " ")
		clock, from, _ := strings.Cut(rest, " ")
		at, err := time.Parse(time.DateTime, "2026-"+day+" "+clock+":00")
		if err != nil || !ok {
			panic(fmt.Sprintf("talk: %q is no message", s)) // the tables below have another form
		}
		at = at.Add(time.Duration(len(text)%40) * time.Second)
		if n := len(all); n > 0 && !at.After(all[n-1].at) {
			at = all[n-1].at.Add(7 * time.Second)
		}
		l := line{at: at, from: from, text: text, place: last}
		if kind, rest, ok := strings.Cut(strings.TrimPrefix(text, "("), ")"); ok && strings.HasPrefix(text, "(") {
			l.kind, l.text = kind, strings.TrimSpace(rest)
		}
		if _, reaction := tapbacks[l.kind]; !reaction {
			last = len(all)
		}
		all = append(all, l)
	}
	return all
}

func (t talk) service() string {
	return cmp.Or(t.by, "iMessage")
}

// A message is a line of a talk, and the line that it is about.
type message struct {
	talk
	chat int // place of the talk, from 1
	line
	about            line
	guid, targetGUID string
}

// said is what was said so far in some talks, in the order of time.
func (p *phone) said(talks []talk) []message {
	var all []message
	for i, t := range talks {
		lines := t.lines()
		guid := func(j int) string { return uuid("message", t.with[0], t.title, lines[j].text, fmt.Sprint(j)) }
		for j, l := range lines {
			if p.has(l.at) {
				all = append(all, message{t, i + 1, l, lines[l.place], guid(j), guid(l.place)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b message) int { return a.at.Compare(b.at) })
	return all
}

// personOf finds somebody by a name in a talk.
func personOf(name string) person {
	for _, p := range people {
		if p.first == name || p.organization == name && p.first == "" {
			return p
		}
	}
	panic("talk: there is no " + name) // the tables below name nobody else
}

// talks are those in Messages.
var talks = []talk{
	{with: []string{"Ben"}, said: `
02-27 17:12 Ben: Lofoten! Flights are 94 if we book today ✈️
02-27 17:14 me: Book them. Book them now
02-27 17:14 Ben: (love)
03-07 22:41 me: (photo) Look up!!!
03-07 22:42 Ben: I'm standing right next to you 😂
03-07 22:43 me: (laugh)
06-18 07:55 Ben: Taxi comes at 4.30 tomorrow
06-18 08:20 me: In the morning? There is a 4.30 in the morning?
06-21 14:02 me: (photo) Saved you a spot
06-21 14:09 Ben: On my way, with ice cream 🍦
06-21 14:10 me: (emoji) 🦭
08-13 09:31 Ben: Did you pack the adapter for Japan
08-13 09:33 me: Yes. And yours.
08-13 09:40 Ben: (edit) The flight is at 11.25 | The flight is at 11.55
08-13 09:41 Ben: (unsent)
10-11 10:17 Ben: Which car park? The lower one is full
10-11 10:18 me: The one by the mill. Bring the thermos
10-17 18:26 Ben: Do you still have the photos from the forest somewhere safe?
10-17 18:31 me: There is a backup of everything. Stop worrying
10-17 18:32 me: (link) https://example.com/forest | Twelve walks in old forests
11-02 09:00 me: (confetti) Happy birthday!!
11-06 01:12 me: (photo) Manhattan says hi
11-06 07:40 Ben: Miso says hi back. She ate your plant
11-18 08:05 me: (photo) Back home. She is not sorry`},
	{with: []string{"Ben", "Clara", "Dev"}, title: "Lisbon 🇵🇹", said: `
05-30 19:00 Clara: (named) Lisbon 🇵🇹
05-30 19:01 Clara: (added) Dev
05-30 19:02 Clara: Who books the flat?
05-30 19:04 me: João has one in Alfama, four nights, three bedrooms
05-30 19:05 Dev: Does it have a coffee machine
05-30 19:06 me: It has a view
05-30 19:06 Dev: (laugh)
05-30 19:11 Ben: (reply) A view of a coffee machine
06-20 20:48 Clara: (photo) Dinner at the bar with the blue door, 21.00!
06-20 20:50 me: On our way
06-23 11:35 Dev: Airport bus leaves from the square at 13.10
06-23 11:36 Clara: (love)
06-24 09:00 me: Everyone please send me your photos before you forget
06-24 21:13 Clara: (photo) The good one
06-24 21:15 me: (love)
07-02 10:00 Dev: (left)`},
	{with: []string{"Mum"}, by: "SMS", said: `
01-04 11:20 Mum: Happy new year my love. Dad found the box with the slides
01-04 11:52 me: Happy new year! Keep the box, I will scan them
05-10 09:15 me: Happy Mother's Day, a bit late ❤️
05-10 10:03 Mum: Lovely flowers thank you xx
09-12 18:44 me: 104 balloons! I counted
09-12 19:02 Mum: Your father says 103
10-16 17:30 Mum: How do I find the photos of the grandchildren on this telephone
10-16 17:41 me: The app with the flower. I will show you on Sunday
11-15 16:22 Mum: Are you landed`},
	{with: []string{"Stockbridge Dental"}, by: "SMS", said: `
04-14 08:00 Stockbridge Dental: Reminder: your appointment is on Thu 16 Apr at 09:20. Reply C to confirm.
04-14 08:31 me: C
10-13 08:00 Stockbridge Dental: Reminder: your appointment is on Thu 15 Oct at 10:40. Reply C to confirm.
10-13 12:07 me: C`},
	{with: []string{"Priya"}, by: "RCS", said: `
11-17 18:20 Priya: New phone, same number. Did you get this in colour?
11-17 18:22 me: In full colour
11-18 20:00 Priya: (deleted) Never mind the code, it has run out`},
	{with: []string{"Leila"}, said: `
11-06 15:20 Leila: Front Street, the green door. Ring twice
11-06 15:58 me: Ringing once more, to be safe
11-08 13:30 Leila: (photo) Last slice is yours
11-08 13:31 me: (love)`},
}
