package calls

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/markup"
	"ibfs/fs/vtree"
)

// sheet is a table of calls as CSV.
func sheet(src *view.Source, calls []call) vtree.Content {
	return src.Render(func(context.Context) ([]byte, error) { return table(calls, src.Zone), nil })
}

// table has a row for each call: times as ISO 8601, with the distance from UTC
// that the zone had at that time, and lengths likewise.
func table(calls []call, zone *time.Location) []byte {
	s := view.NewSheet("Date", "Direction", "Name", "Number", "Kind", "Duration", "Country", "Location", "App")
	for _, c := range calls {
		s.Row(view.Stamp(c.at, zone), c.direction, c.names(), c.numbers(), c.kind, isoLength(c.length), c.country, c.location, c.service)
	}
	return s.Bytes()
}

// names are those of all at the other end, "" where none is known.
func (c call) names() string {
	if len(c.handles) == 0 {
		return c.name
	}
	names := make([]string, len(c.handles))
	for i := range names {
		names[i] = c.nameOf(i)
	}
	if slices.Equal(names, c.handles) {
		return ""
	}
	return strings.Join(names, ", ")
}

// numbers are those at the other end, with nothing between that no number has:
// see view.Sheet.
func (c call) numbers() string { return strings.Join(c.handles, " / ") }

// isoLength is a length as ISO 8601 writes it: "PT1H2M3S".
func isoLength(d time.Duration) string {
	if d < time.Second {
		return "PT0S"
	}
	return "PT" + strings.ToUpper(shortLength(d))
}

// shortLength is "1h2m3s", without what is 0.
func shortLength(d time.Duration) string {
	var b strings.Builder
	for _, unit := range []struct {
		d    time.Duration
		name byte
	}{{time.Hour, 'h'}, {time.Minute, 'm'}, {time.Second, 's'}} {
		if n := d / unit.d; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, unit.name)
			d -= n * unit.d
		}
	}
	return b.String()
}

// page is a page that shows calls, the newest first. It loads nothing.
func page(calls []call, zone *time.Location) ([]byte, error) {
	type row struct{ Time, Arrow, Direction, Name, Number, Kind, Length string }
	type day struct {
		Name string
		Rows []row
	}
	var days []day
	for _, c := range slices.Backward(calls) {
		name, at := "Day unknown", ""
		if !c.at.IsZero() {
			local := c.at.In(zone)
			name, at = local.Format("Monday, 2 January 2006"), local.Format("15:04")
		}
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, day{Name: name})
		}
		r := row{at, arrows[c.direction], c.direction, c.names(), c.numbers(), c.kind, shortLength(c.length)}
		if r.Name == "" {
			r.Name, r.Number = cmp.Or(r.Number, "No caller ID"), ""
		}
		if c.service != "" {
			r.Kind = c.service
		}
		d := &days[len(days)-1]
		d.Rows = append(d.Rows, r)
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Zone string
		Days []day
	}{markup.Zone(zone, newest(calls)), days})
	return b.Bytes(), err
}

var arrows = map[string]string{outgoing: "↗", incoming: "↙", missed: "✕"}

var pageTemplate = template.Must(template.New("calls").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Calls</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #222; }
h2 { font-size: 1em; margin: 1.5em 0 .3em; color: #666; } h1 + p { color: #666; }
table { border-collapse: collapse; width: 100%; }
td { padding: .3em .6em .3em 0; border-top: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { width: 3.5em; } td:nth-child(2) { width: 1.5em; } td:nth-child(4) { width: 9em; } td:last-child { width: 6em; text-align: right; }
td span { color: #777; display: block; } .missed { color: #c22; }
</style>
</head>
<body>
<h1>Calls</h1>
<p>{{.Zone}}</p>
{{range .Days}}<h2>{{.Name}}</h2>
<table>
{{range .Rows}}<tr class="{{.Direction}}"><td>{{.Time}}</td><td title="{{.Direction}}">{{.Arrow}}</td><td>{{.Name}}{{if .Number}}<span>{{.Number}}</span>{{end}}</td><td>{{.Kind}}</td><td>{{.Length}}</td></tr>
{{end}}</table>
{{else}}<p>There are no calls.</p>
{{end}}</body>
</html>
`))
