package capture

import (
	"bytes"
	"slices"
	"testing"

	"ibfs/capture/fakedevice"
	"ibfs/capture/plist"
	"ibfs/capture/usbmux"
)

// What the phone tells for Info.plist takes no more than its room, in which apps come
// before their icons and before files.
func TestInfoPartsHaveBounds(t *testing.T) {
	p := &fakedevice.Phone{Media: map[string][]byte{}}
	for _, id := range []string{"com.example.a", "com.example.b", "com.example.c"} {
		p.Apps = append(p.Apps, fakedevice.App{ID: id, SINF: []byte("sinf"), Meta: []byte("meta"), Icon: bytes.Repeat([]byte{1}, 100_000)})
	}
	for _, name := range mediaFiles[:2] {
		p.Media["/iTunes_Control/iTunes/"+name] = make([]byte, 300_000)
	}
	mux, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{p}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mux.Close() })
	addr, err := usbmux.ParseAddress(mux.Socket())
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Mux: usbmux.New(addr, nil)}
	devices, err := o.Mux.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatal(devices, err)
	}
	phone, err := Connect(t.Context(), devices[0], o)
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	s, err := phone.watch(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.end()
	for _, tt := range []struct {
		name                    string
		left                    room
		ids, apps, icons, files int
	}{
		{"all", 2 << 20, 3, 3, 3, 2},
		{"one file less", 1 << 20, 3, 3, 3, 1},
		{"no files", 450_000, 3, 3, 3, 0},
		{"two icons", 290_000, 3, 3, 2, 0},
		{"no icons", 10_000, 3, 3, 0, 0},
		{"nothing", 100, 0, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left := tt.left
			ids, apps := phone.apps(t.Context(), &left)
			files := phone.mediaFiles(t.Context(), s.afc, &left)
			icons := 0
			for _, app := range apps {
				if app.(map[string]any)["PlaceholderIcon"] != nil {
					icons++
				}
			}
			if got, want := []int{len(ids), len(apps), icons, len(files)}, []int{tt.ids, tt.apps, tt.icons, tt.files}; !slices.Equal(got, want) {
				t.Errorf("ids, apps, icons, files: %v, not %v", got, want)
			}
			data, err := plist.XML(map[string]any{"ids": ids, "apps": apps, "files": files})
			if empty := 400; err != nil || len(data) > int(tt.left)+empty || left < 0 {
				t.Errorf("%d bytes in a room of %d, with %d left: %v", len(data), tt.left, left, err)
			}
		})
	}
}
