//go:build linux

package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"ibfs/backupfmt/backuptest"
)

// The databases of a large library, made by SQL alone: {n} photos in 500 albums,
// and twice as many messages in 300 conversations; one album and one conversation
// have a tenth of all. Each table has the columns that its view reads.
var (
	//go:embed photos.sql
	photosSQL string
	//go:embed messages.sql
	messagesSQL string
)

const (
	largeAlbum = "Photos/Albums/Album 1"
	largeChat  = "Messages/+4917600000001"
)

// largeLibrary is an encrypted backup with the databases above, and three rows a photo.
func (in *inputs) largeLibrary(ctx context.Context, n int) (string, error) {
	size := strings.NewReplacer("{n}", fmt.Sprint(n), "{2n}", fmt.Sprint(2*n), "{n/10}", fmt.Sprint(n/10))
	photos, err := backuptest.Database(size.Replace(photosSQL))
	if err != nil {
		return "", err
	}
	texts, err := backuptest.Database(size.Replace(messagesSQL))
	if err != nil {
		return "", err
	}
	b := backuptest.Backup{Password: password, Files: []backuptest.File{
		{Domain: "CameraRollDomain", Path: "Media/PhotoData/Photos.sqlite", Content: photos},
		{Domain: "HomeDomain", Path: "Library/SMS/sms.db", Content: texts},
	}}
	b.Stream = func(yield func(backuptest.File) bool) {
		for i := 1; i <= n; i++ {
			name := fmt.Sprintf("DCIM/%dAPPLE/IMG_%04d", 100+i/1000, i%10000)
			for _, p := range []string{"Media/" + name + ".HEIC", "Media/" + name + ".MOV", "Media/PhotoData/Thumbnails/V2/" + name + ".HEIC/5005.JPG"} {
				if !yield(backuptest.File{Domain: "CameraRollDomain", Path: p, Size: 1000, Blob: backuptest.Absent}) {
					return
				}
			}
		}
	}
	return in.get(ctx, fmt.Sprintf("library-%d", n), fmt.Sprintf("%d photos and %d messages", n, 2*n), b)
}

// A look is a folder or file that somebody opens after others.
type look struct {
	what string
	bar  float64 // seconds
	args []string
}

// views is how soon somebody sees the large views: from the unlocking on, and
// then in the largest of their folders.
func (b *bencher) views(ctx context.Context) error {
	dir, err := b.inputs.largeLibrary(ctx, b.library)
	if err != nil {
		return err
	}
	for _, first := range []struct {
		name string
		then []look
	}{
		{"Photos", []look{{"ls of an album of a tenth", 0.3, []string{"ls", largeAlbum}}}},
		{"Messages", []look{
			{"ls -l of a conversation of a tenth", 0.5, []string{"ls", "-l", largeChat}},
			{"cat of its page, then", 0, []string{"cat", largeChat + "/conversation.html"}},
		}},
	} {
		if err := b.lookInto(ctx, dir, first.name, first.then); err != nil {
			return fmt.Errorf("%s: %w", first.name, err)
		}
	}
	return nil
}

func (b *bencher) lookInto(ctx context.Context, dir, name string, then []look) error {
	took := make([]series, 1+len(then))
	var resident series
	for range b.runs {
		_, err := b.with(ctx, setup{Source: dir}, func(m *mount) (float64, error) {
			seconds, err := command(ctx, "ls", m.at(name))
			if err != nil {
				return 0, err
			}
			took[0] = append(took[0], m.Waited+seconds)
			for i, l := range then {
				last := len(l.args) - 1
				args := append(l.args[:last:last], m.at(l.args[last]))
				if seconds, err = command(ctx, args...); err != nil {
					return 0, err
				}
				took[i+1] = append(took[i+1], seconds)
			}
			now, _, err := memory(m.cmd.Process.Pid)
			resident = append(resident, float64(now))
			return 0, err
		})
		if err != nil {
			return err
		}
	}
	for i, l := range append([]look{{what: "ls " + name + ", from unlocking on", bar: 1}}, then...) {
		r := row{what: l.what, at: count(3 * b.library), measured: duration(took[i].median())}
		if l.bar > 0 {
			r.bar, r.ratio = "≤ "+duration(l.bar), times(took[i].median()/l.bar, "the bar")
		}
		b.table.add(r)
	}
	b.table.add(row{what: "  RAM of the mount after it", bar: "≤ " + megabytes(maxResident), measured: megabytes(int64(resident.median())), ratio: times(resident.median()/maxResident, "the bar")})
	return nil
}
