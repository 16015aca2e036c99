package snaptree

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ibfs/backupfmt"
	"ibfs/fs/view"
)

func lockedText(i backupfmt.Info) []byte {
	return fmt.Appendf(nil, `This backup of %s is encrypted, and ibfs has not been given its password.

To open it in this mount, without mounting again:

    ibfs unlock

The password is the one that was set for backups in Finder, iTunes or the Apple
Devices app. It is not the phone's passcode, and not that of the Apple account.

If you do not know of any: it may have been set years ago, for an older phone,
and have come along with each restore. On the Mac that made the backups, look in
Keychain Access for an item "iOS Backup". Nobody can open this backup without
it. For later backups it can be cleared: on the phone, Settings, General,
Transfer or Reset, Reset, Reset All Settings. That keeps data and passwords, but
not this backup's.
`, i.DeviceName)
}

func brokenText(f backupfmt.Found, err error) []byte {
	return fmt.Appendf(nil, `This backup cannot be opened: %v

It lies in %s.
`, err, f.Path)
}

// about writes "About this backup.txt".
type about struct {
	b        *backupfmt.Backup
	snapshot *snapshot
	absent   []absence
	broken   []absence // what has a name that cannot be shown
}

type absence struct {
	view string
	err  error
}

// text waits for the index: what it says of the damage there, and how long it
// is, must be the same whenever somebody looks.
func (a about) text(ctx context.Context) ([]byte, error) {
	damage, err := indexDamage(ctx, a.b)
	if err != nil {
		return nil, err
	}
	i := a.b.Info()
	var t strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&t, "%-12s %s\n", label, value)
		}
	}
	line("Device", i.DeviceName)
	line("Model", withDetail(i.ProductName, i.ProductType))
	line("iOS", withDetail(i.ProductVersion, i.BuildVersion))
	line("UDID", i.UDID)
	if !i.Date.IsZero() {
		line("Made", i.Date.In(a.snapshot.t.opt.Location).Format("2006-01-02 15:04:05 -0700"))
	}
	if a.snapshot.found.Kept != "" {
		line("Kept", a.snapshot.found.Date.In(a.snapshot.t.opt.Location).Format("2006-01-02 15:04:05 -0700")+", by the computer's clock")
	}
	line("Encrypted", yesNo(a.b.Encrypted()))
	line("Index", a.b.Format().String())
	line("Lies in", a.snapshot.found.Path)
	for _, w := range i.Warnings {
		fmt.Fprintf(&t, "\nNote: %s.\n", w)
	}
	if damage != "" {
		fmt.Fprintf(&t, "\nDamaged: %s.\n", damage)
	}
	if len(a.absent) > 0 {
		t.WriteString(absentHead(damage != ""))
		for _, v := range a.absent {
			fmt.Fprintf(&t, "  %s%s\n", v.view, reason(v.err))
		}
	}
	for _, v := range a.broken {
		fmt.Fprintf(&t, "\nNot shown: %s: %v.\n", v.view, v.err)
	}
	if !a.b.Encrypted() && !i.Encrypted {
		t.WriteString("\nSince iOS 13 phones leave Health data, call and Safari history and saved\npasswords out of a backup without a password. An encrypted one has them.\n")
	}
	t.WriteString("\nWhere a part of something is damaged, its folder here has a text that says so, or\nthe page that misses something does.\n")
	t.WriteString("\nNever in a backup: what is only in iCloud, apps themselves, and mail. Where a view\nknows of what is only in iCloud, its Missing.txt lists it.\n")
	return []byte(t.String()), nil
}

// indexDamage says what is wrong with the index of a backup, "" when nothing is.
// The error is one of the moment.
func indexDamage(ctx context.Context, b *backupfmt.Backup) (string, error) {
	x, err := b.Index(ctx)
	switch {
	case errors.Is(err, backupfmt.ErrDamaged) && !view.Passing(err):
		return err.Error(), nil
	case err != nil:
		return "", err
	}
	if n, _ := x.Damage(); n > 0 {
		return fmt.Sprintf("the index of this backup, in %d places. Files may be missing\nhere; `ibfs verify` lists what is known of it", n), nil
	}
	return "", nil
}

// absentHead stands above the views that are left out.
func absentHead(damaged bool) string {
	if damaged {
		return "\nNot found. As the index is damaged, the backup may hold them all the same:\n\n"
	}
	return "\nNot here, because this backup holds no such data:\n\n"
}

func withDetail(name, detail string) string {
	if name == "" || detail == "" {
		return name + detail
	}
	return name + " (" + detail + ")"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// reason is what a view adds to the fact that it is absent.
func reason(err error) string {
	text, more := strings.CutPrefix(err.Error(), view.ErrAbsent.Error()+": ")
	if !more {
		return ""
	}
	return ": " + text
}
