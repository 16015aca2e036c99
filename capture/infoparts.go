package capture

import (
	"context"
	"errors"
	iofs "io/fs"

	"ibfs/capture/plist"
	"ibfs/capture/service"
)

var errTooMuch = errors.New("more than Info.plist takes")

// A room is how many bytes an Info.plist may still grow by.
type room int

// takes says whether a value has room as XML, and gives it that.
func (r *room) takes(value any) bool {
	data, err := plist.XML(value)
	if err != nil || len(data) > int(*r) {
		return false
	}
	*r -= room(len(data))
	return true
}

const maxMediaFile = 16 << 20 // bytes

// mediaFiles are those of /iTunes_Control/iTunes that a host keeps in "iTunes
// Files". Source: libimobiledevice tools/idevicebackup2.c.
var mediaFiles = []string{
	"ApertureAlbumPrefs", "IC-Info.sidb", "IC-Info.sidv", "PhotosFolderAlbums", "PhotosFolderName",
	"PhotosFolderPrefs", "VoiceMemos.plist", "iPhotoAlbumPrefs", "iTunesApplicationIDs", "iTunesPrefs", "iTunesPrefs.plist",
}

func (p *Phone) mediaFiles(ctx context.Context, afc *service.AFC, left *room) map[string]any {
	files := map[string]any{}
	for _, name := range mediaFiles {
		data, err := afc.ReadFile(ctx, "/iTunes_Control/iTunes/"+name, maxMediaFile)
		if err == nil && !left.takes(data) {
			err = errTooMuch
		}
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
func (p *Phone) apps(ctx context.Context, left *room) (ids []any, apps map[string]any) {
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
		if id == "" || !left.takes(id) {
			continue
		}
		ids = append(ids, id)
		sinf, meta := app.Bytes("ApplicationSINF"), app.Bytes("iTunesMetadata")
		entry := map[string]any{"ApplicationSINF": sinf, "iTunesMetadata": meta}
		if len(sinf) == 0 || len(meta) == 0 || !left.takes(map[string]any{id: entry}) {
			continue
		}
		if png := icon(id); len(png) > 0 && left.takes(png) {
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
