package main

import (
	"errors"
	"testing"
	"time"
)

func TestLocalZone(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		local *time.Location
		tz    string // "unset" is none
		link  string // "" is none
		want  string
	}{
		"by TZ":                  {oslo, "Europe/Oslo", "/usr/share/zoneinfo/Asia/Tokyo", "Europe/Oslo"},
		"by TZ with a colon":     {oslo, ":Europe/Oslo", "", "Europe/Oslo"},
		"by a path in TZ":        {oslo, ":/usr/share/zoneinfo/Europe/Oslo", "", "Europe/Oslo"},
		"empty TZ":               {time.UTC, "", "/usr/share/zoneinfo/Asia/Tokyo", "UTC"},
		"by the link":            {oslo, "unset", "/usr/share/zoneinfo/Europe/Oslo", "Europe/Oslo"},
		"by the link of a Mac":   {oslo, "unset", "/var/db/timezone/zoneinfo/Europe/Oslo", "Europe/Oslo"},
		"a link of no zone":      {oslo, "unset", "/etc/zones/oslo", "Local"},
		"no link":                {oslo, "unset", "", "Local"},
		"a rule in TZ":           {oslo, "CET-1CEST", "", "Local"},
		"out of the folder":      {oslo, "../../etc/localtime", "", "Local"},
		"another than the clock": {oslo, "unset", "/usr/share/zoneinfo/Asia/Tokyo", "Local"},
	} {
		t.Run(name, func(t *testing.T) {
			before := time.Local
			defer func() { time.Local = before }()
			time.Local = time.FixedZone("Local", offset(c.local))
			zone := localZone(
				func(string) (string, bool) { return c.tz, c.tz != "unset" },
				func(string) (string, error) {
					if c.link == "" {
						return "", errors.New("not a link")
					}
					return c.link, nil
				})
			if zone.String() != c.want {
				t.Errorf("%s, want %s", zone, c.want)
			}
		})
	}
}

// offset is how far a zone is from UTC now, in seconds.
func offset(zone *time.Location) int {
	_, seconds := time.Now().In(zone).Zone()
	return seconds
}
