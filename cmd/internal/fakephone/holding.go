package main

import (
	"fmt"
	"os"
	"path/filepath"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// sampleUDID is that of the phone that holds samples.
const sampleUDID = "00008110-000F4B1E5A0B801E"

// samplePassword is the one under which the sample can be encrypted.
const samplePassword = "demo"

// A holding is where the phone's content comes from: a backup folder, or
// samples that are generated, each a day later and a note longer.
type holding struct {
	backup, password string // backup is "" for samples
	tmp              string // folder for samples
	samples          int    // how many were made
}

func open(o options, tmp string) (*holding, error) {
	h := &holding{backup: o.backup, tmp: tmp}
	if o.passwordFile != "" {
		password, err := os.ReadFile(o.passwordFile)
		if err != nil {
			return nil, err
		}
		h.password = string(trimNewline(password))
	}
	return h, nil
}

func trimNewline(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		return b[:n-1]
	}
	return b
}

// phone is one that holds what there is now, and is named as the backup says.
func (h *holding) phone() (*fakedevice.Phone, error) {
	content, err := h.content()
	if err != nil {
		return nil, err
	}
	p := &fakedevice.Phone{Backup: fakedevice.Backup{Content: content, Password: h.password}}
	if h.backup == "" {
		p.UDID = sampleUDID
		return p, nil
	}
	name := filepath.Join(h.backup, "Info.plist")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var info struct {
		UDID    string `plist:"Target Identifier"`
		Name    string `plist:"Device Name"`
		Type    string `plist:"Product Type"`
		Version string `plist:"Product Version"`
		Build   string `plist:"Build Version"`
		Serial  string `plist:"Serial Number"`
	}
	if _, err := plist.Unmarshal(data, &info); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	p.UDID, p.Name, p.SerialNumber = info.UDID, info.Name, info.Serial
	p.ProductType, p.ProductVersion, p.BuildVersion = info.Type, info.Version, info.Build
	return p, nil
}

// content is what the phone holds from now on.
func (h *holding) content() (fakedevice.Content, error) {
	if h.backup != "" {
		state, err := fakedevice.ReadState(os.DirFS(h.backup))
		return fakedevice.Content{h.password: state}, err
	}
	content := fakedevice.Content{}
	for _, password := range []string{"", samplePassword} {
		b := backuptest.Sample()
		b.UDID, b.Password = sampleUDID, password
		b.Date = b.Date.AddDate(0, 0, h.samples)
		for i := range h.samples {
			b.Files = append(b.Files, backuptest.File{
				Domain: "HomeDomain", Path: fmt.Sprintf("Library/Notes/day %d.txt", i+1), Content: fmt.Appendf(nil, "Day %d.\n", i+1),
			})
		}
		dir := filepath.Join(h.tmp, fmt.Sprint(len(content), h.samples))
		if err := backuptest.Write(dir, b); err != nil {
			return nil, fmt.Errorf("make a sample: %w", err)
		}
		state, err := fakedevice.ReadState(os.DirFS(dir))
		if err != nil {
			return nil, err
		}
		content[password] = state
	}
	h.samples++
	return content, nil
}
