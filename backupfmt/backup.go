package backupfmt

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"ibfs/keybag"
)

// Options say how a backup is opened. The zero value is useful.
type Options struct {
	Name   string       // of the folder, for a backup that does not tell the device's
	Logger *slog.Logger // where damage is told; default: nowhere
	Budget *Budget      // shared by the backups of a process; default: one of its own
}

// A Backup is one open backup. Its methods may be called side by side.
//
// An encrypted backup opens without its password: Info works, and all else is
// ErrEncrypted until Unlock.
type Backup struct {
	fsys   iofs.FS
	log    *slog.Logger
	info   Info
	plist  manifestPlist
	bag    *keybag.Bag // nil when there is none
	format Format

	encrypted bool // content is ciphertext
	layout    func() layout

	keysMu sync.RWMutex
	keys   *keybag.Keys // guarded by keysMu; nil while locked
	rowKey []byte       // guarded by keysMu; formatRows alone

	manifestMu   sync.RWMutex
	open         *openManifest // guarded by manifestMu; nil while not in use
	manifestIdle idler

	index   atomic.Pointer[Index]
	early   atomic.Pointer[[]Domain] // what Domains answers before there is an index
	indexMu sync.Mutex
	build   *indexRun // guarded by indexMu; the run that builds the index
	closed  atomic.Bool

	share *Share
	sizes sync.Map // Entry -> learned
}

// OpenDir opens the backup in a folder of this machine.
func OpenDir(ctx context.Context, path string, opt Options) (*Backup, error) {
	fsys, err := newDirFS(path)
	if err != nil {
		return nil, err
	}
	if opt.Name == "" {
		opt.Name = filepath.Base(path)
	}
	b, err := Open(ctx, fsys, opt)
	if err != nil {
		fsys.release()
	}
	return b, err
}

// Open opens the backup at the root of fsys, whose files must be io.ReaderAt.
// The errors are ErrNotBackup, ErrUnfinished, ErrUnpacked, ErrUnsupported and
// ErrDamaged, and those of fsys.
func Open(ctx context.Context, fsys iofs.FS, opt Options) (*Backup, error) {
	b := &Backup{fsys: fsys, log: opt.Logger}
	b.layout = sync.OnceValue(b.findLayout)
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	budget := opt.Budget
	if budget == nil {
		budget = NewBudget(DefaultBudget)
	}
	b.manifestIdle.drop = b.releaseManifest
	b.share = &Share{budget: budget, drop: b.release, files: true}
	var err error
	if b.info, b.plist, err = readInfo(fsys, opt.Name); err != nil {
		return nil, err
	}
	if len(b.plist.keybag) > 0 {
		if b.bag, err = keybag.Parse(b.plist.keybag); err != nil {
			b.info.Warnings = append(b.info.Warnings, "the keybag in Manifest.plist is damaged: encrypted files cannot be read")
		}
	}
	if err := b.detect(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Info is what the backup tells of itself without a password.
func (b *Backup) Info() Info { return b.info }

// Format is the generation of the backup's layout.
func (b *Backup) Format() Format { return b.format }

// Encrypted reports that the content is ciphertext, whatever Info says.
func (b *Backup) Encrypted() bool { return b.encrypted }

// Close wipes the keys and lets go of everything.
func (b *Backup) Close() error {
	b.closed.Store(true)
	b.indexMu.Lock()
	if b.build != nil {
		b.build.cancel()
	}
	b.indexMu.Unlock()

	b.share.Free()
	b.manifestMu.Lock()
	err := b.closeManifest()
	b.manifestMu.Unlock()
	b.index.Store(nil)
	b.wipe()
	if d, ok := b.fsys.(*dirFS); ok {
		d.release()
	}
	return err
}

// release gives back what can be made again: index, manifest, folder.
func (b *Backup) release() {
	b.index.Store(nil)
	b.releaseManifest()
	if d, ok := b.fsys.(*dirFS); ok {
		d.release()
	}
}

// releaseManifest closes the manifest, unless it is in use.
func (b *Backup) releaseManifest() bool {
	if !b.manifestMu.TryLock() {
		return false
	}
	defer b.manifestMu.Unlock()
	if err := b.closeManifest(); err != nil {
		b.log.Warn("close manifest", "backup", b.info.DeviceName, "err", err)
	}
	return true
}

// ready is nil when content can be read.
func (b *Backup) ready() error {
	if b.Locked() {
		return fmt.Errorf("%s: %w", b.info.DeviceName, ErrEncrypted)
	}
	return nil
}
