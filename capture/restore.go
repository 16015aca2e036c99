package capture

import (
	"context"
	"fmt"

	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
)

// Where a host tells the phone which apps to install for a restore. Source:
// libimobiledevice tools/idevicebackup2.c.
const (
	restoreFolder = "/iTunesRestore"
	restoreApps   = restoreFolder + "/RestoreApplications.plist"
)

// RestoreOptions say what is restored and how.
type RestoreOptions struct {
	mobilebackup2.RestoreOptions // start from mobilebackup2.RestoreDefaults

	// Dir is the folder of the backup: a snapshot, or any other finished backup.
	// Nothing is written there.
	Dir string

	// Verify looks whether the backup in dir is whole: whether each of its files is
	// there, at least. nil: somebody has looked already.
	Verify func(ctx context.Context, dir string) error

	// NoApps leaves the phone's apps as they are; without it the phone installs
	// those of the backup.
	NoApps bool
}

// Restore gives the phone a backup back. What PlanRestore refuses is refused before
// anything is asked of the phone.
//
// The error is one of this package or of mobilebackup2. What the phone has by
// then stays as it is: a restore that was cut off is started again.
func (p *Phone) Restore(ctx context.Context, o RestoreOptions) (*mobilebackup2.Result, error) {
	s, err := p.restorable(ctx, o)
	if err != nil {
		return &mobilebackup2.Result{}, fmt.Errorf("restore: %w", err)
	}
	defer s.close()
	p.opt.Events(Event{Step: Preparing})
	result := &mobilebackup2.Result{}
	err = p.attended(ctx, true, func(ctx context.Context, sync *syncer, c *mobilebackup2.Client, tell teller) error {
		if !o.NoApps {
			if err := sync.wantApps(ctx, s.info.Dict("Applications")); err != nil {
				return err
			}
		}
		ro := o.RestoreOptions
		ro.Progress = func(p mobilebackup2.Progress) { tell(p, p.Sent) }
		var err error
		result, err = c.Restore(ctx, p.UDID, s.overlay, ro)
		if err == nil && result.Sent.Files == 0 {
			err = fmt.Errorf("%w: it asked for none of the files", mobilebackup2.ErrIncomplete)
		}
		if err != nil && !o.NoApps {
			sync.forgetApps()
		}
		return err
	})
	if err != nil {
		return result, p.explain(ctx, err)
	}
	p.opt.Events(Event{Step: Done, Percent: 100, Files: int64(result.Sent.Files), Bytes: result.Sent.Bytes})
	return result, nil
}

// wantApps tells the phone which apps the backup has, as its Info.plist has them.
func (s *syncer) wantApps(ctx context.Context, apps plist.Dict) error {
	if apps == nil {
		apps = plist.Dict{}
	}
	data, err := plist.XML(map[string]any(apps))
	if err != nil {
		return fmt.Errorf("encode the apps of the backup: %w", err)
	}
	if err := s.afc.Mkdir(ctx, restoreFolder); err != nil {
		return fmt.Errorf("make %s on the phone: %w", restoreFolder, err)
	}
	if err := s.afc.WriteFile(ctx, restoreApps, data); err != nil {
		return fmt.Errorf("write %s on the phone: %w", restoreApps, err)
	}
	return nil
}

// forgetApps takes back what wantApps told.
func (s *syncer) forgetApps() {
	ctx, cancel := context.WithTimeout(s.bye, goodbye)
	defer cancel()
	// The phone may be gone, and it forgets what a failed restore left by itself.
	_ = s.afc.Remove(ctx, restoreApps)
	_ = s.afc.Remove(ctx, restoreFolder)
}
