package capture

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"strings"
	"time"

	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
	"ibfs/capture/service"
)

// Bounds of what goes into Info.plist, in bytes.
const (
	maxOldInfo   = 64 << 20
	maxMediaFile = 16 << 20
)

// mediaFiles are those of /iTunes_Control/iTunes that a host keeps in "iTunes
// Files". Source: libimobiledevice tools/idevicebackup2.c.
var mediaFiles = []string{
	"ApertureAlbumPrefs", "IC-Info.sidb", "IC-Info.sidv", "PhotosFolderAlbums", "PhotosFolderName",
	"PhotosFolderPrefs", "VoiceMemos.plist", "iPhotoAlbumPrefs", "iTunesApplicationIDs", "iTunesPrefs", "iTunesPrefs.plist",
}

// writeInfo writes the Info.plist of a backup, which is the host's to write, with
// what the phone tells. Apps or files of which the phone tells nothing are left
// out: a backup without icons is still whole.
func (p *Phone) writeInfo(ctx context.Context, tree *mobilebackup2.Tree, s *syncer, at time.Time) error {
	name := p.UDID + "/Info.plist"
	info := plist.Dict{
		"Device Name":       p.Name,
		"Display Name":      p.Name,
		"GUID":              oldGUID(tree, name),
		"Last Backup Date":  at.UTC().Truncate(time.Second),
		"Target Identifier": p.UDID,
		"Target Type":       "Device",
		"Unique Identifier": strings.ToUpper(p.UDID),
		"iTunes Settings":   map[string]any{},
		"iTunes Version":    "10.0.1",
		"iTunes Files":      p.mediaFiles(ctx, s.afc),
	}
	for _, key := range []string{"Build Version", "Product Type", "Product Version", "Serial Number"} {
		info[key] = p.values.String(strings.ReplaceAll(key, " ", ""))
	}
	for key, from := range map[string]string{
		"ICCID": "IntegratedCircuitCardIdentity", "IMEI": "InternationalMobileEquipmentIdentity",
		"MEID": "MobileEquipmentIdentifier", "Phone Number": "PhoneNumber",
	} {
		if text := p.values.String(from); text != "" {
			info[key] = text
		}
	}
	info["Installed Applications"], info["Applications"] = p.apps(ctx)
	if settings, err := p.client.Values(ctx, "com.apple.iTunes"); err == nil {
		info["iTunes Settings"] = map[string]any(settings)
	}
	if v, ok := value[string](ctx, p, "com.apple.mobile.iTunes", "MinITunesVersion"); ok {
		info["iTunes Version"] = v
	}
	if books, err := s.afc.ReadFile(ctx, "/Books/iBooksData2.plist", maxMediaFile); err == nil {
		info["iBooks Data 2"] = books
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := plist.XML(map[string]any(info))
	if err != nil {
		return fmt.Errorf("encode Info.plist: %w", err)
	}
	return writeFile(tree, name, data)
}

func writeFile(tree *mobilebackup2.Tree, name string, data []byte) error {
	w, err := tree.Create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.Discard()
		return err
	}
	return w.Commit()
}

// oldGUID is the GUID of the Info.plist that is there, or a new one: 32
// hexadecimal digits.
func oldGUID(tree *mobilebackup2.Tree, name string) string {
	if d, err := readDict(tree, name, maxOldInfo); err == nil {
		if guid := d.String("GUID"); len(guid) == 32 {
			return guid
		}
	}
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%X", b)
}

// An opener is a folder of files, such as a mobilebackup2.Tree.
type opener interface {
	Open(name string) (io.ReadCloser, error)
}

func readDict(files opener, name string, limit int64) (plist.Dict, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: longer than %d bytes", name, limit)
	}
	return plist.DecodeDict(data)
}

func (p *Phone) mediaFiles(ctx context.Context, afc *service.AFC) map[string]any {
	files := map[string]any{}
	for _, name := range mediaFiles {
		data, err := afc.ReadFile(ctx, "/iTunes_Control/iTunes/"+name, maxMediaFile)
		if err == nil {
			files[name] = data
		} else if !errors.Is(err, iofs.ErrNotExist) {
			p.opt.Log.Warn("left out of Info.plist", "file", name, "err", err)
		}
	}
	return files
}

// apps are the bundle ids of the apps that the user installed, and what a
// restore needs to get them from the store again.
func (p *Phone) apps(ctx context.Context) (ids []any, apps map[string]any) {
	ids, apps = []any{}, map[string]any{}
	list, err := p.listApps(ctx)
	if err != nil {
		p.opt.Log.Warn("no list of apps", "err", err)
		return ids, apps
	}
	icon, done := p.icons(ctx)
	defer done()
	for _, app := range list {
		id := app.String("CFBundleIdentifier")
		if id == "" {
			continue
		}
		ids = append(ids, id)
		sinf, meta := app.Bytes("ApplicationSINF"), app.Bytes("iTunesMetadata")
		if len(sinf) == 0 || len(meta) == 0 {
			continue
		}
		entry := map[string]any{"ApplicationSINF": sinf, "iTunesMetadata": meta}
		if png := icon(id); len(png) > 0 {
			entry["PlaceholderIcon"] = png
		}
		apps[id] = entry
	}
	return ids, apps
}

func (p *Phone) listApps(ctx context.Context) ([]plist.Dict, error) {
	conn, err := p.client.Service(ctx, service.NameInstallation, false)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return service.Apps(ctx, conn, "CFBundleIdentifier", "ApplicationSINF", "iTunesMetadata")
}

// icons gives a function that gets the icon of an app, or nothing.
func (p *Phone) icons(ctx context.Context) (icon func(id string) []byte, done func()) {
	conn, err := p.client.Service(ctx, service.NameSpringboard, false)
	if err != nil {
		p.opt.Log.Warn("no icons of apps", "err", err)
		return func(string) []byte { return nil }, func() {}
	}
	broken := false
	return func(id string) []byte {
		if broken {
			return nil
		}
		png, err := service.Icon(ctx, conn, id)
		if err != nil && !errors.Is(err, service.ErrNoIcon) {
			p.opt.Log.Warn("no more icons of apps", "err", err)
			broken = true
		}
		return png
	}, func() { conn.Close() }
}
