package mobilebackup2

import (
	"context"
	"fmt"

	"ibfs/capture/devicelink/bplist"
)

// BackupOptions are how a backup is made.
type BackupOptions struct {
	// Full makes the phone send everything. Without it the phone decides, from the
	// state of the tree.
	Full bool

	// Progress is called often, from the calling goroutine. nil: not at all.
	Progress func(Progress)
}

// Backup makes the phone target, a UDID, back itself up into the tree. With a nil
// error the backup is finished: the phone said so, its Status.plist says so, the
// index files are there, and nothing failed on this side. After any error the tree
// can be given to the next run. The Result is never nil.
//
// The phone may ask for its passcode first, on its own screen, and says nothing here
// until it has it.
func (c *Client) Backup(ctx context.Context, target string, tree *Tree, o BackupOptions) (*Result, error) {
	lost, err := tree.settle(ctx)
	if err != nil {
		return &Result{}, fmt.Errorf("look at the state of the working tree: %w", err)
	}
	request := map[string]any{"MessageName": "Backup", "TargetIdentifier": target, "SourceIdentifier": target}
	if o.Full || lost {
		request["Options"] = map[string]any{"ForceFullBackup": true}
	}
	result, err := c.run(ctx, request, tree, o.Progress)
	if err == nil {
		err = tree.Finished()
	}
	if err != nil {
		return result, fmt.Errorf("back up: %w", err)
	}
	return result, nil
}

// ChangePassword changes the backup password of the phone target: from old to new,
// or, with one of them empty, turns encryption on or off. Phones since iOS 13 ask
// for the passcode first. Afterwards the phone may refuse connections for some
// seconds; that the change took is seen in its WillEncrypt.
func (c *Client) ChangePassword(ctx context.Context, target string, old, replacement []byte) error {
	doing := "change the backup password"
	switch {
	case len(old) == 0:
		doing = "turn backup encryption on"
	case len(replacement) == 0:
		doing = "turn backup encryption off"
	}
	request := map[string]any{"MessageName": "ChangePassword", "TargetIdentifier": target}
	if len(old) > 0 {
		request["OldPassword"] = bplist.Text(old)
	}
	if len(replacement) > 0 {
		request["NewPassword"] = bplist.Text(replacement)
	}
	if len(request) == 2 {
		return fmt.Errorf("change the backup password: neither an old nor a new one")
	}
	err := c.link.Process(ctx, request)
	if err == nil {
		var answer bplist.Value
		if answer, err = c.link.Response(ctx); err == nil {
			err = c.finalError(answer)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
