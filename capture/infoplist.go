package capture

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	"ibfs/capture/mobilebackup2"
	"ibfs/capture/plist"
)

// maxInfo is the longest Info.plist that is written and read, in bytes.
const maxInfo = 64 << 20

// writeInfo writes the Info.plist of a backup, which is the host's to write, with
// what the phone tells, and returns it. Apps or files of which the phone tells
// nothing, or too much, are left out: a backup without icons is still whole.
func (p *Phone) writeInfo(ctx context.Context, tree *mobilebackup2.Tree, s *syncer, at time.Time) ([]byte, error) {
	name := p.UDID + "/Info.plist"
	left := room(maxInfo - 1<<20) // which is for the short ones
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
	}
	for _, key := range []string{"Build Version", "Product Type", "Product Version", "Serial Number"} {
		info[key] = short(p.values, strings.ReplaceAll(key, " ", ""))
	}
	for key, from := range map[string]string{
		"ICCID": "IntegratedCircuitCardIdentity", "IMEI": "InternationalMobileEquipmentIdentity",
		"MEID": "MobileEquipmentIdentifier", "Phone Number": "PhoneNumber",
	} {
		if text := short(p.values, from); text != "" {
			info[key] = text
		}
	}
	info["Installed Applications"], info["Applications"] = p.apps(ctx, &left)
	info["iTunes Files"] = p.mediaFiles(ctx, s.afc, &left)
	if settings, err := p.client.Values(ctx, "com.apple.iTunes"); err == nil && left.takes(map[string]any(settings)) {
		info["iTunes Settings"] = map[string]any(settings)
	}
	if v, ok := value[string](ctx, p, "com.apple.mobile.iTunes", "MinITunesVersion"); ok && left.takes(v) {
		info["iTunes Version"] = v
	}
	if books, err := s.afc.ReadFile(ctx, "/Books/iBooksData2.plist", maxMediaFile); err == nil && left.takes(books) {
		info["iBooks Data 2"] = books
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := plist.XML(map[string]any(info))
	if err != nil {
		return nil, fmt.Errorf("encode Info.plist: %w", err)
	}
	return data, writeFile(ctx, tree, name, data)
}

// keepInfo writes the Info.plist anew that the phone has spoiled or removed with
// what it no longer needs: no backup can be restored without.
func (p *Phone) keepInfo(ctx context.Context, tree *mobilebackup2.Tree, data []byte) error {
	name := p.UDID + "/Info.plist"
	_, err := readDict(tree, name, maxInfo)
	if err == nil {
		return nil
	}
	p.opt.Log.Debug("Info.plist is written anew", "err", err)
	if err := tree.Remove(ctx, name); err != nil {
		return err
	}
	return writeFile(ctx, tree, name, data)
}

func writeFile(ctx context.Context, tree *mobilebackup2.Tree, name string, data []byte) error {
	w, err := tree.Create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.Discard(ctx)
		return err
	}
	return w.Commit()
}

// oldGUID is the GUID of the Info.plist that is there, or a new one: 32
// hexadecimal digits.
func oldGUID(tree *mobilebackup2.Tree, name string) string {
	if d, err := readDict(tree, name, maxInfo); err == nil {
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
