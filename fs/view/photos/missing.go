package photos

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"ibfs/fs/view"
)

// maxMissing bounds the text that tells what is missing, in bytes.
const maxMissing = 16 << 20

// missing tells which originals the backup does not hold; nil where it holds
// all. What others share, and rows that the app does not show, are none.
func missing(lib *library) []byte {
	of := func(p *photo) bool { return !p.is(shared|stray|twin) && (!p.is(unseen) || p.burst != 0) }
	all, gone, unlisted := 0, 0, 0
	var lines bytes.Buffer
	names := lib.missingAlbums()
	for i := range lib.photos {
		p := &lib.photos[i]
		if !of(p) {
			continue
		}
		all++
		if p.file != entry0 {
			continue
		}
		gone++
		if lines.Len() > maxMissing {
			unlisted++
			continue
		}
		missingLine(&lines, p, names[int32(i)])
	}
	if gone == 0 {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s of %s originals are not in this backup.\n\n", thousands(gone), thousands(all))
	b.WriteString("A phone that is set to save space keeps small versions and leaves the originals in iCloud.\n" +
		"A backup holds what is on the phone, and nothing that iCloud Photos keeps already.\n\n")
	b.Write(lines.Bytes())
	if unlisted > 0 {
		fmt.Fprintf(&b, "and %s more\n", thousands(unlisted))
	}
	return b.Bytes()
}

func missingLine(b *bytes.Buffer, p *photo, albums []string) {
	when := "unknown date       "
	if p.at != 0 {
		when = p.local().Format(stampLayout)
	}
	fmt.Fprintf(b, "%s  %s", when, cmp.Or(short(p.name), "of an unknown name"))
	if p.size > 0 {
		fmt.Fprintf(b, ", %s", bytesText(p.size))
	}
	for _, note := range []struct {
		on   bool
		text string
	}{
		{p.is(hidden), "hidden"}, {p.is(trashed), "recently deleted"},
		{p.edit != entry0, "what it was edited to is shown"}, {p.preview != entry0, "a preview is shown"},
	} {
		if note.on {
			b.WriteString(", " + note.text)
		}
	}
	if len(albums) > 0 {
		b.WriteString(", in " + strings.Join(albums, ", "))
	}
	b.WriteByte('\n')
}

// missingAlbums are the albums of each photo, by its place, whose original is
// not there.
func (lib *library) missingAlbums() map[int32][]string {
	names := map[int32][]string{}
	for _, m := range lib.members {
		if p := &lib.photos[m.photo]; p.file == entry0 && len(names[m.photo]) < maxAlbumNames {
			names[m.photo] = append(names[m.photo], strconv.Quote(short(lib.albums[m.album].title)))
		}
	}
	return names
}

const maxAlbumNames = 8 // of one photo that are told

// short is a title in one line, as far as it is kept.
func short(s string) string {
	s = view.OneLine(s)
	if len(s) > maxTitle {
		s = strings.ToValidUTF8(s[:maxTitle], "") + "…"
	}
	return s
}

// bytesText is a size as people say it, in powers of 1,000.
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// thousands is a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
