package mobilebackup2

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// What an [Error] can be, for errors.Is; and what is no code of the phone's.
var (
	ErrDeviceLocked  = errors.New("the phone is locked")
	ErrWrongPassword = errors.New("the backup password is wrong")
	ErrNoSpace       = errors.New("too little space")
	ErrFindMy        = errors.New("a phone that Find My guards")
	ErrSetup         = errors.New("the phone is not set up")
	ErrManaged       = errors.New("a profile forbids it")
	ErrRestartPhone  = errors.New("the phone needs a restart")
	ErrDamagedBackup = errors.New("the backup in the folder is damaged")
	ErrVersion       = errors.New("the phone's backup service speaks no version that is known here")
	ErrAnswer        = errors.New("the phone could not do it") // for a reason that is none of the above
	ErrIncomplete    = errors.New("the phone says that all went well, but not all is here")
	ErrHost          = errors.New("this computer could not do what the phone asked for") // wraps the system's error
	ErrUnfinished    = errors.New("this is no finished backup")
)

// maxDescription bounds the phone's words about an error, in bytes, and maxQuoted
// what is told of them, in runes: some name every file that they are about.
const (
	maxDescription = 64 << 10
	maxQuoted      = 300
)

// An Error is the phone's final answer when it is not success. It is two lines for
// people: Error says what happened, Hint what to do.
type Error struct {
	Code        int64  // of the domain MBErrorDomain
	Description string // the beginning of the phone's words, in one line, without paths: these name people and apps
	advice
}

// advice is what is known about a code. A code has several causes, which its text
// tells apart.
type advice struct {
	code     int64
	text     string // which the description holds, whatever the case of its letters
	is       error  // nil: nothing that a program would do something about, ErrAnswer
	happened string
	hint     string
}

const (
	restart = "restart the phone, then try again"
	anew    = "run it again; if that does not help, `ibfs backup --full` makes the phone send everything"
)

// table is capture-protocol 4.10. The first that fits counts.
//
// Source: threads of libimobiledevice, pymobiledevice3, Netimobiledevice and of
// Apple's forum; no documentation exists.
var table = []advice{
	{1, "mdm setting", ErrManaged, "a profile on the phone forces encrypted backups", "ask whoever manages the phone; with encryption on, backups work"},
	{1, "keychain", ErrDeviceLocked, "the phone could not read its keychain", "unlock the phone, leave it unlocked, then try again"},
	{1, "", nil, "the phone could not do it", "unlock the phone, leave it unlocked, then try again"},
	{3, "", ErrRestartPhone, "the phone still holds an earlier attempt", restart},
	{4, "manifest.mbdb", nil, "phones since iOS 10 do not answer this request", "use `ibfs info` and `ibfs export`"},
	{4, "", ErrDamagedBackup, "a file of the backup is missing", anew},
	{11, "", ErrDamagedBackup, "an index file of the backup is empty", anew},
	{100, "", nil, "the phone could not read or write one of its files", "unlock the phone, free some space on it, restart it, then try again"},
	{102, ".backup.i", ErrRestartPhone, "the phone still holds what an earlier restore left", restart},
	{102, "", nil, "the phone could not put an item in its place", restart},
	{103, "", ErrDamagedBackup, "the phone could not read the state of the backup", "unlock the phone, then " + anew},
	{104, "", nil, "the phone could not send some of its files", "unlock the phone and leave it unlocked, close its apps, restart it if need be, then try again"},
	{105, "to restore", ErrNoSpace, "the phone has too little space for the restore", "free space on the phone, then try again"},
	{105, "", ErrNoSpace, "the disk that holds the backups has too little space", "free space on that disk or choose another with --library, then try again"},
	{205, "", ErrDamagedBackup, "the phone finds the backup in the folder damaged", anew},
	{207, "", ErrWrongPassword, "the backup password is wrong", "it is the password set for backups, perhaps for an older phone: not the phone's passcode or the Apple Account's"},
	{208, "", ErrDeviceLocked, "the phone is locked, or its passcode was not entered in time", "unlock the phone, try again, and enter the passcode when the phone asks for it"},
	{211, "", ErrFindMy, "Find My is on", "turn off Find My on the phone (Settings, the name at the top, Find My), then try again"},
	{212, "", ErrSetup, "the phone is not set up yet", "finish the setup assistant on the phone, then try again"},
}

func newError(code int64, description string) *Error {
	e := &Error{Code: code, Description: beginning(cleaned(description))}
	lower := strings.ToLower(description)
	for _, a := range table {
		if a.code == code && strings.Contains(lower, a.text) {
			e.advice = a
			return e
		}
	}
	e.advice = advice{code: code, happened: "the phone ended with an error that is not known here", hint: "unlock and restart the phone, then try again"}
	return e
}

// Error says what happened, with the phone's own words.
func (e *Error) Error() string {
	if e.Description == "" {
		return fmt.Sprintf("%s (the phone's code %d)", e.happened, e.Code)
	}
	return fmt.Sprintf("%s (the phone's code %d: %s)", e.happened, e.Code, e.Description)
}

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Unwrap is what the error is, for errors.Is.
func (e *Error) Unwrap() error {
	if e.is == nil {
		return ErrAnswer
	}
	return e.is
}

// paths are absolute paths and those within a backup.
var paths = regexp.MustCompile(`"[^"]*/[^"]*"|'[^']*/[^']*'|“[^”]*/[^”]*”|/[^\s",;:)]+/[^\s",;:)]*|/(private|var|Users)\S*`)

// cleaned is a text of the phone's in one line, without paths and controls.
func cleaned(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(paths.ReplaceAllString(s, "…")), " ")
}

// beginning is as much of a text as is told.
func beginning(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxQuoted {
			return s[:i] + "…"
		}
	}
	return s
}
