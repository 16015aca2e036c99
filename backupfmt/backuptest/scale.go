package backuptest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// photosPerFolder is how many photos each full folder of Scale holds.
const photosPerFolder = 10_000

// LargeVideo is the one large file of Scale. Its blob, where there are any, is
// a hole.
var LargeVideo = File{Domain: "CameraRollDomain", Path: "Media/DCIM/100APPLE/IMG_0000.MOV", Size: 5<<30 + 12345, Blob: Hole}

// Scale yields n rows in the proportions of a phone in use, for a Backup's
// Stream: some 500 to 1,400 domains, most of them a few folders; folders of
// photosPerFolder photos with their thumbnails; attachments and chat media in
// deep trees; a third of the rows folders when n is small, a fifth when it is
// large. One video is LargeVideo. The same n gives the same rows.
//
// blobs says what there is of each file. With Whole each has its content, of
// less than 100 bytes; otherwise the rows tell sizes as of real files.
func Scale(n int, blobs Blob) iter.Seq[File] {
	return func(yield func(File) bool) {
		s := &scale{rnd: rand.New(rand.NewPCG(uint64(n), 1)), blobs: blobs}
		domains := min(n/20, 560+n/1500, 1400)
		rest := n - 4*domains
		known := make(folders)
		for _, part := range []struct {
			rows  int
			files iter.Seq[File]
		}{
			{4 * domains, s.smallDomains},
			{rest * 30 / 100, s.photos},
			{rest * 18 / 100, s.thumbnails},
			{rest * 10 / 100, s.attachments},
			{rest * 15 / 100, s.chatMedia},
			{rest * 3 / 100, s.home},
			{n, s.apps},
		} {
			left := min(part.rows, n)
			n -= left
			if left == 0 {
				continue
			}
			stopped := false
			row := func(f File) bool {
				left--
				stopped = !yield(f)
				return !stopped && left > 0
			}
			for f := range part.files {
				if f.IsDir() && !known.add(f) {
					continue
				}
				if !known.addParents(f, row) || !row(f) {
					break
				}
			}
			if stopped {
				return
			}
		}
	}
}

// scale makes the parts of Scale. Each of its sequences goes on for ever.
type scale struct {
	rnd   *rand.Rand
	blobs Blob
}

// file is a file whose size is of the given magnitude.
func (s *scale) file(domain, path string, size int64) File {
	size = size/2 + s.rnd.Int64N(size)
	f := File{
		Domain: domain, Path: path, Size: size, Blob: s.blobs, Class: 3,
		ModTime: time.Unix(1_500_000_000+s.rnd.Int64N(250_000_000), 0),
	}
	if s.blobs == Whole {
		f.Content = noise(path, int(size%100))
	}
	if s.rnd.IntN(3) == 0 {
		f.Class = 4
	}
	return f
}

func (s *scale) smallDomains(yield func(File) bool) {
	for i := 0; ; i++ {
		domain := fmt.Sprintf("AppDomainPlugin-com.example.app%d.extension%d", i/4, i%4)
		switch i % 10 {
		case 7:
			domain = fmt.Sprintf("AppDomain-com.apple.part%d", i)
		case 8:
			domain = fmt.Sprintf("AppDomainGroup-group.com.example.app%d", i/4)
		case 9:
			domain = fmt.Sprintf("SysSharedContainerDomain-systemgroup.com.apple.part%d", i)
		}
		for _, path := range []string{"Library/Preferences", "Documents"} {
			if !yield(File{Domain: domain, Path: path, Mode: Folder}) {
				return
			}
		}
	}
}

// photoName is the path of a photo below DCIM.
func photoName(i int) string {
	folder, ext := 100+i/photosPerFolder, "HEIC"
	if i%20 == 19 {
		ext = "MOV"
	}
	return fmt.Sprintf("%dAPPLE/IMG_%04d.%s", folder, i%photosPerFolder, ext)
}

func (s *scale) photos(yield func(File) bool) {
	video := LargeVideo
	if s.blobs == Absent {
		video.Blob = Absent
	}
	for i := 0; ; i++ {
		f := s.file("CameraRollDomain", "Media/DCIM/"+photoName(i), 2<<20)
		switch {
		case i == 0:
			f = video
		case i%20 == 19:
			f.Size *= 20
		case i%4 == 0:
			f.Xattrs = map[string][]byte{
				"com.apple.assetsd.UUID":             noise(f.Path, 16),
				"com.apple.assetsd.originalFilename": fmt.Appendf(nil, "IMG_%04d.HEIC", i%photosPerFolder),
			}
		}
		if !yield(f) {
			return
		}
	}
}

func (s *scale) thumbnails(yield func(File) bool) {
	for i := 0; ; i++ {
		path := "Media/PhotoData/Thumbnails/V2/DCIM/" + photoName(i) + "/5005.JPG"
		if !yield(s.file("CameraRollDomain", path, 20_000)) {
			return
		}
	}
}

func (s *scale) attachments(yield func(File) bool) {
	for i := 0; ; i++ {
		path := fmt.Sprintf("Library/SMS/Attachments/%02x/%02d/%s/IMG_%04d.jpeg", s.rnd.IntN(256), s.rnd.IntN(16), s.uuid(), i%10000)
		if !yield(s.file("MediaDomain", path, 300_000)) {
			return
		}
	}
}

func (s *scale) chatMedia(yield func(File) bool) {
	const domain = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared"
	for i := 0; ; i++ {
		chat := i / 400
		path := fmt.Sprintf("Message/Media/%d@s.whatsapp.net/%x/%x/%s.jpg", 15550100000+chat, s.rnd.IntN(16), s.rnd.IntN(4), s.uuid())
		if !yield(s.file(domain, path, 150_000)) {
			return
		}
	}
}

func (s *scale) home(yield func(File) bool) {
	for i := 0; ; i++ {
		path := fmt.Sprintf("Library/Preferences/com.example.setting%d.plist", i)
		size := int64(2000)
		if i%10 == 9 {
			path, size = fmt.Sprintf("Library/Stores/store%d/Data-%s.sqlite", i, s.uuid()), 200_000
		}
		f := s.file("HomeDomain", path, size)
		if s.blobs != Whole {
			f.Digest = noise(path, 20)
		}
		if !yield(f) {
			return
		}
	}
}

func (s *scale) apps(yield func(File) bool) {
	for i := 0; ; i++ {
		app := i / 30 % 25
		path := fmt.Sprintf("Library/Application Support/com.example.store/%03d/%s", i/30, s.uuid())
		size := int64(1000) << s.rnd.IntN(10)
		if i%30 == 0 {
			path = fmt.Sprintf("Library/Application Support/com.example.store/%03d/index.sqlite", i/30)
		}
		if !yield(s.file(fmt.Sprintf("AppDomain-com.example.big%d", app), path, size)) {
			return
		}
	}
}

func (s *scale) uuid() string {
	a, b := s.rnd.Uint64(), s.rnd.Uint64()
	return fmt.Sprintf("%08X-%04X-%04X-%04X-%012X", a>>32, a>>16&0xFFFF, a&0xFFFF, b>>48, b&(1<<48-1))
}
