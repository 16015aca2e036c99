package view_test

import (
	"testing"

	"ibfs/fs/view"
)

func TestNamedZone(t *testing.T) {
	for name, want := range map[string]bool{
		"UTC": true, "Europe/Oslo": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+3": true,
		"": false, "Local": false, "localtime": false, "LOCALTIME": false, "posixrules": false, "posix/Europe/Oslo": false, "right/Europe/Oslo": false,
		"Nowhere/Else": false, "../../etc/localtime": false, "/etc/localtime": false, "Europe": false, "Europe/Oslo\x00": false,
	} {
		zone := view.NamedZone(name)
		if (zone != nil) != want || want && zone.String() != name {
			t.Errorf("%q: %v, want one: %v", name, zone, want)
		}
	}
}
