package capture

import (
	"context"
	"fmt"
	"os"

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
	mobilebackup2.RestoreOptions

	// Root holds the backup, in a folder named Source. The phone may write there:
	// it must be a clone, never the backup itself.
	Root   *os.Root
	Source string // the UDID of the phone that the backup is of

	// NoApps leaves the phone's apps as they are; without it the phone installs
	// those of the backup.
	NoApps bool
}

// Restore gives the phone a backup back.
//
// The error is one of this package or of mobilebackup2. What the phone has by
// then stays as it is: a restore that was cut off is started again.
func (p *Phone) Restore(ctx context.Context, o RestoreOptions) (*mobilebackup2.Result, error) {
	tree, err := mobilebackup2.OpenTree(o.Root, o.Source, mobilebackup2.TreeOptions{})
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	if err := tree.Finished(); err != nil {
		return nil, err
	}
	p.opt.Events(Event{Step: Preparing})
	result := &mobilebackup2.Result{}
	err = p.attended(ctx, true, func(ctx context.Context, s *syncer, c *mobilebackup2.Client, tell func(mobilebackup2.Progress)) error {
		if !o.NoApps {
			if err := s.wantApps(ctx, tree, o.Source); err != nil {
				return err
			}
		}
		ro := o.RestoreOptions
		ro.Progress = tell
		var err error
		result, err = c.Restore(ctx, p.UDID, o.Source, tree, ro)
		if err != nil && !o.NoApps {
			s.forgetApps(ctx)
		}
		return err
	})
	if err != nil {
		return result, p.explain(ctx, err)
	}
	p.opt.Events(Event{Step: Done, Percent: 100, Files: int64(result.Files), Bytes: result.Bytes})
	return result, nil
}

// wantApps tells the phone which apps the backup has, from its Info.plist.
func (s *syncer) wantApps(ctx context.Context, tree *mobilebackup2.Tree, source string) error {
	info, err := readDict(tree, source+"/Info.plist", maxOldInfo)
	if err != nil {
		return fmt.Errorf("read the apps of the backup: %w", err)
	}
	apps := map[string]any(info.Dict("Applications"))
	if apps == nil {
		apps = map[string]any{}
	}
	data, err := plist.XML(apps)
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

// forgetApps takes back what wantApps told, also when ctx is over.
func (s *syncer) forgetApps(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	// The phone may be gone, and it forgets what a failed restore left by itself.
	_ = s.afc.Remove(ctx, restoreApps)
	_ = s.afc.Remove(ctx, restoreFolder)
}
