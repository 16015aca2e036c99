package thumbs

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// thumbnail is a PNG of a header and one text chunk.
func thumbnail(uri string) []byte {
	var b bytes.Buffer
	b.WriteString(pngMagic)
	chunk := func(kind, data string) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(kind + data + "crc!")
	}
	chunk("IHDR", "thirteen byte")
	chunk("tEXt", "Thumb::MTime\x001")
	chunk("tEXt", uriKey+uri)
	chunk("IEND", "")
	return b.Bytes()
}

func TestFC28(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string][]byte{
		"normal/ours.png":         thumbnail("file:///home/a/my%20phone/Anna/IMG_1.JPG"),
		"large/ours.png":          thumbnail("file:///home/a/my%20phone/Anna/IMG_2.JPG"),
		"normal/foreign.png":      thumbnail("file:///home/a/my%20phone%202/IMG_1.JPG"),
		"normal/remote.png":       thumbnail("sftp://host/home/a/my%20phone/x"),
		"normal/cut.png":          thumbnail("file:///home/a/my%20phone/x")[:60],
		"normal/no thumbnail.png": []byte("text"),
		"normal/other.txt":        thumbnail("file:///home/a/my%20phone/x"),
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Of(folder, "/home/a/my phone")
	if err != nil || !slices.Equal(found, []string{"large/ours.png", "normal/ours.png"}) {
		t.Fatalf("%q, %v", found, err)
	}
	if err := Remove(folder, found); err != nil {
		t.Fatal(err)
	}
	if found, err = Of(folder, "/home/a/my phone"); err != nil || len(found) > 0 {
		t.Errorf("after removing: %q, %v", found, err)
	}
	if _, err := os.Stat(folder + "/normal/foreign.png"); err != nil {
		t.Error(err)
	}
	if found, err := Of(folder+"/none", "/x"); err != nil || len(found) > 0 {
		t.Errorf("no folder: %q, %v", found, err)
	}
}

func FuzzFileOf(f *testing.F) {
	f.Add(thumbnail("file:///a/b"))
	f.Add([]byte(pngMagic + "\xff\xff\xff\xfftEXt"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if path := fileOf(bytes.NewReader(b)); path != "" && !bytes.Contains(b, []byte(uriKey)) {
			t.Errorf("%q out of nothing", path)
		}
	})
}
