package thumbs

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// Bounds of what is read of a thumbnail.
const (
	maxChunks = 1000
	maxText   = 64 << 10 // bytes of one text, packed or not
)

// uriOf returns the URI in a thumbnail, "" when it holds none or is no PNG.
func uriOf(root *os.Root, name string) string {
	f, err := root.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	uri, err := readURI(f)
	if err != nil {
		return ""
	}
	return uri
}

var errNotPNG = errors.New("not a PNG file")

// readURI returns the text "Thumb::URI" of a PNG file, "" when it has none.
//
// Wire: 8 bytes signature; then chunks: uint32 big-endian length of the data,
// 4 bytes type, data, 4 bytes checksum. Texts are in three types, each with the
// key and a zero byte first: tEXt the text; zTXt a byte 0 and the text by zlib
// (Qt packs texts of 40 characters and more); iTXt a byte that is 1 when the text
// is by zlib, a byte 0, language and translated key, each with a zero byte after
// it, the text. A text of more than maxText bytes is left out, nothing is
// allocated for it; a file cut short gives io.ErrUnexpectedEOF.
//
// Source: PNG specification, third edition, 5.3 and 11.3.3.
func readURI(r io.ReadSeeker) (string, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:]) != "\x89PNG\r\n\x1a\n" {
		return "", errNotPNG
	}
	for range maxChunks {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return "", io.ErrUnexpectedEOF
		}
		size, kind := int64(binary.BigEndian.Uint32(head[:4])), string(head[4:])
		switch {
		case kind == "IEND":
			return "", nil
		case (kind == "tEXt" || kind == "zTXt" || kind == "iTXt") && size <= maxText:
			data := make([]byte, size)
			if _, err := io.ReadFull(r, data); err != nil {
				return "", io.ErrUnexpectedEOF
			}
			if text, ok := textOf(kind, data); ok {
				return text, nil
			}
			size = 0
		}
		if _, err := r.Seek(size+4, io.SeekCurrent); err != nil { // the checksum too: what is cut off shows at the next chunk
			return "", err
		}
	}
	return "", nil
}

// textOf returns the text of a chunk if its key is Thumb::URI.
func textOf(kind string, data []byte) (string, bool) {
	key, rest, ok := bytes.Cut(data, []byte{0})
	if !ok || string(key) != "Thumb::URI" {
		return "", false
	}
	packed := false
	switch kind {
	case "zTXt":
		if len(rest) < 1 {
			return "", false
		}
		packed, rest = true, rest[1:]
	case "iTXt":
		if len(rest) < 2 {
			return "", false
		}
		packed = rest[0] == 1
		_, after, ok1 := bytes.Cut(rest[2:], []byte{0})
		_, text, ok2 := bytes.Cut(after, []byte{0})
		if !ok1 || !ok2 {
			return "", false
		}
		rest = text
	}
	if !packed {
		return string(rest), true
	}
	z, err := zlib.NewReader(bytes.NewReader(rest))
	if err != nil {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(z, maxText+1))
	return string(text), err == nil && len(text) <= maxText
}
