package fakedevice

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
)

// The codes of a file's frames.
const (
	frameEnd         = 0x00
	frameLocalError  = 0x06
	frameRemoteError = 0x0B
	frameData        = 0x0C
)

// maxName bounds the names and error texts that a host sends.
const maxName = 4096

// Frame is one frame of a file on the wire: uint32 big-endian length, which
// counts the code, the code, the body.
func Frame(code byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	return append(append(b, code), body...)
}

// startFile names the next file of an upload: as the phone calls it, then where
// the host is to put it.
func (l *link) startFile(name, destination string) error {
	if err := l.writeString(name); err != nil {
		return err
	}
	return l.writeString(destination)
}

// sendData sends size bytes of a file in frames of at most frame bytes.
func (l *link) sendData(content io.Reader, size, frame int64) error {
	for size > 0 {
		n := min(size, frame)
		head := binary.BigEndian.AppendUint32(l.w.AvailableBuffer(), uint32(n+1))
		if _, err := l.w.Write(append(head, frameData)); err != nil {
			return err
		}
		if _, err := io.CopyN(l.w, content, n); err != nil {
			return noEOF(err)
		}
		size -= n
	}
	return nil
}

// endFile ends a file. Without a text it is whole, else its end is an error.
func (l *link) endFile(code byte, text string) error {
	if err := l.writeUint32(uint32(len(text) + 1)); err != nil {
		return err
	}
	if err := l.w.WriteByte(code); err != nil {
		return err
	}
	_, err := l.w.WriteString(text)
	return err
}

// endUpload ends the list of files and waits for what the host says of them.
func (l *link) endUpload() (verdict, error) {
	if err := errors.Join(l.writeUint32(0), l.w.Flush()); err != nil {
		return verdict{}, err
	}
	return l.answer()
}

// A fetched is a file that the host was asked for.
type fetched struct {
	Print
	data    []byte // where it was to be kept
	failure string // why there is none
}

// receiveFiles reads the files of a download, up to the host's verdict response.
// Only paths that were asked for may come, in their order; the host may leave
// off after one that it does not have, as idevicebackup2 does. It returns the
// length of the longest data frame too.
func (l *link) receiveFiles(paths []string, keep []string) (files map[string]fetched, longest int, s verdict, err error) {
	files = make(map[string]fetched, len(paths))
	next := 0
	for {
		n, err := l.readUint32()
		if err != nil {
			return files, longest, s, err
		}
		if n == 0 {
			break
		}
		name, err := l.readString(n, maxName)
		if err != nil {
			return files, longest, s, err
		}
		at := slices.Index(paths[next:], name)
		if at < 0 {
			return files, longest, s, fmt.Errorf("the host sent %q, which was not asked for, or not then", name)
		}
		next += at + 1
		file, frame, err := l.receiveFile(slices.Contains(keep, path.Base(name)))
		if err != nil {
			return files, longest, s, fmt.Errorf("receive %s: %w", name, err)
		}
		files[name] = file
		longest = max(longest, frame)
	}
	s, err = l.answer()
	return files, longest, s, err
}

func (l *link) receiveFile(keep bool) (file fetched, longest int, err error) {
	hash := sha256.New()
	out := io.Writer(hash)
	var kept bytes.Buffer
	if keep {
		out = io.MultiWriter(hash, &kept)
	}
	for {
		n, err := l.readUint32()
		if err != nil {
			return file, longest, err
		}
		code, err := l.r.ReadByte()
		if err != nil {
			return file, longest, noEOF(err)
		}
		switch {
		case n > 1 && code == frameData:
			longest = max(longest, int(n-1))
			got, err := io.CopyBuffer(out, io.LimitReader(l.r, int64(n-1)), l.buf)
			if file.Size += got; err != nil || got < int64(n-1) {
				return file, longest, cmp.Or(err, io.ErrUnexpectedEOF)
			}
		case n == 1 && code == frameEnd:
			hash.Sum(file.Sum[:0])
			file.data = kept.Bytes()
			return file, longest, nil
		case n > 1 && (code == frameLocalError || code == frameRemoteError):
			file.failure, err = l.readString(n-1, maxName)
			return file, longest, err
		default:
			return file, longest, fmt.Errorf("frame of length %d with code %#x", n, code)
		}
	}
}
