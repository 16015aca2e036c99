package thumbs

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const signature = "\x89PNG\r\n\x1a\n"

func chunk(kind, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

func packed(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

// png is a file with some chunks before the picture and some after it.
func png(before, after string) string {
	ihdr := chunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00")
	return signature + ihdr + before + chunk("IDAT", packed("\x00\x00")) + after + chunk("IEND", "")
}

const anURI = "file:///home/anna/iphone/a%20b.jpg"

func TestReadURI(t *testing.T) {
	bomb := packed(strings.Repeat("x", maxText+1))
	tests := []struct {
		name, in, want string
		err            error
	}{
		{name: "before the picture", in: png(chunk("tEXt", "Thumb::MTime\x001")+chunk("tEXt", "Thumb::URI\x00"+anURI), ""), want: anURI},
		{name: "after the picture", in: png("", chunk("tEXt", "Thumb::URI\x00"+anURI)), want: anURI},
		{name: "packed, as Qt does", in: png(chunk("zTXt", "Thumb::URI\x00\x00"+packed(anURI)), ""), want: anURI},
		{name: "international", in: png(chunk("iTXt", "Thumb::URI\x00\x00\x00en\x00\x00"+anURI), ""), want: anURI},
		{name: "international, packed", in: png(chunk("iTXt", "Thumb::URI\x00\x01\x00\x00\x00"+packed(anURI)), ""), want: anURI},
		{name: "none", in: png(chunk("tEXt", "Software\x00x"), "")},
		{name: "key alone", in: png(chunk("tEXt", "Thumb::URI"), "")},
		{name: "packed nothing", in: png(chunk("zTXt", "Thumb::URI\x00"), "")},
		{name: "packed nonsense", in: png(chunk("zTXt", "Thumb::URI\x00\x00nonsense"), "")},
		{name: "international, cut", in: png(chunk("iTXt", "Thumb::URI\x00\x00\x00en"), "")},
		{name: "a small chunk that becomes large", in: png(chunk("zTXt", "Thumb::URI\x00\x00"+bomb), "")},
		{name: "too long a text", in: png(chunk("tEXt", "Thumb::URI\x00"+strings.Repeat("x", maxText)), chunk("tEXt", "Thumb::URI\x00"+anURI)), want: anURI},
		{name: "a length that lies", in: signature + "\xff\xff\xff\xfftEXtThumb::URI\x00x", err: io.ErrUnexpectedEOF},
		{name: "a length within bounds that lies", in: signature + "\x00\x00\xff\xfftEXtThumb::URI\x00x", err: io.ErrUnexpectedEOF},
		{name: "no end", in: png("", "")[:60], err: io.ErrUnexpectedEOF},
		{name: "chunks without end", in: signature + strings.Repeat(chunk("abCD", ""), 2*maxChunks)},
		{name: "empty", err: errNotPNG},
		{name: "a JPEG", in: "\xff\xd8\xff\xe0\x00\x10JFIF", err: errNotPNG},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := readURI(strings.NewReader(tt.in)); got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("readURI() = %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestBelongs(t *testing.T) {
	tests := []struct {
		uri  string
		want bool
	}{
		{"file:///home/anna/iphone/Anna%27s%20iPhone/a.jpg", true},
		{"file://localhost/home/anna/iphone/a.jpg", true},
		{"file:///link/a.jpg", true},
		{"file:///home/anna/./iphone//a.jpg", true},
		{"file:///home/anna/iphone/../b.jpg", false},
		{"file:///home/anna/iphone2/a.jpg", false},
		{"file:///home/anna/iphone", false}, // the folder itself
		{"http://home/anna/iphone/a.jpg", false},
		{"/home/anna/iphone/a.jpg", false},
		{"file:///home/anna/iphone/%zz", false},
		{"\x00", false},
	}
	for _, tt := range tests {
		if got := belongs(tt.uri, []string{"/home/anna/iphone", "/link/"}); got != tt.want {
			t.Errorf("belongs(%q) = %v", tt.uri, got)
		}
	}
}

func nameOf(uri string) string {
	sum := md5.Sum([]byte(uri))
	return hex.EncodeToString(sum[:]) + ".png"
}

func TestFindAndRemoveFC28(t *testing.T) {
	folder := t.TempDir()
	const mount = "/home/anna/iphone"
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := func(uri string) string { return png(chunk("tEXt", "Thumb::URI\x00"+uri), "") }
	odd := mount + "/ä (1);[x].jpg"
	mine := []string{
		"normal/" + nameOf("file://"+mount+"/a.jpg"),
		"x-large/" + nameOf("other name, as some write it"),
		"fail/gnome-thumbnail-factory/" + nameOf("file://"+mount+"/broken.jpg"),
		"normal/" + nameOf("file://"+mount+"/silent.jpg"),
		"large/" + nameOf("file://"+mount+"/silent.jpg"),
		"normal/" + nameOf("file://"+mount+"/%C3%A4%20(1)%3B%5Bx%5D.jpg"), // by GLib
		"large/" + nameOf("file://"+mount+"/%C3%A4%20(1);[x].jpg"),        // by Qt
	}
	for _, name := range mine[:3] {
		write(name, says("file://"+mount+"/x.jpg"))
	}
	for _, name := range mine[3:] {
		write(name, "")
	}
	foreign := []string{
		"normal/" + nameOf("file:///home/anna/cat.jpg"),
		"normal/" + nameOf("file:///home/anna/silent.jpg"),
		"normal/notes.png",
		"large/" + strings.ToUpper(nameOf("x")),
	}
	write(foreign[0], says("file:///home/anna/cat.jpg"))
	write(foreign[1], "")
	write(foreign[2], says("file://"+mount+"/x.jpg"))
	write(foreign[3], says("file://"+mount+"/x.jpg"))
	// A name of the right form that leads elsewhere is not followed.
	outside := filepath.Join(t.TempDir(), "precious.png")
	if err := os.WriteFile(outside, []byte(says("file://"+mount+"/x.jpg")), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign = append(foreign, "normal/"+nameOf("link"))
	if err := os.Symlink(outside, filepath.Join(folder, foreign[4])); err != nil {
		t.Fatal(err)
	}

	paths := slices.Values([]string{mount + "/a.jpg", mount + "/silent.jpg", odd})
	found, err := Find(t.Context(), folder, []string{mount}, paths)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(mine)
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("Find() =\n%q, want\n%q", found, want)
	}
	if without, err := Find(t.Context(), folder, []string{mount}, nil); len(without) != 3 || err != nil {
		t.Errorf("Find() without paths = %q, %v; want the three that say it", without, err)
	}
	if n, err := Remove(folder, append(found, "normal/gone.png")); n != len(mine) || err != nil {
		t.Errorf("Remove() = %d, %v; want %d", n, err, len(mine))
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("a foreign file is gone: %v", err)
		}
	}
	if n, err := Remove(folder, []string{"../x.png"}); n != 0 || err == nil {
		t.Errorf("Remove() of what lies outside = %d, %v", n, err)
	}
}

func TestFindWithoutThumbnails(t *testing.T) {
	if got, err := Find(t.Context(), filepath.Join(t.TempDir(), "none"), []string{"/mnt"}, nil); got != nil || err != nil {
		t.Errorf("Find() = %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, t.TempDir(), []string{"/mnt"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Find() = %v", err)
	}
}

func FuzzReadURI(f *testing.F) {
	f.Add([]byte(png(chunk("tEXt", "Thumb::URI\x00"+anURI), "")))
	f.Add([]byte(png("", chunk("zTXt", "Thumb::URI\x00\x00"+packed(anURI)))))
	f.Add([]byte(png("", chunk("iTXt", "Thumb::URI\x00\x01\x00\x00\x00"+packed(anURI)))))
	f.Add([]byte(signature + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		uri, err := readURI(bytes.NewReader(b))
		if err != nil || uri == "" {
			return
		}
		if len(uri) > maxText {
			t.Fatalf("a URI of %d bytes", len(uri))
		}
		again, err := readURI(strings.NewReader(png(chunk("zTXt", "Thumb::URI\x00\x00"+packed(uri)), "")))
		if err != nil || again != uri {
			t.Fatalf("%q is read back as %q, %v", uri, again, err)
		}
	})
}
