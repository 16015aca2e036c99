package calls

import (
	"cmp"
	_ "embed" // the style of the page
	"slices"
	"time"

	"ibfs/fs/view/markup"
)

//go:embed page.css
var pageStyle string

// page is a page that shows calls, the newest first.
func page(calls []call, zone *time.Location) []byte {
	w := &markup.Writer{}
	w.Begin("Calls", pageStyle)
	w.Raw("<h1>Calls</h1>\n<p>")
	w.Text(markup.Zone(zone, newest(calls)))
	w.Raw("</p>\n")
	day := ""
	for _, c := range slices.Backward(calls) {
		name, at := "Day unknown", ""
		if !c.at.IsZero() {
			local := c.at.In(zone)
			name, at = local.Format("Monday, 2 January 2006"), local.Format("15:04")
		}
		if name != day {
			if day != "" {
				w.Raw("</table>\n")
			}
			day = name
			w.Raw("<h2>")
			w.Text(name)
			w.Raw("</h2>\n<table>\n")
		}
		row(w, c, at)
	}
	if day == "" {
		w.Raw("<p>There are no calls.</p>\n")
	} else {
		w.Raw("</table>\n")
	}
	w.End()
	return w.Bytes()
}

// row writes a call of a time of day.
func row(w *markup.Writer, c call, at string) {
	name, number := c.names(), c.numbers()
	if name == "" {
		name, number = cmp.Or(number, "No caller ID"), ""
	}
	w.Raw(`<tr class="`, c.direction, `"><td>`, at, `</td><td title="`, c.direction, `">`, arrows[c.direction], "</td><td>")
	w.Text(name)
	if number != "" {
		w.Raw("<span>")
		w.Text(number)
		w.Raw("</span>")
	}
	w.Raw("</td><td>")
	w.Text(cmp.Or(c.service, c.kind))
	w.Raw("</td><td>", shortLength(c.length), "</td></tr>\n")
}

// arrows show the directions.
var arrows = map[string]string{outgoing: "↗", incoming: "↙", missed: "✕"}
