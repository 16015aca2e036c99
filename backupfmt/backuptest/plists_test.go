package backuptest

import (
	"path/filepath"
	"testing"

	"howett.net/plist"
)

func TestPropertyLists(t *testing.T) {
	b := Sample()
	b.Generation, b.State = MBDB, "uploading"
	b.EditInfo = func(m map[string]any) { m["Device Name"] = "Edited" }
	got := make(map[string]map[string]any)
	for name, data := range files(t, writeTemp(t, b)) {
		if filepath.Ext(name) != ".plist" {
			continue
		}
		var m map[string]any
		if _, err := plist.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		got[name] = m
	}
	for _, c := range []struct {
		file, key string
		want      any
	}{
		{"Info.plist", "Device Name", "Edited"},
		{"Info.plist", "Display Name", b.DeviceName},
		{"Info.plist", "Product Version", "9.3.5"},
		{"Manifest.plist", "Version", "9.1"},
		{"Manifest.plist", "IsEncrypted", false},
		{"Status.plist", "Version", "2.4"},
		{"Status.plist", "SnapshotState", "uploading"},
	} {
		if v := got[c.file][c.key]; v != c.want {
			t.Errorf("%s: %s is %v, want %v", c.file, c.key, v, c.want)
		}
	}
	if len(got["Manifest.plist"]["BackupKeyBag"].([]byte)) == 0 {
		t.Error("an unencrypted backup has no keybag")
	}
	apps := got["Manifest.plist"]["Applications"].(map[string]any)
	class := func(id string) any { return apps[id].(map[string]any)["ContainerContentClass"] }
	a := SampleApps[0]
	if class(a.ID) != "Data/Application" || class(a.Groups[0]) != "Shared/AppGroup" || class(a.Plugins[0]) != "Data/PluginKitPlugin" {
		t.Errorf("apps are %v", apps)
	}
	titled := got["Info.plist"]["Applications"].(map[string]any)
	if len(titled) != 1 || titled[a.ID] == nil {
		t.Errorf("apps with a title are %v", titled)
	}
}

func TestPropertyListsLeftOut(t *testing.T) {
	got := files(t, writeTemp(t, Backup{NoManifestPlist: true, NoInfo: true, NoStatus: true}))
	if len(got) != 1 || got["Manifest.db"] == nil {
		t.Errorf("%d files, want Manifest.db alone", len(got))
	}
}
