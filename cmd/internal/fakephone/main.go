// Fakephone plays an iPhone behind a usbmuxd of its own, so that a capture can
// be tried by hand without a phone:
//
//	go run ./cmd/internal/fakephone --socket /tmp/phone &
//	USBMUXD_SOCKET_ADDRESS=UNIX:/tmp/phone idevicebackup2 backup /tmp/backups
//
// What the phone holds is a backup folder, or a small sample whose backups can be
// encrypted under any password. Each SIGHUP reads the folder anew, or changes the
// sample, for an incremental backup. SIGINT ends it. It prints what hosts ask of
// the phone. With --phones there are several, each with a sample.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ibfs/capture/fakedevice"
)

func main() {
	var o options
	flag.StringVar(&o.backup, "backup", "", "backup `folder` that the phone holds (default a sample)")
	flag.StringVar(&o.passwordFile, "password-file", "", "`file` with the password in force, when backups are encrypted")
	flag.StringVar(&o.socket, "socket", "", "`path` of usbmuxd's socket (default one in a temporary folder)")
	flag.IntVar(&o.phones, "phones", 1, "how `many` phones there are")
	flag.IntVar(&o.faults.PairPending, "ponder", 3, "how many `times` a host asks before the owner taps Trust")
	flag.BoolVar(&o.faults.PairDenied, "distrust", false, "the owner taps Don't Trust")
	flag.DurationVar(&o.prompt, "passcode", 2*time.Second, "how `long` the owner takes to enter the passcode")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	if err := run(ctx, os.Stdout, o, again); err != nil {
		fmt.Fprintln(os.Stderr, "fakephone:", err)
		os.Exit(1)
	}
}

type options struct {
	backup, passwordFile string
	socket               string
	faults               fakedevice.Faults
	prompt               time.Duration
	phones               int // 0 is 1
}

// run plays the phones until ctx ends. A value from again changes their content.
func run(ctx context.Context, out io.Writer, o options, again <-chan os.Signal) (err error) {
	o.phones = max(o.phones, 1)
	if o.phones > 1 && o.backup != "" {
		return errors.New("--phones: one backup folder is one phone")
	}
	tmp, err := os.MkdirTemp("", "fakephone")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	all := make([]*played, o.phones)
	phones := make([]*fakedevice.Phone, o.phones)
	for i := range all {
		if all[i], err = play(o, tmp, i); err != nil {
			return err
		}
		phones[i] = all[i].phone
	}
	mux, err := fakedevice.Start(fakedevice.Options{Phones: phones, Socket: o.socket})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mux.Close()) }()
	for _, p := range phones {
		fmt.Fprintf(out, "%s, %s.\n", p.Name, p.UDID)
	}
	fmt.Fprintf(out, "Programs reach it with one of\n\tUSBMUXD_SOCKET_ADDRESS=UNIX:%s\n\tUSBMUXD_SOCKET_ADDRESS=%s\n", mux.Socket(), mux.Address())

	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			for _, p := range all {
				content, err := p.held.content()
				if err != nil {
					return err
				}
				p.phone.SetContent(content)
			}
			fmt.Fprintln(out, "The phone's content is another now.")
		case <-tick.C:
			for _, p := range all {
				p.show(out, len(all) > 1)
			}
		}
	}
}

// A played phone, what it holds, and how many of its events were shown.
type played struct {
	phone *fakedevice.Phone
	held  *holding
	shown int
}

func play(o options, tmp string, i int) (*played, error) {
	held, err := open(o, tmp, i)
	if err != nil {
		return nil, err
	}
	phone, err := held.phone()
	if err != nil {
		return nil, err
	}
	phone.Faults, phone.Backup.Prompt = o.faults, o.prompt
	return &played{phone: phone, held: held}, nil
}

// show shows the events that are new, with their phone's name among several.
func (p *played) show(out io.Writer, several bool) {
	events := p.phone.Events()
	for _, e := range events[p.shown:] {
		if several {
			fmt.Fprintf(out, "%s: ", p.phone.Name)
		}
		fmt.Fprintln(out, e)
	}
	p.shown = len(events)
}
