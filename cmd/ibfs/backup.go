package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"ibfs/capture"
	"ibfs/capture/library"
	"ibfs/capture/mobilebackup2"
)

// lowBattery is the charge below which a phone that does not charge may not last.
const lowBattery = 20

var (
	errSomeFailed = errors.New("not every phone was backed up")
	errNoRoom     = errors.New("there is too little room")
)

type backupOptions struct {
	phoneOptions
	all, full bool
}

func (a *app) backupCommand() *cobra.Command {
	var o backupOptions
	c := &cobra.Command{
		Use:   "backup",
		Short: "Take a backup of a phone and keep it as a snapshot",
		Long: `Backup takes a backup of a connected phone and keeps it as a snapshot, beside the
earlier ones. Only what has changed is sent and takes room. Nothing that is kept
changes, whatever happens: a run that was cut off is gone on with by the next.

Phones since iOS 15.7.1 and 16.1 ask for their passcode at each backup.

If the phone's backups are encrypted, their password is asked for, or taken from
the keyring: not to make the backup but to prove it.`,
		Args: takes(0),
	}
	a.deviceFlags(c, &o.phoneOptions)
	o.libraryFlag(c)
	a.passwordFlags(c)
	c.Flags().BoolVar(&o.all, "all", false, "back up all phones that are connected, side by side")
	c.Flags().BoolVar(&o.full, "full", false, "make the phone send everything")
	exclusive(c, "all", "device")
	noBackupsFlag(c, "--library names where it keeps them")
	c.RunE = func(c *cobra.Command, _ []string) error { return a.backup(c.Context(), o) }
	return c
}

// backedUp is what a backup came to, as it is told.
type backedUp struct {
	Device    string           `json:"device"`
	UDID      string           `json:"udid"`
	Snapshot  string           `json:"snapshot"`
	Path      string           `json:"path"`
	Encrypted bool             `json:"encrypted"`
	Verified  library.Verified `json:"verified"`
	Way       library.Way      `json:"way"`     // how the last snapshot's data was taken over
	Resumed   bool             `json:"resumed"` // it went on from a run that did not end well
	Files     int              `json:"files"`   // that the phone sent
	Bytes     int64            `json:"bytes"`   // that the phone sent
	Total     int64            `json:"total"`   // bytes of the snapshot
	Own       int64            `json:"own"`     // of these, what it does not share with the last
	Warnings  []string         `json:"warnings,omitempty"`
	More      int              `json:"moreWarnings,omitempty"` // that are not in Warnings
	Seconds   float64          `json:"seconds"`
	Error     string           `json:"error,omitempty"`

	err error
}

func (a *app) backup(ctx context.Context, o backupOptions) error {
	mux, err := a.mux()
	if err != nil {
		return err
	}
	found, err := a.choose(ctx, mux, o.device, o.all)
	if err != nil {
		return err
	}
	lib, err := a.makeLibrary(o.phoneOptions)
	if err != nil {
		return err
	}
	if err := hasRoom(lib.Dir()); err != nil {
		return err
	}
	co := a.captureOptions(mux, o.phoneOptions)
	done := make([]backedUp, len(found))
	var wg sync.WaitGroup
	asking := new(sync.Mutex) // held while a person is asked
	for i, c := range found {
		wg.Go(func() {
			run := backupRun{app: a, phone: c, lib: lib, full: o.full, show: a.showRun(c.title(), &backupTask, len(found) > 1), asking: asking}
			done[i] = run.do(ctx, co)
		})
	}
	wg.Wait()
	if len(found) == 1 && done[0].err != nil {
		return about(found[0].title(), done[0].err)
	}
	err = a.tellBackups(done)
	if !a.shows(lib.Dir()) && slices.ContainsFunc(done, func(d backedUp) bool { return d.err == nil }) {
		a.say("`ibfs mount --backups %s FOLDER` shows it, and so does `ibfs list` with that option.", shellWord(lib.Dir()))
	}
	return err
}

// shows says whether list and mount look into a library without being told.
func (a *app) shows(library string) bool {
	places, err := a.lookIn()
	return err == nil && slices.ContainsFunc(places, func(place string) bool {
		rel, err := filepath.Rel(place, library)
		return err == nil && filepath.IsLocal(rel)
	})
}

// tellBackups reports all runs, and fails with the first that failed.
func (a *app) tellBackups(done []backedUp) error {
	var failed error
	for i, d := range done {
		if d.err == nil {
			continue
		}
		done[i].Error = oneLine(d.err.Error())
		if failed == nil {
			failed = fmt.Errorf("%w: %w", errSomeFailed, about(d.Device, d.err))
		}
	}
	if a.json {
		return errors.Join(printJSON(a.stdout, done), failed)
	}
	for _, d := range done {
		if err := d.print(a.stdout); err != nil {
			return err
		}
	}
	return failed
}

func (d backedUp) print(w io.Writer) error {
	if d.err != nil {
		_, err := fmt.Fprintf(w, "%s: not backed up: %s\n", printable(d.Device), oneLine(d.err.Error()))
		return err
	}
	proof := "verified"
	if d.Verified != library.VerifiedAll {
		proof = "verified in part; `ibfs verify` proves the rest"
	}
	_, err := fmt.Fprintf(w, "%s: snapshot %s, %s, of which %s are new; %d files sent in %s; %s.\n",
		printable(d.Device), d.Snapshot, humanSize(d.Total), humanSize(d.Own), d.Files,
		time.Duration(d.Seconds*float64(time.Second)).Round(time.Second), proof)
	return err
}

// A backupRun is the backup of one phone.
type backupRun struct {
	*app
	phone  connected
	lib    *library.Library
	full   bool
	show   *runShow
	asking *sync.Mutex
}

func (r backupRun) do(ctx context.Context, co capture.Options) backedUp {
	co.Events = r.show.event
	defer r.show.done()
	told := backedUp{Device: r.phone.title(), UDID: r.phone.UDID}
	if told.err = r.busy(); told.err != nil {
		return told
	}
	p, err := capture.Connect(ctx, r.phone.dev, co)
	if err != nil {
		told.err = err
		return told
	}
	defer p.Close()
	told.Device, told.UDID = phoneTitle(p), p.UDID
	facts, err := p.Facts(ctx)
	if err != nil {
		told.err = err
		return told
	}
	proof, err := r.preflight(ctx, p, facts)
	if err != nil {
		told.err = err
		return told
	}
	defer proof.wipe()
	report, err := p.Backup(ctx, capture.BackupOptions{Library: r.lib, Full: r.full, Verify: proof.verify})
	told.add(report)
	told.err = err
	if err != nil && report.Resumed {
		told.err = &taskError{err, &resumedTask}
	}
	r.tellUnread(told.Warnings, told.More)
	told.Warnings = append(told.Warnings, proof.odd...) // which the proof has told
	return told
}

// mostUnread is how many files that the phone could not read a person is told of.
const mostUnread = 20

// tellUnread tells of those files, of which there may be more than were kept.
func (r backupRun) tellUnread(warnings []string, more int) {
	for i, w := range warnings {
		if i == mostUnread && !r.json {
			more += len(warnings) - i
			break
		}
		if !r.json {
			w = shown(w, textWidth)
		}
		r.show.warn("the phone could not read a file: %s", w)
	}
	if more > 0 {
		r.show.warn("the phone could not read %d more files", more)
	}
}

func (d *backedUp) add(r capture.Report) {
	d.Snapshot, d.Path, d.Verified = r.Snapshot.Name, r.Snapshot.Path, r.Snapshot.Verified
	d.Total, d.Own = r.Snapshot.Bytes, r.Snapshot.OwnBytes
	d.Encrypted, d.Way, d.Resumed, d.Files, d.Bytes = r.Encrypted, r.Way, r.Resumed, r.Files, r.Bytes
	d.Seconds, d.More = r.Took.Seconds(), r.MoreWarnings
	for _, w := range r.Warnings {
		d.Warnings = append(d.Warnings, oneLine(w.Path+": "+w.Text))
	}
}

// busy says so where another program is at work on the phone's snapshots, before
// anything is asked of anybody.
func (r backupRun) busy() error {
	device, err := r.lib.Device(r.phone.UDID)
	if err != nil {
		return err
	}
	return device.Busy()
}

// preflight tells what a person should know before the run, and gets the means
// to prove the backup.
func (r backupRun) preflight(ctx context.Context, p *capture.Phone, f capture.Facts) (*proof, error) {
	device, err := r.lib.Device(p.UDID)
	if err != nil {
		return nil, err
	}
	snapshots, err := device.Snapshots()
	if err != nil {
		return nil, err
	}
	r.show.say("iOS %s, %s.", p.ProductVersion, lastBackup(snapshots))
	if !f.Encrypted {
		r.show.say("backup encryption is off: passwords, Health and call history are left out, and the files can be read by anyone who has the folder. `ibfs encryption on` turns it on.")
	}
	if f.Battery != nil && *f.Battery < lowBattery && (f.Charging == nil || !*f.Charging) {
		r.show.warn("its battery is at %d %%; connect it to power", *f.Battery)
	}
	free, err := freeSpace(r.lib.Dir())
	if err == nil && f.UsedBytes != nil && len(snapshots) == 0 && free < *f.UsedBytes/plainlyLess {
		r.show.warn("%s are in use on it, of which a backup leaves out iOS and the apps; the disk has %s free, which may be too little", humanSize(*f.UsedBytes), humanSize(free))
	}
	pr := &proof{app: r.app, name: phoneTitle(p), show: r.show}
	if !f.Encrypted {
		return pr, nil
	}
	r.asking.Lock()
	defer r.asking.Unlock()
	return pr, pr.prepare(ctx, snapshots)
}

// plainlyLess is by how much the free space may be less than what is in use on a
// phone before that is told: a backup has neither iOS nor the apps, nor what is in
// iCloud alone.
const plainlyLess = 2

// hasRoom says whether a backup can be written at all: what is kept free is not
// for the phone.
func hasRoom(dir string) error {
	free, err := freeSpace(dir)
	if err == nil && free <= mobilebackup2.DefaultReserve {
		return fmt.Errorf("%s: %w: its disk has %s free, and %s are kept free", dir, errNoRoom, humanSize(free), humanSize(mobilebackup2.DefaultReserve))
	}
	return nil
}

// say tells something on the way: a person in a line, a program as an event.
func (a *app) say(format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	if a.json {
		printLine(a.stderr, struct {
			Note string `json:"note"`
		}{text})
		return
	}
	fmt.Fprintln(a.stderr, text)
}

func lastBackup(all []library.Snapshot) string {
	if len(all) == 0 {
		return "no backup here yet"
	}
	return "last backup here " + dateText(all[len(all)-1].Taken)
}
