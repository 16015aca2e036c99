//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"os/exec"
	"os/signal"

	"ibfs/backupfmt"
	"ibfs/capture"
	"ibfs/capture/fakedevice"
	"ibfs/capture/library"
	"ibfs/capture/usbmux"
)

// This program is three processes for a capture: the one that measures, a
// simulated phone, and a host that takes the backup, as ibfs backup does.
const (
	phoneCommand = "phone"
	hostCommand  = "host"
)

// A holding is what the phone process is told: the backup folders that it holds,
// one after another.
type holding struct{ Folders []string }

// playPhone plays a phone behind a usbmuxd. It writes the socket's path when it can be
// reached, goes on to the next folder with each line that it reads, and ends
// with its input.
func playPhone(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt)
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return errors.New("no setup")
	}
	var h holding
	if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
		return fmt.Errorf("read setup: %w", err)
	}
	var states []fakedevice.Content
	for _, dir := range h.Folders {
		s, err := fakedevice.ReadState(remember(dir))
		if err != nil {
			return err
		}
		states = append(states, fakedevice.Content{"": s})
	}
	phone := &fakedevice.Phone{Backup: fakedevice.Backup{Content: states[0]}}
	mux, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{phone}})
	if err != nil {
		return err
	}
	defer mux.Close()
	if _, err := fmt.Fprintln(out, mux.Socket()); err != nil {
		return err
	}
	for n := 1; lines.Scan(); n++ {
		phone.SetContent(states[n%len(states)])
		if _, err := fmt.Fprintln(out, "next"); err != nil {
			return err
		}
	}
	return nil
}

// An errand is what the host process is told.
type errand struct {
	Socket  string
	Library string  // "" is to pair, and nothing else
	Prove   bool    // verify what came before it is published
	Drain   bool    // keep nothing, and need no Library
	Lay     []int64 // make files of these lengths in Library, and need no Socket
}

// A result is what the host process says.
type result struct {
	Files    int
	Bytes    int64
	Own      int64  // bytes of the snapshot that it does not share
	Snapshot string // its folder
}

// host takes a backup.
func host(in io.Reader, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var e errand
	if err := json.NewDecoder(in).Decode(&e); err != nil {
		return fmt.Errorf("read errand: %w", err)
	}
	if e.Lay != nil {
		return errors.Join(lay(e.Library, e.Lay), json.NewEncoder(out).Encode(result{Files: len(e.Lay)}))
	}
	addr, err := usbmux.ParseAddress(e.Socket)
	if err != nil {
		return err
	}
	mux := usbmux.New(addr, nil)
	devices, err := mux.Devices(ctx)
	if err != nil {
		return err
	}
	if len(devices) != 1 {
		return fmt.Errorf("%d phones, want 1", len(devices))
	}
	if e.Drain {
		outcome, err := drain(ctx, mux, devices[0])
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(result{Files: outcome.Received.Files, Bytes: outcome.Received.Bytes})
	}
	p, err := capture.Connect(ctx, devices[0], capture.Options{Mux: mux})
	if err != nil {
		return err
	}
	defer p.Close()
	if e.Library == "" {
		return json.NewEncoder(out).Encode(result{})
	}
	lib, err := library.Create(e.Library, library.Options{})
	if err != nil {
		return err
	}
	verify := believe
	if e.Prove {
		verify = prove
	}
	r, err := p.Backup(ctx, capture.BackupOptions{Library: lib, Verify: verify})
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result{r.Files, r.Bytes, r.Snapshot.OwnBytes, r.Snapshot.Path})
}

// believe proves nothing, as other programs do.
func believe(context.Context, string, func(iofs.FileMode) bool) (library.Verified, error) {
	return library.VerifiedVisible, nil
}

func prove(ctx context.Context, dir string, arrived func(iofs.FileMode) bool) (library.Verified, error) {
	b, err := backupfmt.OpenDir(ctx, dir, backupfmt.Options{})
	if err != nil {
		return "", err
	}
	defer b.Close()
	report, err := b.Verify(ctx, backupfmt.VerifyOptions{Whole: arrived})
	if err == nil && len(report.Findings) > 0 {
		err = fmt.Errorf("%d findings", len(report.Findings))
	}
	return library.VerifiedAll, err
}

// A cable is the phone process, as its parent sees it.
type cable struct {
	socket string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Scanner
}

// plugIn starts the phone process and returns when it can be reached.
func plugIn(folders ...string) (c *cable, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c = &cable{cmd: exec.Command(self, phoneCommand)}
	c.cmd.Stderr = os.Stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.stdout = bufio.NewScanner(stdout)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	setup, err := json.Marshal(holding{folders})
	if err == nil {
		c.socket, err = c.say(string(setup))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a phone: %w", err), c.unplug())
	}
	return c, nil
}

// say writes a line to the phone process and reads its answer.
func (c *cable) say(line string) (string, error) {
	if _, err := fmt.Fprintln(c.stdin, line); err != nil {
		return "", err
	}
	if !c.stdout.Scan() {
		return "", errors.Join(io.ErrUnexpectedEOF, c.stdout.Err())
	}
	return c.stdout.Text(), nil
}

func (c *cable) unplug() error {
	c.stdin.Close()
	return c.cmd.Wait()
}
