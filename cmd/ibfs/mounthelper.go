package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A helperCall is what mount(8) asks of the program that mounts a type.
type helperCall struct {
	source     string // folder that is a backup or holds some; empty: the usual places
	mountpoint string

	passwordFile string
	keyring      bool // take keys from the keyring
	allowOther   bool
	fake         bool // all but the mount
	verbose      bool
}

// isHelperCall says whether mount(8) called. For the type fuse.ibfs it looks
// for mount.fuse.ibfs, a link to ibfs; without one it calls mount.fuse, which
// runs `ibfs SOURCE MOUNTPOINT -o OPTIONS`. For the type ibfs it looks for
// mount.ibfs.
//
// Source: mount(8), "External helpers"; mount.fuse3(8).
func isHelperCall(program string, args []string, isCommand func(string) bool) bool {
	switch filepath.Base(program) {
	case "mount.fuse.ibfs", "mount.ibfs":
		return true
	}
	return len(args) >= 3 && !isCommand(args[0]) && !strings.HasPrefix(args[0], "-") &&
		filepath.IsAbs(args[1]) && args[2] == "-o"
}

// isCommand says whether a word is one of the commands.
func (a *app) isCommand(word string) bool {
	_, _, err := a.root().Find([]string{word})
	return err == nil
}

// mountHelper does what mount(8) asks. Nobody is asked for a password: without
// one that the options name, backups mount locked.
func (a *app) mountHelper(ctx context.Context, args []string) error {
	call, err := parseHelperCall(args)
	if err != nil {
		return &usageError{"ibfs mount", err}
	}
	if call.source != "" {
		a.backups = []string{call.source}
	}
	a.stdin, a.noKeyring = nil, !call.keyring
	a.verbose, a.password.File = call.verbose, call.passwordFile
	places, err := a.lookIn()
	if err != nil || call.fake {
		return err
	}
	return a.mount(ctx, call.mountpoint, mountOptions{places: places, allowOther: call.allowOther, quiet: true})
}

// parseHelperCall reads SOURCE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE].
func parseHelperCall(args []string) (helperCall, error) {
	var c helperCall
	var plain, options []string
	sloppy := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			plain = append(plain, arg)
			continue
		}
		for j, flag := range arg[1:] {
			switch flag {
			case 'n': // no line in /etc/mtab, which nobody writes any more
			case 's':
				sloppy = true
			case 'f':
				c.fake = true
			case 'v':
				c.verbose = true
			case 'o', 't':
				value := arg[1+j+1:]
				if value == "" {
					if i++; i == len(args) {
						return c, fmt.Errorf("-%c is the last word, and takes one more", flag)
					}
					value = args[i]
				}
				if flag == 'o' {
					options = append(options, splitOptions(value)...)
				}
			default:
				return c, fmt.Errorf("unknown flag -%c", flag)
			}
			if flag == 'o' || flag == 't' {
				break
			}
		}
	}
	if len(plain) != 2 {
		return c, fmt.Errorf("want a source and a folder to mount on, have %d words", len(plain))
	}
	c.source, c.mountpoint = plain[0], plain[1]
	if c.source == "ibfs" || c.source == "none" {
		c.source = ""
	} else if !filepath.IsAbs(c.source) {
		return c, fmt.Errorf("the source %s is no absolute path; for the usual places it is ibfs", c.source)
	}
	for _, o := range options {
		if err := c.option(o); err != nil && !sloppy {
			return c, err
		}
	}
	return c, nil
}

// option takes one option of fstab or mount -o.
func (c *helperCall) option(o string) error {
	name, value, valued := strings.Cut(o, "=")
	switch {
	case o == "":
	case o == "allow_other":
		c.allowOther = true
	case o == "keyring":
		c.keyring = true
	case name == "password-file" && filepath.IsAbs(value):
		c.passwordFile = value
	case name == "password-file":
		return fmt.Errorf("option password-file=%s: it takes an absolute path", value)
	case name == "password" || name == "pass":
		return fmt.Errorf("option %s=…: every user of this machine could read it; password-file= names a file", name)
	case o == "remount":
		return fmt.Errorf("a mount of ibfs cannot be changed; unmount it, then mount it again")
	case strings.HasPrefix(name, "x-"), strings.HasPrefix(name, "X-"):
	case valued && slices.Contains(forOthersValued, name):
	case !valued && slices.Contains(forOthers, name):
	default:
		return fmt.Errorf("unknown option %s", o)
	}
	return nil
}

// Options that are for mount(8), systemd and the kernel, or that say what
// ibfs does anyway or never does: the mount is ro, nosuid and nodev whatever
// they say (FC-22).
var (
	forOthers = []string{
		"defaults", "auto", "noauto", "nofail", "_netdev", "user", "nouser", "users", "nousers", "owner", "noowner", "group", "nogroup",
		"ro", "rw", "dev", "nodev", "suid", "nosuid", "exec", "noexec", "sync", "async", "dirsync", "silent", "loud",
		"atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime", "nolazytime",
		"iversion", "noiversion", "mand", "nomand", "nosymfollow", "default_permissions",
	}
	forOthersValued = []string{"comment", "user", "helper", "uhelper"}
)

// splitOptions takes a list apart at its commas. One that is part of a value
// has a backslash before it, or the value is in double quotes.
func splitOptions(list string) []string {
	var options []string
	var one strings.Builder
	quoted := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && i+1 < len(list) && (list[i+1] == ',' || list[i+1] == '\\'):
			i++
			one.WriteByte(list[i])
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			options = append(options, one.String())
			one.Reset()
		default:
			one.WriteByte(c)
		}
	}
	return append(options, one.String())
}
