// Package ics is what the views of calendars and of reminders share: iCalendar
// files, made from what a database holds, whatever that is. It knows no
// database.
//
// The library that it is built on, go-ical, has the properties and checks which
// of them a component may have; lines are folded here, and time zones described,
// which it does neither of.
package ics

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"ibfs/fs/view"
)

// A Calendar is an iCalendar file in the making. It is for one goroutine.
type Calendar struct {
	c     *ical.Calendar
	zones map[string]*zone // by name; nil for a name that is none
}

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}`)

// New makes a calendar of a name. The color, as in "#1BADF8", is left out when
// it is none.
func New(name, color string) *Calendar {
	c := &Calendar{ical.NewCalendar(), map[string]*zone{}}
	c.c.Props.SetText(ical.PropVersion, "2.0")
	c.c.Props.SetText(ical.PropProductID, "-//ibfs//iOS backup//EN")
	Text(c.c.Component, "X-WR-CALNAME", name)
	if color = hexColor.FindString(color); color != "" {
		Text(c.c.Component, "X-APPLE-CALENDAR-COLOR", color)
	}
	return c
}

// Add adds a component. Its times are set by Set and Rule.
func (c *Calendar) Add(comp *ical.Component) { c.c.Children = append(c.c.Children, comp) }

// Bytes is the file. The error tells of a calendar without a component, or of a
// component without a property that it must have.
func (c *Calendar) Bytes() ([]byte, error) {
	whole := *c.c.Component
	whole.Children = append(c.timezones(), whole.Children...)
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(&ical.Calendar{Component: &whole}); err != nil {
		return nil, fmt.Errorf("write a calendar: %w", err)
	}
	return folded(b.Bytes()), nil
}

func (c *Calendar) timezones() []*ical.Component {
	var names []string
	for name, z := range c.zones {
		if z != nil && !z.from.IsZero() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	all := make([]*ical.Component, len(names))
	for i, name := range names {
		all[i] = c.zones[name].component()
	}
	return all
}

// Set sets a property to a time, unless that is not known.
func (c *Calendar) Set(comp *ical.Component, name string, m Moment) {
	if m.IsZero() {
		return
	}
	comp.Props.Set(m.prop(name))
	c.use(m)
}

// AddTime adds a property that a component may have several times.
func (c *Calendar) AddTime(comp *ical.Component, name string, m Moment) {
	if m.IsZero() {
		return
	}
	comp.Props.Add(m.prop(name))
	c.use(m)
}

// Text sets a property to a text, unless that is empty.
func Text(comp *ical.Component, name, text string) {
	if text = view.Clean(text); text != "" {
		p := ical.NewProp(name)
		p.SetText(text)
		p.Params.Del(ical.ParamValue) // which it sets on names that it does not know
		comp.Props.Set(p)
	}
}

// Number sets a property to a whole number.
func Number(comp *ical.Component, name string, n int64) { value(comp, name, strconv.FormatInt(n, 10)) }

// value sets a property to a value as it stands in the file.
func value(comp *ical.Component, name, text string) {
	p := ical.NewProp(name)
	p.Value = text
	comp.Props.Set(p)
}

// Stamp sets the property that every component must have.
func Stamp(comp *ical.Component, at time.Time) {
	comp.Props.Set(Instant(at).prop(ical.PropDateTimeStamp))
}

// Param is a text as a parameter can hold it: one line without a quote.
func Param(s string) string {
	return strings.ReplaceAll(view.OneLine(s), `"`, "'")
}

const lineLength = 75 // octets, without the line end

// folded folds the lines of a file where a rune begins: a line end and a space
// stand between the pieces.
func folded(file []byte) []byte {
	b := make([]byte, 0, len(file)+len(file)/lineLength*3)
	for line := range bytes.Lines(file) {
		for room := lineLength; len(line) > room+len("\r\n"); room = lineLength - 1 {
			cut := room
			for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
				cut--
			}
			b = append(append(b, line[:cut]...), "\r\n "...)
			line = line[cut:]
		}
		b = append(b, line...)
	}
	return b
}
