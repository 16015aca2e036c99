package library

import (
	"encoding/json"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"os"
)

const infoName = "device.json"

// Info is what device.json keeps of a device. Keys of the file that this
// version does not know stay in it.
type Info struct {
	Schema         int    `json:"schema"`
	UDID           string `json:"udid"`
	Name           string `json:"name,omitempty"`           // what its owner calls it
	ProductType    string `json:"productType,omitempty"`    // "iPhone13,2"
	ProductVersion string `json:"productVersion,omitempty"` // of iOS: "14.3"
	Paired         bool   `json:"paired"`
	Encrypted      *bool  `json:"encrypted,omitempty"` // whether its backups have a password; nil is not known

	unknown map[string]json.RawMessage
}

// UnmarshalJSON keeps the keys that Info does not have.
func (i *Info) UnmarshalJSON(data []byte) error {
	type plain Info
	if err := json.Unmarshal(data, (*plain)(i)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &i.unknown); err != nil {
		return err
	}
	known, err := fields(plain{Encrypted: new(bool), Name: "x", ProductType: "x", ProductVersion: "x"})
	for key := range known {
		delete(i.unknown, key)
	}
	return err
}

// MarshalJSON also writes the keys that UnmarshalJSON has kept.
func (i Info) MarshalJSON() ([]byte, error) {
	type plain Info
	all, err := fields(plain(i))
	if err != nil {
		return nil, err
	}
	maps.Copy(all, i.unknown)
	return json.Marshal(all)
}

func fields(value any) (m map[string]json.RawMessage, err error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(data, &m)
}

// Info is what is known of the device; nothing but its UDID when nothing was
// written yet. The error wraps [ErrNewer] where a newer version wrote it.
func (d *Device) Info() (Info, error) {
	root, err := os.OpenRoot(d.Dir())
	if errors.Is(err, iofs.ErrNotExist) {
		return Info{Schema: schema, UDID: d.udid}, nil
	}
	if err != nil {
		return Info{}, fmt.Errorf("read about device: %w", err)
	}
	defer root.Close()
	return readInfo(root, d.udid)
}

func readInfo(root *os.Root, udid string) (Info, error) {
	var i Info
	switch err := readJSON(root, infoName, &i); {
	case errors.Is(err, iofs.ErrNotExist):
		return Info{Schema: schema, UDID: udid}, nil
	case err != nil:
		return Info{}, fmt.Errorf("read about device: %w", err)
	case i.Schema > schema:
		return Info{}, fmt.Errorf("read about device: schema %d: %w", i.Schema, ErrNewer)
	}
	i.UDID = udid
	return i, nil
}

// SetInfo changes what is known of the device. Where device.json is damaged that
// is known from nothing, and anew says so: the phone tells all of it again.
func (w *Writer) SetInfo(change func(*Info)) (anew bool, err error) {
	i, err := readInfo(w.root, w.d.udid)
	if errors.Is(err, ErrDamaged) {
		w.log.Warn("device.json is made anew", "err", err)
		anew, i = true, Info{}
	} else if err != nil {
		return false, err
	}
	change(&i)
	i.Schema, i.UDID = schema, w.d.udid
	return anew, w.disk.writeJSON(w.root, infoName, i)
}
