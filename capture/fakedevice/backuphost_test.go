package fakedevice_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"howett.net/plist"

	"ibfs/capture/fakedevice"
)

// A linkHost is the simplest one that a phone can back up to: it does as it is
// told, without a doubt, below one folder.
type linkHost struct {
	dir  string
	free uint64 // 0 is enough
	drop bool   // keep no file
	conn net.Conn
	r    *bufio.Reader
	w    *bufio.Writer
	seen []string // names of the messages
	told []float64
}

// request connects a host to the phone, asks one thing, and returns the final
// response.
func (h *linkHost) request(t testing.TB, p *fakedevice.Phone, message map[string]any) (map[string]any, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	near, far := socketPair(t)
	defer near.Close()
	served := make(chan error, 1)
	go func() { served <- p.ServeBackup(ctx, far) }()
	h.conn, h.r, h.w = near, bufio.NewReaderSize(near, 256<<10), bufio.NewWriter(near)
	h.seen, h.told = nil, nil
	response, err := h.talk(message)
	near.Close()
	<-served // its error is in the run
	return response, err
}

func (h *linkHost) backup(t testing.TB, p *fakedevice.Phone) (map[string]any, error) {
	t.Helper()
	return h.request(t, p, map[string]any{"MessageName": "Backup", "TargetIdentifier": udid})
}

// socketPair is a connection that has a buffer, as a real one does.
func socketPair(t testing.TB) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

func (h *linkHost) talk(message map[string]any) (map[string]any, error) {
	if _, err := h.receive("DLMessageVersionExchange"); err != nil {
		return nil, err
	}
	if err := h.send("DLMessageVersionExchange", "DLVersionsOk", 400); err != nil {
		return nil, err
	}
	if _, err := h.receive("DLMessageDeviceReady"); err != nil {
		return nil, err
	}
	hello := map[string]any{"MessageName": "Hello", "SupportedProtocolVersions": []float64{2.0, 2.1}}
	if err := h.send("DLMessageProcessMessage", hello); err != nil {
		return nil, err
	}
	answer, err := h.receive("DLMessageProcessMessage")
	if err != nil {
		return nil, err
	}
	if r := answer[1].(map[string]any); r["ErrorCode"] != uint64(0) {
		return r, nil
	}
	if err := h.send("DLMessageProcessMessage", message); err != nil {
		return nil, err
	}
	for {
		m, err := h.receive("")
		if err != nil {
			return nil, err
		}
		name := m[0].(string)
		h.seen = append(h.seen, name)
		switch name {
		case "DLMessageProcessMessage":
			return m[1].(map[string]any), h.send("DLMessageDisconnect", "___EmptyParameterString___")
		case "DLMessageDisconnect":
			return nil, errors.New("the phone disconnected")
		}
		if err := h.serve(name, m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

func (h *linkHost) path(name any) string { return filepath.Join(h.dir, name.(string)) }

func (h *linkHost) serve(name string, m []any) error {
	switch name {
	case "DLContentsOfDirectory":
		entries, err := os.ReadDir(h.path(m[1]))
		list := map[string]any{}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				return err
			}
			kind := "DLFileTypeRegular"
			if e.IsDir() {
				kind = "DLFileTypeDirectory"
			}
			list[e.Name()] = map[string]any{"DLFileType": kind, "DLFileSize": info.Size(), "DLFileModificationDate": info.ModTime()}
		}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return h.status(err, list)
	case "DLMessageDownloadFiles":
		return h.upload(m[1].([]any))
	case "DLMessageUploadFiles":
		h.told = append(h.told, m[2].(float64))
		return h.download()
	case "DLMessageGetFreeDiskSpace":
		if h.free != 0 {
			return h.status(nil, h.free)
		}
		return h.status(nil, uint64(1<<40))
	case "DLMessageCreateDirectory":
		return h.status(os.MkdirAll(h.path(m[1]), 0o700), map[string]any{})
	case "DLMessageMoveItems":
		for from, to := range m[1].(map[string]any) {
			if err := os.Rename(h.path(from), h.path(to)); err != nil {
				return h.status(err, map[string]any{})
			}
		}
		return h.status(nil, map[string]any{})
	case "DLMessageRemoveItems":
		for _, name := range m[1].([]any) {
			if err := os.RemoveAll(h.path(name)); err != nil {
				return err
			}
		}
		return h.status(nil, map[string]any{})
	}
	return h.send("DLMessageStatusResponse", -1, "not supported", map[string]any{})
}

func (h *linkHost) status(err error, payload any) error {
	if err != nil {
		return h.send("DLMessageStatusResponse", -11, err.Error(), map[string]any{})
	}
	return h.send("DLMessageStatusResponse", 0, "___EmptyParameterString___", payload)
}

// upload sends what the phone wants to download.
func (h *linkHost) upload(names []any) error {
	code, text := 0, "___EmptyParameterString___"
	for _, name := range names {
		h.string(name.(string))
		data, err := os.ReadFile(h.path(name))
		if err != nil {
			code, text = -13, "Multi status"
			h.w.Write(fakedevice.Frame(0x06, []byte("No such file or directory")))
			continue
		}
		for len(data) > 0 {
			n := min(len(data), 32<<10)
			h.w.Write(fakedevice.Frame(0x0C, data[:n]))
			data = data[n:]
		}
		h.w.Write(fakedevice.Frame(0x00, nil))
	}
	h.w.Write(make([]byte, 4))
	return h.send("DLMessageStatusResponse", code, text, map[string]any{})
}

// download takes what the phone uploads.
func (h *linkHost) download() error {
	for {
		name, err := h.readString()
		if err != nil || name == "" {
			return errors.Join(err, h.status(err, map[string]any{}))
		}
		if name, err = h.readString(); err != nil {
			return err
		}
		if err := h.file(h.path(name)); err != nil {
			return err
		}
	}
}

// file takes one file. An error frame ends it as any other end does.
func (h *linkHost) file(name string) error {
	f := io.Discard
	if !h.drop {
		out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		defer out.Close()
		f = out
	}
	for {
		n, err := h.uint32()
		if err != nil {
			return err
		}
		code, err := h.r.ReadByte()
		if err != nil {
			return err
		}
		out := f
		if code != 0x0C {
			out = io.Discard
		}
		if _, err := io.CopyN(out, h.r, int64(n)-1); err != nil {
			return err
		}
		if code != 0x0C {
			return nil
		}
	}
}

func (h *linkHost) uint32() (uint32, error) {
	var b [4]byte
	_, err := io.ReadFull(h.r, b[:])
	return binary.BigEndian.Uint32(b[:]), err
}

func (h *linkHost) readString() (string, error) {
	n, err := h.uint32()
	if err != nil || n > 4096 {
		return "", errors.Join(err, fmt.Errorf("name of %d bytes", n))
	}
	b := make([]byte, n)
	_, err = io.ReadFull(h.r, b)
	return string(b), err
}

func (h *linkHost) string(s string) {
	h.w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
	h.w.WriteString(s)
}

func (h *linkHost) send(message ...any) error {
	data, err := plist.Marshal(message, plist.BinaryFormat)
	if err != nil {
		return err
	}
	h.string(string(data))
	return h.w.Flush()
}

// receive waits for a message, of the name given if any.
func (h *linkHost) receive(name string) ([]any, error) {
	n, err := h.uint32()
	if err != nil {
		return nil, err
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(h.r, data); err != nil {
		return nil, err
	}
	var m []any
	if _, err := plist.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	if len(m) == 0 || name != "" && m[0] != name {
		return nil, fmt.Errorf("got %v, want %q", m, name)
	}
	return m, nil
}
