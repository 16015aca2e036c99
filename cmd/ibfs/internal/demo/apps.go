package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// apps are those that Anna installed. The last came from no store, so that
// nothing in a backup tells its name.
var apps = []backuptest.App{
	{ID: whatsApp, Name: "WhatsApp Messenger", Version: "26.34.75", Groups: []string{whatsAppGroup}, Plugins: []string{whatsAppPlugin}},
	{ID: whatsAppBusiness, Name: "WhatsApp Business", Version: "26.34.75", Groups: []string{whatsAppBusinessGroup}},
	{ID: trackApp, Name: "Trailmark - Hiking & Climbing Log", Version: "4.2.1", Groups: []string{trackGroup}, Plugins: []string{trackWidget}},
	{ID: ledgerApp, Version: "0.9"},
}

const (
	trackApp    = "com.example.trailmark"
	trackGroup  = "group.com.example.trailmark"
	trackWidget = "com.example.trailmark.widget"
	ledgerApp   = "org.example.pocketLedger"
)

// tracks are an app's that keeps where its owner walked: a GPX file for each
// trip, along the places of its photos.
func tracks(p *phone) ([]backuptest.File, error) {
	settings, err := preferences("AppDomain-"+trackApp, trackApp, p.now, map[string]any{"units": "metric", "voiceCues": false})
	if err != nil {
		return nil, err
	}
	files := []backuptest.File{settings, webData(trackApp),
		{Domain: "AppDomainPlugin-" + trackWidget, Path: "Documents/style.json", Content: []byte(`{"style":"compact","accent":"#2f9d77"}` + "\n")},
	}
	var names []string
	for i, t := range trips {
		rnd := rand.New(rand.NewPCG(uint64(i), 4))
		start := t.first().Add(9*time.Hour + 24*time.Minute)
		if !p.has(start) {
			continue
		}
		name := start.Format(time.DateOnly) + " walk.gpx"
		names = append(names, fmt.Sprintf("%q", name))
		files = append(files, backuptest.File{
			Domain: "AppDomain-" + trackApp, Path: "Documents/Tracks/" + name, Content: t.track(rnd), ModTime: start.Add(trackLength),
		})
	}
	return append(files, backuptest.File{
		Domain: "AppDomainGroup-" + trackGroup, Path: "recent.json", Content: []byte("{\"tracks\":[" + strings.Join(names, ",") + "]}\n"),
	}), nil
}

const (
	trackLength = 90 * time.Minute
	trackStep   = time.Minute
)

// track wanders about, a point a minute.
func (t trip) track(rnd *rand.Rand) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<gpx version="1.1" creator="Trailmark" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>` + "\n")
	at, heading := t.from, rnd.Float64()*2*math.Pi
	start := t.first().Add(9*time.Hour + 24*time.Minute).UTC()
	for end := start.Add(trackLength); start.Before(end); start = start.Add(trackStep) {
		heading += (rnd.Float64() - 0.5) * 0.9
		at.north += 0.0006 * math.Cos(heading)
		at.east += 0.0006 * math.Sin(heading) / math.Cos(at.north*math.Pi/180)
		at.up += rnd.Float64()*6 - 2.6
		fmt.Fprintf(&b, `<trkpt lat="%.6f" lon="%.6f"><ele>%.1f</ele><time>%s</time></trkpt>`+"\n",
			at.north, at.east, at.up, start.Format(time.RFC3339))
	}
	b.WriteString("</trkseg></trk></gpx>\n")
	return []byte(b.String())
}
