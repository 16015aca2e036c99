package main

import (
	"strings"
	"time"
)

// localZone is this machine's zone under its name, as pages tell it: that of TZ, or
// what /etc/localtime leads to. Where neither says, or it has another time now than
// this process, it is time.Local. lookup is os.LookupEnv, readlink os.Readlink.
func localZone(lookup func(string) (string, bool), readlink func(string) (string, error)) *time.Location {
	name, set := lookup("TZ")
	if !set {
		name, _ = readlink("/etc/localtime") // where it is no link there is no name
		if name == "" {
			return time.Local
		}
	}
	name = strings.TrimPrefix(name, ":")
	if i := strings.LastIndex(name, "zoneinfo/"); i >= 0 {
		name = name[i+len("zoneinfo/"):]
	}
	zone, err := time.LoadLocation(name) // "" is UTC, as it is of TZ
	if err != nil || zone == time.Local {
		return time.Local
	}
	now := time.Now()
	_, named := now.In(zone).Zone()
	if _, own := now.Zone(); named != own {
		return time.Local
	}
	return zone
}
