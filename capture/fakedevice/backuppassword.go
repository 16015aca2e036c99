package fakedevice

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
	_, known := b.content[after]
	right := before == b.password
	if right && known {
		b.password = after
	}
	a.p.mu.Unlock()
	switch {
	case !right:
		return failure{codeWrongPassword, "Invalid password"}
	case !known:
		a.record("the test has no content for the new password")
		return failure{codeUnsupported, "Error setting the password"}
	}
	a.p.setWillEncrypt(after != "")
	return nil
}
