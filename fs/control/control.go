// Package control is the socket of a running mount, over which other processes
// of the same user ask how it is and give it keys.
//
// Each mount has one socket, named after its mountpoint, in a folder that only
// its user can enter (Folders). Requests and replies are one line of JSON each,
// bounded in size; a connection may carry several. Only the user of the mount
// and root are answered. A secret travels in the body of its request and is
// wiped at both ends; what the JSON encoder copied is out of reach.
//
// The package knows no backups, no FUSE and no passwords: what a mount is lies
// behind Handler.
package control

import (
	"context"
	"errors"
	"time"
)

// A Handler is the mount that answers. Its methods may be called side by side.
type Handler interface {
	Status(ctx context.Context) (Status, error)

	// Unlock opens what the keybag of that UUID keeps and returns the names of
	// the backups that it opened. The secret is wiped after it returns. Errors:
	// ErrUnknownKeybag, ErrWrongSecret, ErrDamaged.
	Unlock(ctx context.Context, keybag string, secret []byte) ([]string, error)
}

// Status is how a mount is.
type Status struct {
	Mountpoint string    `json:"mountpoint"`
	PID        int       `json:"pid"`
	Version    string    `json:"version"`
	Since      time.Time `json:"since"`
	Sources    []string  `json:"sources"` // folders that are backups or hold them
	Backups    []Backup  `json:"backups"`
	Log        []string  `json:"log,omitempty"` // the last lines, the oldest first
}

// Backup is one backup of a mount.
type Backup struct {
	Name    string `json:"name"`              // its folder in the mount: "Anna's iPhone/2026-11-20_08-15-02"
	Path    string `json:"path"`              // its folder on this machine
	Keybag  string `json:"keybag,omitempty"`  // UUID in hexadecimal, none when it is not encrypted
	Locked  bool   `json:"locked,omitempty"`  // it waits for the secret of its keybag
	Problem string `json:"problem,omitempty"` // why it is not shown, or not whole
}

// Errors of the client, some of them from the Handler.
var (
	ErrNotRunning    = errors.New("no mount of ibfs is running there")
	ErrRunning       = errors.New("a mount of ibfs is already running there")
	ErrUnknownKeybag = errors.New("the mount has no backup with that keybag")
	ErrWrongSecret   = errors.New("the key does not open the backup")
	ErrDamaged       = errors.New("the backup is damaged")
	errUnsupported   = errors.New("the running mount is of another version, which cannot do that")
	errNoFolder      = errors.New("there is no folder for the socket of a mount")
	errProtocol      = errors.New("malformed message on the control socket")
)

// kinds are the errors that keep their identity on the way to the client.
var kinds = map[string]error{
	"unknown keybag": ErrUnknownKeybag,
	"wrong secret":   ErrWrongSecret,
	"damaged":        ErrDamaged,
	"unsupported":    errUnsupported,
}

// What a client can ask for.
const (
	opStatus = "status"
	opUnlock = "unlock"
	opWait   = "wait" // has no reply: the connection ends when the mount does
)

type request struct {
	Op     string `json:"op"`
	Keybag string `json:"keybag,omitempty"`
	Secret []byte `json:"secret,omitempty"`
}

type reply struct {
	Error  string   `json:"error,omitempty"`
	Kind   string   `json:"kind,omitempty"` // one of kinds
	Status *Status  `json:"status,omitempty"`
	Opened []string `json:"opened,omitempty"`
}

// Bounds of one message, in bytes, and of the time that one may take.
const (
	maxRequest = 8 << 10
	maxReply   = 8 << 20 // a Status of many thousand backups
	patience   = 10 * time.Second
)
