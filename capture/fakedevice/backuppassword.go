package fakedevice

import "maps"

// changePassword turns the encryption of backups on or off, or changes the
// password. The content that goes with the new password takes the old one's
// place.
func (a *agent) changePassword(request map[string]any) error {
	if err := a.prompt(); err != nil {
		return err
	}
	before, _ := request["OldPassword"].(string)
	after, _ := request["NewPassword"].(string)
	a.p.mu.Lock()
	b := &a.p.backup
	state := b.content[after]
	right := before == b.password
	a.p.mu.Unlock()
	if !right {
		return failure{codeWrongPassword, "Invalid password"}
	}
	if under := a.p.Backup.Under; state == nil && under != nil {
		var err error
		if state, err = under(after); err != nil {
			a.record("content for the new password: %v", err)
		}
	}
	if state == nil {
		a.record("there is no content for the new password")
		return failure{codeUnsupported, "Error setting the password"}
	}
	a.p.mu.Lock()
	b.content = maps.Clone(b.content) // whoever gave it has it still
	b.content[after], b.password = state, after
	a.p.mu.Unlock()
	a.p.setWillEncrypt(after != "")
	return nil
}
