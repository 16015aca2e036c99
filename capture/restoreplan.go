package capture

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ibfs/capture/usbmux"
)

// A RestorePlan is what a restore will come to, to be told before it is agreed to.
type RestorePlan struct {
	Backup    Identity  `json:"backup"` // the phone that the backup is of; its Class is not known
	Taken     time.Time `json:"taken"`  // zero: the backup does not say
	Encrypted bool      `json:"encrypted"`
	Other     bool      `json:"other"`             // the backup is of another phone
	LeftOut   []string  `json:"leftOut,omitempty"` // what will not come back, for people
	// Apps are those, by their bundle identifiers, of which the backup has data and
	// which the phone lacks. Without RemoveOthers their data does not come back.
	Apps []string `json:"apps,omitempty"`
}

// PlanRestore tells what a restore will come to. It refuses what cannot come to a
// good end, before anything is asked of the phone: the error wraps ErrNewerIOS,
// ErrNoSource, mobilebackup2.ErrUnfinished, mobilebackup2.ErrWrongPassword for an
// encrypted backup without a password, io/fs.ErrNotExist, or that of Verify.
func (p *Phone) PlanRestore(ctx context.Context, o RestoreOptions) (RestorePlan, error) {
	s, err := p.restorable(ctx, o)
	if err != nil {
		return RestorePlan{}, fmt.Errorf("plan the restore: %w", err)
	}
	defer s.close()
	plan := RestorePlan{
		Backup:    s.identity(),
		Taken:     s.info.Time("Last Backup Date"),
		Encrypted: s.manifest.Bool("IsEncrypted"),
		Other:     !usbmux.SameUDID(s.udid, p.UDID),
	}
	plan.Apps, err = p.missingApps(ctx, s)
	if err != nil {
		return RestorePlan{}, fmt.Errorf("plan the restore: %w", err)
	}
	plan.LeftOut = leftOut(plan, o)
	return plan, nil
}

// leftOut tells what does not come back (FC-34).
func leftOut(plan RestorePlan, o RestoreOptions) (what []string) {
	for _, l := range []struct {
		is   bool
		what string
	}{
		{!plan.Encrypted, "passwords, Health data and call history: the backup is not encrypted, and has none"},
		{!o.SystemFiles, "what belongs to iOS itself rather than to an app"},
		{!o.RemoveOthers && len(plan.Apps) > 0, fmt.Sprintf("the data of %d apps that the phone does not have", len(plan.Apps))},
		{o.KeepSettings, "settings: the phone keeps those that it has"},
		{o.NoApps, "apps: only the phone's own remain"},
	} {
		if l.is {
			what = append(what, l.what)
		}
	}
	return what
}

// missingApps are those of the backup that the phone does not have. A phone that
// does not tell its apps is taken to have none.
func (p *Phone) missingApps(ctx context.Context, s *restoreSource) (missing []string, err error) {
	has := map[string]bool{}
	list, err := p.listApps(ctx)
	if err != nil {
		p.opt.Log.Warn("no list of apps", "err", err)
	}
	for _, app := range list {
		has[app.String("CFBundleIdentifier")] = true
	}
	for _, v := range s.info.Array("Installed Applications") {
		if id, ok := v.(string); ok && !has[id] {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing)
	return missing, ctx.Err()
}
