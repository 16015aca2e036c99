package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"howett.net/plist"

	"ibfs/backupfmt/backuptest"
	"ibfs/capture/fakedevice"
)

// sampleUDID is that of the first phone that holds samples; the others count on.
const sampleUDID = "00008110-000F4B1E5A0B801E"

// A holding is where a phone's content comes from: a backup folder, or samples
// that are generated, each a day later and a note longer.
type holding struct {
	backup, password string // backup is "" for samples
	udid, name       string // of one with samples
	tmp              string // folder for samples

	mu        sync.Mutex // guards what follows
	samples   int        // how many were made
	passwords []string   // that samples are made under
	written   int        // samples on the disk
}

// open is what phone i of several holds.
func open(o options, tmp string, i int) (*holding, error) {
	h := &holding{backup: o.backup, tmp: tmp, udid: sampleUDID, name: "Test iPhone"}
	if i > 0 {
		h.udid, h.name = fmt.Sprintf("%s%02X", sampleUDID[:len(sampleUDID)-2], 0x1E+i), fmt.Sprintf("Test iPhone %d", i+1)
	}
	if o.passwordFile != "" {
		password, err := os.ReadFile(o.passwordFile)
		if err != nil {
			return nil, err
		}
		h.password = string(trimNewline(password))
	}
	h.passwords = slices.Compact([]string{"", h.password})
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
		p.UDID, p.Name, p.Backup.Under = h.udid, h.name, h.under
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
	h.mu.Lock()
	defer h.mu.Unlock()
	h.samples++
	content := fakedevice.Content{}
	for _, password := range h.passwords {
		state, err := h.sample(password)
		if err != nil {
			return nil, err
		}
		content[password] = state
	}
	return content, nil
}

// under is the last sample, and the later ones, under one more password.
func (h *holding) under(password string) (*fakedevice.State, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passwords = append(h.passwords, password)
	return h.sample(password)
}

// sample makes the last sample under a password. The caller holds mu.
func (h *holding) sample(password string) (*fakedevice.State, error) {
	b := backuptest.Sample()
	b.UDID, b.DeviceName, b.Password = h.udid, h.name, password
	b.Date = b.Date.AddDate(0, 0, h.samples-1)
	for day := range h.samples - 1 {
		b.Files = append(b.Files, backuptest.File{
			Domain: "HomeDomain", Path: fmt.Sprintf("Library/Notes/day %d.txt", day+1), Content: fmt.Appendf(nil, "Day %d.\n", day+1),
		})
	}
	h.written++
	dir := filepath.Join(h.tmp, fmt.Sprint(h.udid, "-", h.written))
	if err := backuptest.Write(dir, b); err != nil {
		return nil, fmt.Errorf("make a sample: %w", err)
	}
	return fakedevice.ReadState(os.DirFS(dir))
}
