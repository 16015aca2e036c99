package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"ibfs/backupfmt"
	"ibfs/capture/volume"
	"ibfs/cmd/ibfs/internal/mountpoint"
	"ibfs/fs"
	"ibfs/fs/control"
)

// A finding is one thing that ibfs needs of this machine, and how it is.
type finding struct {
	What  string `json:"what"`
	State string `json:"state"` // "ok", "note" or "missing"
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"` // a command, or what to do
}

var errUnwell = errors.New("something that mounting needs is missing")

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what is missing on this machine, and how to mend it",
		Args:  takes(0),
		RunE:  func(c *cobra.Command, _ []string) error { return a.doctor(c.Context()) },
	}
}

func (a *app) doctor(ctx context.Context) error {
	found := []finding{a.checkFUSE(), a.checkAllowOther(), a.checkKeyring(ctx), a.checkBackups(ctx), a.checkSpace(), a.checkPhones(ctx)}
	found = append(found, a.checkMounts(ctx)...)
	if a.json {
		if err := printJSON(a.stdout, found); err != nil {
			return err
		}
	}
	var err error
	for _, f := range found {
		if f.State == "missing" {
			err = errUnwell
		}
		if a.json {
			continue
		}
		fmt.Fprintf(a.stdout, "%-8s %-12s %s\n", f.State, f.What, f.Text)
		if f.Mend != "" {
			fmt.Fprintf(a.stdout, "%21s %s\n", "", f.Mend)
		}
	}
	return err
}

// checkFUSE asks whether a mount can be made, in a folder of this user.
func (a *app) checkFUSE() finding {
	f := finding{What: "FUSE", State: "ok", Text: "folders can be mounted"}
	err := fs.Check()
	if err == nil {
		return f
	}
	f.State, f.Text = "missing", err.Error()
	switch {
	case errors.Is(err, fs.ErrNoHelper):
		f.Mend = "install it: sudo apt-get install fuse3 (or dnf, pacman, apk: fuse3)"
	case errors.Is(err, fs.ErrDevice):
		f.Mend = "let users in: sudo chmod 0666 /dev/fuse"
	case errors.Is(err, fs.ErrNoFUSE) && runtime.GOOS == "darwin":
		f.Mend = "install macFUSE: brew install --cask macfuse"
	case errors.Is(err, fs.ErrNoFUSE):
		f.Mend = "load it: sudo modprobe fuse; in a container, start it with --device /dev/fuse --cap-add SYS_ADMIN"
	}
	return f
}

func (a *app) checkAllowOther() finding {
	if os.Geteuid() == 0 || fs.AllowOther() {
		return finding{What: "allow-other", State: "ok", Text: "mounts may be opened to other users"}
	}
	return finding{"allow-other", "note", "mounts are for you alone", "only for --allow-other: echo user_allow_other | sudo tee -a /etc/fuse.conf"}
}

func (a *app) checkKeyring(ctx context.Context) finding {
	name, err := a.keyring().Available(ctx)
	if err != nil {
		return finding{"keyring", "note", "keys cannot be kept: " + oneLine(err.Error()), "give the password each time, or with --password-file"}
	}
	return finding{What: "keyring", State: "ok", Text: "keys can be kept in " + name}
}

func (a *app) checkBackups(ctx context.Context) finding {
	tree, err := a.look(ctx)
	if err != nil {
		return finding{"backups", "note", oneLine(err.Error()), "name a folder that holds some: ibfs list --backups FOLDER"}
	}
	defer tree.Close()
	all := tree.Snapshots()
	if len(all) == 0 {
		return finding{What: "backups", State: "note", Text: "none found", Mend: "name a folder that holds some: ibfs list --backups FOLDER"}
	}
	return finding{What: "backups", State: "ok", Text: fmt.Sprintf("%d found; `ibfs list` names them", len(all))}
}

// checkMounts asks the running mounts how they are.
func (a *app) checkMounts(ctx context.Context) (found []finding) {
	folders, err := control.Folders(a.getenv)
	if err != nil {
		return []finding{{What: "mount", State: "note", Text: oneLine(err.Error())}}
	}
	mounts, err := control.List(ctx, folders)
	if err != nil {
		found = append(found, finding{What: "mount", State: "note", Text: oneLine(err.Error())})
	}
	points, err := mountpoint.Ours()
	if err != nil {
		found = append(found, finding{What: "mount", State: "note", Text: oneLine(err.Error())})
	}
	for _, p := range points {
		if dead(ctx, folders, p) {
			found = append(found, finding{"mount", "note", p + ": the process that served it has died", "clear it away: ibfs unmount " + shellWord(p)})
		}
	}
	for _, m := range mounts {
		f := finding{What: "mount", State: "ok", Text: fmt.Sprintf("%s serves %d backups", m.Mountpoint, len(m.Backups))}
		if n := len(m.Log); n > 0 {
			f.State, f.Mend = "note", "it logged last: "+oneLine(m.Log[n-1])
		}
		found = append(found, f)
	}
	return found
}

// dead reports that nobody serves a mount any more.
func dead(ctx context.Context, folders []string, point string) bool {
	client, err := control.Dial(ctx, folders, point)
	if err == nil {
		client.Close() // a process that was stopped would not answer what follows
		return false
	}
	return errors.Is(unix.Statfs(point, new(unix.Statfs_t)), unix.ENOTCONN)
}

// checkSpace tells how much room there is where new backups would go.
func (a *app) checkSpace() finding {
	library := backupfmt.DefaultLibrary(runtime.GOOS, home(a.getenv), a.getenv)
	free, err := freeSpace(library)
	if err != nil {
		return finding{What: "space", State: "note", Text: "cannot tell for " + library}
	}
	return finding{What: "space", State: "ok", Text: fmt.Sprintf("%s free for the library, %s", humanSize(free), library)}
}

// freeSpace is how many bytes there are for a folder that need not be there yet.
func freeSpace(dir string) (int64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return int64(min(volume.Available(&st), math.MaxInt64)), nil
		}
		if dir == filepath.Dir(dir) {
			return 0, err
		}
		dir = filepath.Dir(dir)
	}
}

// checkPhones asks the daemon that shares the cable.
func (a *app) checkPhones(ctx context.Context) finding {
	f := finding{What: "phones", State: "ok"}
	mux, err := a.mux()
	if err == nil {
		var all []connected
		if all, err = a.lookAround(ctx, mux); err == nil {
			f.Text = fmt.Sprintf("%d connected; `ibfs devices` names them", len(all))
			if len(all) == 0 {
				f.State, f.Text, f.Mend = "note", "none is connected", "plug one in and unlock it"
			}
			return f
		}
	}
	told := explain(err)
	return finding{What: "phones", State: "note", Text: told.Text, Mend: told.Hint}
}
