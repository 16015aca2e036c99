package mobilebackup2

import (
	"context"
	"fmt"

	"ibfs/capture/devicelink/bplist"
)

// RestoreOptions are how a restore is done. Start from [RestoreDefaults].
type RestoreOptions struct {
	// SystemFiles brings back the system's own domains too.
	SystemFiles bool

	// RemoveOthers deletes what the backup lacks. Without it only apps that are
	// installed already get their data back.
	RemoveOthers bool

	// KeepSettings keeps the phone's present settings.
	KeepSettings bool

	// NoReboot leaves the phone running at the end.
	NoReboot bool

	// CopyFirst makes the phone copy the backup, on this side, before it starts. Here
	// that costs nothing.
	CopyFirst bool

	// Password is that of the backup; empty for one that is not encrypted.
	Password []byte

	// Progress is called often, from the calling goroutine. nil: not at all.
	Progress func(Progress)
}

// RestoreDefaults are the options for a phone. One that was erased, or is another
// than the backup is of, gets everything, and loses what it has: the owner must have
// agreed. The same phone keeps what the backup lacks.
func RestoreDefaults(erasedOrOther bool) RestoreOptions {
	return RestoreOptions{SystemFiles: erasedOrOther, RemoveOthers: erasedOrOther, KeepSettings: true}
}

// request is the message, of which all is sent that idevicebackup2 sends, also where
// it is the phone's default.
func (o RestoreOptions) request(target, source string) map[string]any {
	options := map[string]any{
		"RestoreSystemFiles":      o.SystemFiles,
		"RemoveItemsNotRestored":  o.RemoveOthers,
		"RestorePreserveSettings": o.KeepSettings,
		"RestoreDontCopyBackup":   !o.CopyFirst,
	}
	if o.NoReboot {
		options["RestoreShouldReboot"] = false
	}
	if len(o.Password) > 0 {
		options["Password"] = bplist.Text(o.Password)
	}
	return map[string]any{
		"MessageName":      "Restore",
		"TargetIdentifier": target,
		"SourceIdentifier": source,
		"Options":          options,
	}
}

// Restore makes the phone target take a backup, which may be of another phone. The
// Result is never nil.
func (c *Client) Restore(ctx context.Context, target string, backup *Overlay, o RestoreOptions) (*Result, error) {
	if err := backup.Finished(); err != nil {
		return &Result{}, fmt.Errorf("restore: %w", err)
	}
	result, err := c.run(ctx, o.request(target, backup.udid), backup, o.Progress)
	if err != nil {
		return result, fmt.Errorf("restore: %w", err)
	}
	return result, nil
}
