package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ibfs/capture/devicelink"
	"ibfs/capture/library"
	"ibfs/capture/lockdown"
	"ibfs/capture/mobilebackup2"
	"ibfs/capture/usbmux"
	"ibfs/cmd/ibfs/internal/daemon"
	"ibfs/cmd/ibfs/internal/passwd"
	"ibfs/fs"
	"ibfs/fs/vtree"
	"ibfs/keybag"
)

type hinted struct{ error }

func (h hinted) Unwrap() error { return h.error }
func (hinted) Hint() string    { return "its own\nadvice" }

func TestExplain(t *testing.T) {
	_, notThere := os.Open("/nonexistent/x")
	tests := []struct {
		name string
		err  error
		code int
		text string
		hint string // a part of it
	}{
		{"wrong password FC-08", fmt.Errorf("open backup iPhone: %w", keybag.ErrWrongPassword), exitPassword,
			"open backup iPhone: the backup password is wrong", "not the phone's passcode or the Apple Account's"},
		{"no terminal", passwd.ErrNoTerminal, exitPassword, passwd.ErrNoTerminal.Error(), "--password-file"},
		{"busy", fmt.Errorf("unmount /x: %w", fs.ErrBusy), exitBusy, "", "close the programs"},
		{"not there", notThere, exitNotFound, "open /nonexistent/x: no such file or directory", "spelled"},
		{"Ctrl-C", fmt.Errorf("read x: %w", context.Canceled), exitInterrupted, "interrupted", "run it again"},
		{"through a file", fmt.Errorf("Info.plist/x: %w", vtree.ErrNotDir), exitNotFound, "", "is a file"},
		{"a dead mount", &os.PathError{Op: "open", Path: "/x", Err: syscall.ENOTCONN}, exitFailed, "", "ibfs unmount"},
		{"read-only", &os.PathError{Op: "open", Path: "/x", Err: syscall.EROFS}, exitFailed, "", "another folder"},
		{"a phone's code, and a file that is not there", fmt.Errorf("%w; before that, on this side: %w", &mobilebackup2.Error{Code: 100}, os.ErrNotExist), exitPhone, "", ""},
		{"a phone that breaks the protocol", fmt.Errorf("%w: %w", devicelink.ErrProtocol, os.ErrNotExist), exitPhone, "", "restart the phone"},
		{"a phone that does not send all", fmt.Errorf("%w: %w", mobilebackup2.ErrIncomplete, os.ErrNotExist), exitPhone, "", "run it again"},
		{"no room for what the phone sends", fmt.Errorf("%w; before that, on this side: %w", &mobilebackup2.Error{Code: 100}, library.ErrNoSpace), exitFailed, "", "make room"},
		{"a video for FAT32", library.Explain(fmt.Errorf("%w: %w", mobilebackup2.ErrHost, syscall.EFBIG)), exitFailed, "", "FAT32 ends at 4 GiB"},
		{"a folder that nothing can be written to", library.Explain(fmt.Errorf("%w: %w", mobilebackup2.ErrHost, syscall.EPERM)), exitFailed, "", "yours to write to"},
		{"too many files while the phone sends", library.Explain(fmt.Errorf("%w: %w", mobilebackup2.ErrHost, syscall.EMFILE)), exitFailed, "", "ulimit -n"},
		{"a disk that breaks while the phone sends", library.Explain(fmt.Errorf("%w: %w", mobilebackup2.ErrHost, syscall.EIO)), exitFailed, "", "sound?"},
		{"a library of somebody else", fmt.Errorf("%w: %w", library.ErrReadOnly, os.ErrPermission), exitFailed, "", "yours to write to"},
		{"a device's folder that is a link", library.ErrOtherVolume, exitFailed, "", "the whole library a link"},
		{"a device without a number", library.ErrUDID, exitPhone, "", "`ibfs devices`"},
		{"a daemon that breaks the protocol", fmt.Errorf("ask usbmuxd: Listen: %w", usbmux.ErrProtocol), exitPhone, "ask usbmuxd: Listen: usbmuxd sent what it should not", "restart usbmuxd"},
		{"a phone that refuses a value", fmt.Errorf("set value: %w", &lockdown.Error{Request: "SetValue", Code: "SetProhibited"}), exitPhone, "", "profile"},
		{"several phones", errWhichPhone, exitUsage, "", "--device"},
		{"unknown", errors.New("odd"), exitFailed, "odd", "-v"},
		{"its own hint", fmt.Errorf("x: %w", hinted{keybag.ErrDamaged}), exitDamaged, "", "its own; advice"},
		{"told by the background process", fmt.Errorf("x: %w", &daemon.Failure{Text: "as told", Hint: "so it is", Code: 77}), 77, "as told", "so it is"},
		{"usage before all else", &usageError{"ibfs cat", os.ErrNotExist}, exitUsage, "file does not exist", "`ibfs cat --help`"},
		{"two errors", errors.Join(errors.New("one"), errors.New("two")), exitFailed, "one; two", ""},
		{"a name that would clear the screen", errors.New("open \x1b[2J\u202e\xff x"), exitFailed, `open \u001b[2J\u202e` + "\ufffd x", ""},
		{"a name of emoji", errors.New("open 👩\u200d🚀 ä"), exitFailed, "open 👩\u200d🚀 ä", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := explain(tt.err)
			if f.Code != tt.code || tt.text != "" && f.Text != tt.text || !strings.Contains(f.Hint, tt.hint) || f.Hint == "" {
				t.Errorf("explain() = %+v, want code %d, text %q, hint with %q", f, tt.code, tt.text, tt.hint)
			}
			var stderr bytes.Buffer
			a := &app{stderr: &stderr}
			if code := a.exit(tt.err); code != tt.code {
				t.Errorf("exit() = %d, want %d", code, tt.code)
			}
			if want := fmt.Sprintf("ibfs: error: %s\nibfs: hint: %s\n", f.Text, f.Hint); stderr.String() != want {
				t.Errorf("stderr is %q, want %q", stderr.String(), want)
			}
		})
	}
}

func TestEveryCodeIsDocumented(t *testing.T) {
	var codes []int
	for _, e := range exitCodes {
		codes = append(codes, e.code)
	}
	if !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("the table is not in order: %v", codes)
	}
	for _, r := range slices.Concat(phoneReasons, reasons) {
		if !slices.Contains(codes, r.code) {
			t.Errorf("%v has code %d, which is not in the table", r.is, r.code)
		}
		if r.hint == "" {
			t.Errorf("%v has no hint", r.is)
		}
	}
}
