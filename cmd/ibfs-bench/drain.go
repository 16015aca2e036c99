//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	iofs "io/fs"
	"maps"
	"path"
	"strings"
	"time"

	"ibfs/capture/devicelink"
	"ibfs/capture/lockdown"
	"ibfs/capture/usbmux"
)

// drain is the least that a host can do: it answers a phone's messages and keeps
// nothing of its files. What that takes is what the phone takes.
func drain(ctx context.Context, mux *usbmux.Mux, dev usbmux.Device) (devicelink.Outcome, error) {
	var none devicelink.Outcome
	record, err := lockdown.Pair(ctx, mux, dev, lockdown.PairOptions{Timeout: time.Second})
	if err != nil {
		return none, err
	}
	client, err := lockdown.Open(ctx, mux, dev, lockdown.Options{})
	if err != nil {
		return none, err
	}
	defer client.Close()
	if err := client.StartSession(ctx, record); err != nil {
		return none, err
	}
	stream, err := client.Service(ctx, "com.apple.mobilebackup2", true)
	if err != nil {
		return none, err
	}
	link, err := devicelink.Open(ctx, stream, devicelink.Options{})
	if err != nil {
		return none, err
	}
	defer link.Close()
	if err := link.Process(ctx, map[string]any{"MessageName": "Hello", "SupportedProtocolVersions": []any{2.0, 2.1}}); err != nil {
		return none, err
	}
	if _, err := link.Response(ctx); err != nil {
		return none, err
	}
	if err := link.Process(ctx, map[string]any{"MessageName": "Backup", "TargetIdentifier": dev.UDID, "SourceIdentifier": dev.UDID}); err != nil {
		return none, err
	}
	answer, outcome, err := link.Serve(ctx, &sink{folders: map[string]map[string]*sunk{"": {}}}, nil)
	if err != nil {
		return outcome, err
	}
	if code, ok := answer.Get("ErrorCode").Int(); !ok || code != 0 {
		return outcome, fmt.Errorf("the phone ended with code %d", code)
	}
	return outcome, nil
}

// A sink is a folder for a phone that remembers the lengths of files, and the content
// of the few that the phone reads again.
type sink struct{ folders map[string]map[string]*sunk }

// sunk is what is known of a file; nil is a folder.
type sunk struct {
	size int64
	kept []byte
}

func (s *sink) at(name string) *sunk { return s.folders[dir(name)][path.Base(name)] }

func dir(name string) string { return strings.TrimSuffix(path.Dir(name), ".") }

func (s *sink) Open(name string) (io.ReadCloser, error) {
	f := s.at(name)
	if f == nil {
		return nil, iofs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(f.kept)), nil
}

func (s *sink) Create(name string) (devicelink.Writer, error) {
	return &sinking{s: s, name: name, keeps: strings.Contains(path.Base(name), ".")}, nil
}

func (s *sink) FreeSpace() (uint64, error) { return 1 << 40, nil }

func (s *sink) List(name string, yield func(devicelink.Entry) error) error {
	for name, f := range s.folders[name] {
		e := devicelink.Entry{Name: name, Kind: devicelink.Directory}
		if f != nil {
			e.Kind, e.Size = devicelink.Regular, f.size
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *sink) MakeDir(name string) error {
	if s.folders[name] == nil {
		s.folders[name] = map[string]*sunk{}
		if err := s.MakeDir(dir(name)); err != nil {
			return err
		}
		s.folders[dir(name)][path.Base(name)] = nil
	}
	return nil
}

// Move moves files alone.
func (s *sink) Move(_ context.Context, from, to string) error {
	f := s.at(from)
	if f == nil {
		return iofs.ErrNotExist
	}
	delete(s.folders[dir(from)], path.Base(from))
	return s.put(to, f)
}

func (s *sink) put(name string, f *sunk) error {
	err := s.MakeDir(dir(name))
	s.folders[dir(name)][path.Base(name)] = f
	return err
}

func (s *sink) Remove(_ context.Context, name string) error {
	delete(s.folders[dir(name)], path.Base(name))
	maps.DeleteFunc(s.folders, func(folder string, _ map[string]*sunk) bool { return strings.HasPrefix(folder+"/", name+"/") })
	return nil
}

func (s *sink) Copy(context.Context, string, string) error { return devicelink.ErrRefused }

// sinking is a file on its way.
type sinking struct {
	s     *sink
	name  string
	keeps bool
	sunk
}

func (f *sinking) Write(p []byte) (int, error) {
	f.size += int64(len(p))
	if f.keeps {
		f.kept = append(f.kept, p...)
	}
	return len(p), nil
}

func (f *sinking) Commit() error           { return f.s.put(f.name, &f.sunk) }
func (f *sinking) Discard(context.Context) {}
