package wallpapers

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"testing"

	"ibfs/backupfmt/backuptest"
	"ibfs/fs/view/viewtest"
)

// bitmap is a picture whose pixels tell where they are.
func bitmap(width, height, stride int) []byte {
	b := make([]byte, 0, stride*height*4+trailer+4)
	for y := range height {
		for x := range stride {
			if x >= width {
				b = append(b, 0xEE, 0xEE, 0xEE, 0)
				continue
			}
			b = append(b, byte(x), byte(y), 7, 0)
		}
	}
	b = append(b, 0, 0, 0, 0)
	for _, n := range []int{width, height, 1, 0, 0} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

func TestToPNG(t *testing.T) {
	for name, tt := range map[string]struct {
		width, height, stride int
	}{
		"iOS 12":      {100, 40, 112},
		"iOS 10":      {100, 40, 104},
		"iOS 9":       {102, 40, 104},
		"iOS 9 tight": {100, 40, 100},
		"no rounding": {96, 40, 96},
		"one pixel":   {1, 1, 16},
	} {
		b, err := toPNG(bitmap(tt.width, tt.height, tt.stride))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil || img.Bounds().Dx() != tt.width || img.Bounds().Dy() != tt.height {
			t.Errorf("%s: %v, %v", name, img.Bounds(), err)
			continue
		}
		x, y := tt.width-1, tt.height-1
		if got, want := color.NRGBAModel.Convert(img.At(x, y)), (color.NRGBA{7, byte(y), byte(x), 0xFF}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// FuzzToPNG holds that what is no picture is refused, and what is one has the
// size that its end says.
func FuzzToPNG(f *testing.F) {
	f.Add([]byte{}, uint32(1), uint32(1))
	f.Add(bytes.Repeat([]byte{1}, 16*4*3), uint32(3), uint32(3))
	f.Add([]byte("short"), uint32(0xFFFFFFFF), uint32(1))
	f.Add([]byte("long"), uint32(50_000_000), uint32(50_000_000))
	f.Fuzz(func(t *testing.T, pixels []byte, width, height uint32) {
		b := binary.LittleEndian.AppendUint32(bytes.Clone(pixels), width)
		b = append(binary.LittleEndian.AppendUint32(b, height), make([]byte, 12)...)
		size := len(b)
		out, err := toPNG(b)
		if err != nil {
			return
		}
		c, err := png.DecodeConfig(bytes.NewReader(out))
		if err != nil || uint32(c.Width) != width || uint32(c.Height) != height || c.Width*c.Height*4 > size {
			t.Fatalf("%d by %d of %d bytes: %+v, %v", width, height, size, c, err)
		}
	})
}

func sample() backuptest.Backup {
	in := func(domain, path string, b []byte) backuptest.File {
		return backuptest.File{Domain: domain, Path: path, Content: b}
	}
	stack := posterFolder + "/61/Extensions/com.apple.PhotosUIPrivate.PhotosPosterProvider/configurations/A/versions/1/contents/B/output.layerStack/"
	return backuptest.Backup{Files: []backuptest.File{
		in(domain, folder+"LockBackground.cpbitmap", bitmap(100, 40, 112)), in(domain, folder+"LockBackgroundThumbnail.jpg", []byte("jpeg")),
		in(domain, folder+"HomeBackground.cpbitmap", []byte("no picture")), in(domain, folder+"HomeBackgroundThumbnail.jpg", []byte("jpeg")),
		in(domain, folder+"LockBackgrounddark.cpbitmap", nil), in(domain, folder+"HomeBackgroundThumbnaildark.jpg", []byte("jpeg")),
		in(domain, folder+"OriginalLockBackground.cpbitmap", bitmap(100, 60, 112)),
		in(posterDomain, stack+"portrait-layer_background.HEIC", []byte("heic")), in(posterDomain, stack+"portrait-layer_foreground.HEIC", []byte("heic")),
		in(posterDomain, stack+"Contents.plist", []byte("list")), in(posterDomain, posterFolder+"/61/snapshot.png", []byte("png")),
		in(posterDomain, posterFolder+"/62/output.layerStack/landscape: 1.png", []byte("png")),
		{Domain: posterDomain, Path: posterFolder + "/62/output.layerStack/link.png", Target: "/etc/passwd"},
	}}
}

func TestView(t *testing.T) { viewtest.Run(t, viewtest.Case{View: View{}, Backup: sample()}) }
