// Fakephone plays an iPhone behind a usbmuxd of its own, so that a capture can
// be tried by hand without a phone:
//
//	go run ./cmd/internal/fakephone --socket /tmp/phone &
//	USBMUXD_SOCKET_ADDRESS=UNIX:/tmp/phone idevicebackup2 backup /tmp/backups
//
// What the phone holds is a backup folder, or a small sample whose backups can
// be encrypted under the password "demo". Each SIGHUP reads the folder anew, or
// changes the sample, for an incremental backup. SIGINT ends it. It prints what
// hosts ask of the phone.
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
	flag.StringVar(&o.passwordFile, "password-file", "", "`file` with the password of that backup, when it is encrypted")
	flag.StringVar(&o.socket, "socket", "", "`path` of usbmuxd's socket (default one in a temporary folder)")
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
}

// run plays the phone until ctx ends. A value from again changes its content.
func run(ctx context.Context, out io.Writer, o options, again <-chan os.Signal) (err error) {
	tmp, err := os.MkdirTemp("", "fakephone")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	held, err := open(o, tmp)
	if err != nil {
		return err
	}
	phone, err := held.phone()
	if err != nil {
		return err
	}
	phone.Faults, phone.Backup.Prompt = o.faults, o.prompt
	mux, err := fakedevice.Start(fakedevice.Options{Phones: []*fakedevice.Phone{phone}, Socket: o.socket})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mux.Close()) }()
	fmt.Fprintf(out, "%s, %s. Programs reach it with one of\n\tUSBMUXD_SOCKET_ADDRESS=UNIX:%s\n\tUSBMUXD_SOCKET_ADDRESS=%s\n",
		phone.Name, phone.UDID, mux.Socket(), mux.Address())

	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for shown := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			content, err := held.content()
			if err != nil {
				return err
			}
			phone.SetContent(content)
			fmt.Fprintln(out, "The phone's content is another now.")
		case <-tick.C:
			events := phone.Events()
			for ; shown < len(events); shown++ {
				fmt.Fprintln(out, events[shown])
			}
		}
	}
}
