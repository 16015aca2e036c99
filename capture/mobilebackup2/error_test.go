package mobilebackup2

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"ibfs/capture/devicelink"
	"ibfs/capture/devicelink/devicelinktest"
)

// TestFinalErrors has every code of capture-protocol 4.10 as the end of a run.
func TestFinalErrors(t *testing.T) {
	for _, test := range []struct {
		code     int
		text     string
		is       error
		happened string
		hint     string
	}{
		{1, "Error copying keychain data (MBErrorDomain/1)", ErrDeviceLocked, "keychain", "unlock"},
		{1, "Error setting WillEncrypt value: Encrypted Backup MDM setting present (MBErrorDomain/1). Underlying error: 22", ErrManaged, "forces encrypted", "manages the phone"},
		{1, "", ErrAnswer, "could not do it", "unlock"},
		{3, "Underlying error: (NSPOSIXErrorDomain/17)", ErrRestartPhone, "earlier attempt", "restart the phone, then try again"}, // FC-33
		{4, "No such file or directory at path \"/Users/anna/x/Manifest.mbdb\"", ErrAnswer, "since iOS 10", "ibfs"},
		{4, "No such file or directory at path \"/a/b\"", ErrDamagedBackup, "missing", "--full"},
		{11, "Cannot parse a NULL or zero-length data", ErrDamagedBackup, "empty", "--full"},
		{100, "Input/output error (5)", ErrAnswer, "read or write", "unlock"},
		{102, "mkdir error: No such file or directory", ErrAnswer, "in its place", "restart"},
		{102, "can't rename /var/mobile/Library/.backup.i", ErrRestartPhone, "earlier restore", "restart the phone, then try again"}, // FC-35
		{103, "Error reading status", ErrDamagedBackup, "state of the backup", "unlock"},
		{104, "Multiple errors uploading files (MBErrorDomain/104)", ErrAnswer, "some of its files", "unlock"},
		{105, "Insufficient free disk space on drive to back up (MBErrorDomain/105)", ErrNoSpace, "disk that holds the backups", "--library"},
		{105, "Insufficient free disk space on device to restore (1 < 2)", ErrNoSpace, "phone has too little space", "on the phone"},
		{202, "something", ErrAnswer, "not known", "restart"},
		{205, "Manifest references files not in backup", ErrDamagedBackup, "damaged", "--full"},
		{207, "Invalid password (MBErrorDomain/207)", ErrWrongPassword, "password is wrong", "not the phone's passcode"},
		{208, "Device locked (MBErrorDomain/208)", ErrDeviceLocked, "locked", "passcode"},
		{211, "Find My iPhone must be disabled before restoring", ErrFindMy, "Find My", "turn off"},
		{212, "Unable to backup until Setup is finished", ErrSetup, "not set up", "setup assistant"},
		{-5, "x", ErrAnswer, "not known", "restart"},
	} {
		t.Run(test.text, func(t *testing.T) {
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Final(test.code, test.text)
			_, tree := workingTree(t)
			_, _, err := run(t, s, tree, BackupOptions{})
			final, ok := errors.AsType[*Error](err)
			if !ok || final.Code != int64(test.code) {
				t.Fatalf("error %v", err)
			}
			if !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			if !strings.Contains(err.Error(), test.happened) || !strings.Contains(final.Hint(), test.hint) {
				t.Errorf("two lines %q and %q, without %q or %q", err, final.Hint(), test.happened, test.hint)
			}
			for _, secret := range []string{"anna", "/a/b", "/var/mobile"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error names a path: %v", err)
				}
			}
		})
	}
}

// TestHostFaults has what fails on this computer win over what the phone makes of it,
// and not what the phone has done wrong.
func TestHostFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault error
		code  int // of the phone's answer
		host  bool
	}{
		"no permission":                  {unix.EPERM, 104, true},
		"somebody else's":                {unix.EACCES, 104, true},
		"read-only":                      {unix.EROFS, 100, true},
		"FAT32":                          {unix.EFBIG, 104, true},
		"too many files":                 {unix.EMFILE, 104, true},
		"too many files of all":          {unix.ENFILE, 104, true},
		"a broken disk":                  {unix.EIO, 11, true},
		"a full disk":                    {unix.ENOSPC, 104, true},
		"a full disk, of which it knows": {unix.ENOSPC, 105, false},
		"and the phone calls it success": {unix.EIO, 0, true},
		"a path that is not there":       {unix.ENOENT, 100, false},
		"a path that is refused":         {devicelink.ErrRefused, 100, false},
		"refused, and success":           {devicelink.ErrRefused, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var s devicelinktest.Script
			s.Open()
			s.Hello()
			s.Message("DLMessageCreateDirectory", udid+"/x", map[string]any{}, 0.0)
			s.Final(test.code, "what the phone makes of it")
			client, err := Start(t.Context(), &devicelinktest.Conn{Script: s}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, tree := workingTree(t)
			result, err := client.run(t.Context(), map[string]any{}, faulty{tree, test.fault}, nil)
			_, answer := errors.AsType[*Error](err)
			if errors.Is(err, ErrHost) != test.host || answer != (!test.host && test.code != 0) || !errors.Is(err, test.fault) || result.Failures != 1 {
				t.Errorf("error %v after %d failures", err, result.Failures)
			}
		})
	}
}

// faulty is a tree in which no folder can be made.
type faulty struct {
	*Tree
	fault error
}

func (f faulty) MakeDir(string) error { return f.fault }

func TestCleaned(t *testing.T) {
	for text, want := range map[string]string{
		"Device locked (MBErrorDomain/208)": "Device locked (MBErrorDomain/208)",
		"one\ntwo\x1b[2J":                   "one two [2J",
		`at path "/var/mobile/Media/Anna's tax.pdf": Input/output error (5)`:       `at path …: Input/output error (5)`,
		"at /private/var/mobile/Containers/x y":                                    "at … y",
		"can't rename /a/b to /c/d: 17":                                            "can't rename … to …: 17",
		"Underlying error: bad file (NSPOSIXErrorDomain/17) for “HomeDomain/a b”.": "Underlying error: bad file (NSPOSIXErrorDomain/17) for ….",
	} {
		if got := cleaned(text); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}

// TestHello has the answers to the first request.
func TestHello(t *testing.T) {
	for name, test := range map[string]struct {
		answer map[string]any
		want   error
	}{
		"no common version": {map[string]any{"MessageName": "Response", "ErrorCode": 1}, ErrVersion},
		"locked":            {map[string]any{"MessageName": "Response", "ErrorCode": 208}, ErrDeviceLocked},
		"a later version":   {map[string]any{"MessageName": "Response", "ErrorCode": 0, "ProtocolVersion": 2.3}, nil},
		"an integer":        {map[string]any{"MessageName": "Response", "ErrorCode": 0, "ProtocolVersion": 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var s devicelinktest.Script
			s.Open()
			s.Answer(test.answer)
			conn := &devicelinktest.Conn{Script: s}
			_, err := Start(t.Context(), conn, Options{})
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, not %v", err, test.want)
			}
		})
	}
}

// TestLongDescription tells the beginning of the phone's words, and the rest to who
// wants to know.
func TestLongDescription(t *testing.T) {
	const most = 500 // runes of an error in one line
	long := strings.Repeat("Größe der Datei ", 3000) + "on device to restore"
	for _, text := range []string{long, strings.Repeat("x", maxQuoted+1), strings.Repeat("ß", maxQuoted)} {
		var s devicelinktest.Script
		s.Open()
		s.Hello()
		s.Final(105, text)
		var log strings.Builder
		o := Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
		client, err := Start(t.Context(), &devicelinktest.Conn{Script: s}, o)
		if err != nil {
			t.Fatal(err)
		}
		_, tree := workingTree(t)
		_, err = client.Backup(t.Context(), udid, tree, BackupOptions{})
		final, ok := errors.AsType[*Error](err)
		if !ok || utf8.RuneCountInString(err.Error()) > most || !utf8.ValidString(err.Error()) {
			t.Fatalf("error %v", err)
		}
		if cut := strings.HasSuffix(final.Description, "…"); cut != (utf8.RuneCountInString(text) > maxQuoted) || !strings.HasPrefix(text, strings.TrimSuffix(final.Description, "…")) {
			t.Errorf("described as %q", final.Description)
		}
		if onPhone := strings.Contains(err.Error(), "phone has too little space"); onPhone != (text == long) {
			t.Errorf("the end of the text was not heard: %v", err)
		}
		if !strings.Contains(log.String(), text) {
			t.Error("the log has not all of it")
		}
	}
}
