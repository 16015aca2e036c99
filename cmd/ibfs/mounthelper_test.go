package main

import (
	"slices"
	"strings"
	"testing"
)

func TestParseHelperCall(t *testing.T) {
	full := helperCall{source: "/srv/b", mountpoint: "/mnt"}
	with := func(change func(*helperCall)) helperCall {
		c := full
		change(&c)
		return c
	}
	tests := []struct {
		name string
		args []string
		want helperCall
		err  string
	}{
		{name: "no options", args: []string{"/srv/b", "/mnt"}, want: full},
		{name: "fstab FC-22", args: []string{"/srv/b", "/mnt", "-o", "rw,nofail,_netdev,x-systemd.automount,dev,suid"}, want: full},
		{name: "all that is dropped FC-22", args: []string{"/srv/b", "/mnt", "-o", "nofail,_netdev,noauto,auto,user,users,x-gvfs-show,comment=a b,rw,dev,suid,exec,async,relatime,user=anna"}, want: full},
		{name: "all that is understood", args: []string{"/srv/b", "/mnt", "-o", "ro,password-file=/etc/pw,keyring,allow_other"},
			want: with(func(c *helperCall) { c.passwordFile, c.keyring, c.allowOther = "/etc/pw", true, true })},
		{name: "a comma in a value", args: []string{"/srv/b", "/mnt", "-o", `ro,password-file=/etc/a\,b\\c,nofail`}, want: with(func(c *helperCall) { c.passwordFile = `/etc/a,b\c` })},
		{name: "a value in quotes", args: []string{"/srv/b", "/mnt", "-o", `password-file="/etc/a,b",nofail`}, want: with(func(c *helperCall) { c.passwordFile = "/etc/a,b" })},
		{name: "flags as mount passes them", args: []string{"/srv/b", "/mnt", "-sfnv", "-o", "ro", "-t", "fuse.ibfs"}, want: with(func(c *helperCall) { c.fake, c.verbose = true, true })},
		{name: "flags first, value attached", args: []string{"-n", "-oro,keyring", "/srv/b", "/mnt"}, want: with(func(c *helperCall) { c.keyring = true })},
		{name: "options twice", args: []string{"/srv/b", "/mnt", "-o", "keyring", "-o", "allow_other"}, want: with(func(c *helperCall) { c.keyring, c.allowOther = true, true })},
		{name: "the usual places", args: []string{"ibfs", "/mnt"}, want: helperCall{mountpoint: "/mnt"}},
		{name: "the usual places, as others write it", args: []string{"none", "/mnt"}, want: helperCall{mountpoint: "/mnt"}},
		{name: "unknown, but sloppy", args: []string{"/srv/b", "/mnt", "-s", "-o", "noise"}, want: full},
		{name: "empty options", args: []string{"/srv/b", "/mnt", "-o", ",,"}, want: full},

		{name: "unknown", args: []string{"/srv/b", "/mnt", "-o", "ro,noise=1"}, err: "unknown option noise=1"},
		{name: "a value where none belongs", args: []string{"/srv/b", "/mnt", "-o", "keyring=yes"}, err: "unknown option keyring=yes"},
		{name: "the password itself", args: []string{"/srv/b", "/mnt", "-o", "password=hunter2"}, err: "password-file="},
		{name: "a file that depends on where one is", args: []string{"/srv/b", "/mnt", "-o", "password-file=pw"}, err: "absolute"},
		{name: "remount", args: []string{"/srv/b", "/mnt", "-o", "remount"}, err: "unmount it"},
		{name: "unknown flag", args: []string{"/srv/b", "/mnt", "-x"}, err: "unknown flag -x"},
		{name: "option without its value", args: []string{"/srv/b", "/mnt", "-o"}, err: "-o is the last word"},
		{name: "no mountpoint", args: []string{"/srv/b"}, err: "have 1 word"},
		{name: "three words", args: []string{"/srv/b", "/mnt", "x"}, err: "have 3 words"},
		{name: "a relative source", args: []string{"b", "/mnt"}, err: "no absolute path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseHelperCall(tt.args)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error is %v, want one with %q", err, tt.err)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%q shows the password", err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestIsHelperCall(t *testing.T) {
	isCommand := func(s string) bool { return slices.Contains([]string{"mount", "export"}, s) }
	tests := []struct {
		program string
		args    []string
		want    bool
	}{
		{"/sbin/mount.fuse.ibfs", nil, true},
		{"mount.ibfs", []string{"a", "b"}, true},
		{"ibfs", []string{"/srv/b", "/mnt", "-o", "rw,dev,suid"}, true}, // by mount.fuse3
		{"ibfs", []string{"ibfs", "/mnt", "-o", "rw"}, true},
		{"ibfs", []string{"mount", "/mnt", "-o", "rw"}, false},
		{"ibfs", []string{"export", "/mnt", "-o"}, false},
		{"ibfs", []string{"-v", "/mnt", "-o"}, false},
		{"ibfs", []string{"/srv/b", "/mnt"}, false},
		{"ibfs", nil, false},
	}
	for _, tt := range tests {
		if got := isHelperCall(tt.program, tt.args, isCommand); got != tt.want {
			t.Errorf("isHelperCall(%s, %q) = %v", tt.program, tt.args, got)
		}
	}
}

func FuzzSplitOptions(f *testing.F) {
	for _, s := range []string{"", "a,b", `a\,b`, `"a,b",c`, `\\,\`, `a="`} {
		f.Add(s)
	}
	escape := strings.NewReplacer(`\`, `\\`, `,`, `\,`)
	f.Fuzz(func(t *testing.T, s string) {
		options := splitOptions(s)
		var again []string
		for _, o := range options {
			again = append(again, escape.Replace(o))
		}
		if got := splitOptions(strings.Join(again, ",")); !slices.Equal(got, options) {
			t.Fatalf("%q is %q, and written again %q", s, options, got)
		}
	})
}
