package fakedevice

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// errEnded is the end of a connection by the phone itself, errResponded that of
// a request by the Script.
var (
	errEnded     = errors.New("the phone ended the connection")
	errResponded = errors.New("the script has responded")
)

// Codes of MBErrorDomain.
const (
	codeUnsupported   = 1
	codeIO            = 100
	codeUpload        = 104
	codeNoSpace       = 105
	codeBadBackup     = 205
	codeWrongPassword = 207
)

// serve opens the link and answers requests until one side ends it.
func (a *agent) serve() error {
	if err := a.open(); err != nil {
		return err
	}
	for {
		request, err := a.request()
		if err != nil {
			return err
		}
		name, _ := request["MessageName"].(string)
		a.record("request %s", name)
		if name == "Hello" {
			err = a.hello(request)
		} else {
			err = a.perform(name, request)
		}
		if err != nil && !errors.Is(err, errResponded) {
			return err
		}
	}
}

// open exchanges versions. The host may answer with any version that it likes.
func (a *agent) open() error {
	version := a.p.Backup.Version
	if version == 0 {
		version = 400
	}
	if err := a.step(StepExchange); err != nil {
		return err
	}
	if err := a.send("DLMessageVersionExchange", version, 0); err != nil {
		return err
	}
	name, message, err := a.receive()
	if err != nil {
		return err
	}
	if name != "DLMessageVersionExchange" || len(message) < 2 || message[1] != "DLVersionsOk" {
		return fmt.Errorf("want DLVersionsOk, got %v", message)
	}
	if err := a.step(StepReady); err != nil {
		return err
	}
	return a.send("DLMessageDeviceReady")
}

// request waits for the host's next request.
func (a *agent) request() (map[string]any, error) {
	name, message, err := a.receive()
	if err != nil {
		return nil, err
	}
	if name != "DLMessageProcessMessage" || len(message) < 2 {
		return nil, fmt.Errorf("want a request, got %s", name)
	}
	request, ok := message[1].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("request of type %T", message[1])
	}
	return request, nil
}

// hello agrees on the version of the backup protocol. Versions are reals.
func (a *agent) hello(request map[string]any) error {
	if err := a.step(StepHello); err != nil {
		return err
	}
	versions, _ := request["SupportedProtocolVersions"].([]any)
	answer := map[string]any{"MessageName": "Response", "ErrorCode": 0, "ProtocolVersion": 2.1}
	if !slices.Contains(versions, any(2.1)) {
		answer = map[string]any{"MessageName": "Response", "ErrorCode": 1}
	}
	return a.send("DLMessageProcessMessage", answer)
}

// perform does what is asked, and says how it went.
func (a *agent) perform(name string, request map[string]any) error {
	a.p.mu.Lock()
	a.run = &Run{Request: name, Code: -1}
	a.p.backup.runs = append(a.p.backup.runs, a.run)
	a.p.mu.Unlock()
	a.uploaded = 0

	content, err := a.do(name, request)
	var failed failure
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	if err := a.step(StepResponse); err != nil {
		return err
	}
	return a.respond(failed.code, failed.text, content)
}

// do does what is asked. The content is what the final response tells, or nil.
func (a *agent) do(name string, request map[string]any) (content any, err error) {
	if target, _ := request["TargetIdentifier"].(string); target != a.p.UDID {
		return nil, failure{codeUnsupported, "Unknown target " + target}
	}
	switch name {
	case "Backup":
		return nil, a.backup(request)
	case "Restore":
		return nil, a.restore(request)
	case "ChangePassword":
		return nil, a.changePassword(request)
	case "Info":
		return a.info(request)
	case "List", "Unback", "Extract":
		// Since iOS 10 they look for a Manifest.mbdb.
		return nil, failure{codeBadBackup, emptyMetadata}
	}
	return nil, failure{codeUnsupported, "Unsupported message"}
}

// A failure is what ends a request with a code.
type failure struct {
	code int64
	text string
}

func (f failure) Error() string { return fmt.Sprintf("%s (MBErrorDomain/%d)", f.text, f.code) }

// source is the folder of the host that a request is about.
func (a *agent) source(request map[string]any) string {
	if source, ok := request["SourceIdentifier"].(string); ok && source != "" {
		return source
	}
	return a.p.UDID
}

// respond sends the final response.
func (a *agent) respond(code int64, text string, content any) error {
	answer := map[string]any{"MessageName": "Response", "ErrorCode": code}
	if text != "" {
		text = failure{code, text}.Error()
		answer["ErrorDescription"] = text
	}
	if content != nil {
		answer["Content"] = content
	}
	a.update(func(r *Run) { r.Code, r.Text = code, text })
	a.record("response %d %s", code, text)
	if err := a.send("DLMessageProcessMessage", answer); err != nil {
		return err
	}
	return a.step(StepEnd)
}

// prompt asks for the passcode, as a phone that has one does before it gives
// anything away. The link is silent meanwhile.
func (a *agent) prompt() error {
	if err := a.step(StepPrompt); err != nil || a.p.NoPasscode {
		return err
	}
	a.p.Notify("com.apple.LocalAuthentication.ui.presented")
	if err := a.pause(a.p.Backup.Prompt); err != nil {
		return err
	}
	a.p.Notify("com.apple.LocalAuthentication.ui.dismissed")
	return nil
}

func (a *agent) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}

// await says nothing more, and ends when the host ends the connection.
func (a *agent) await() error {
	// However it ends, the host is gone, or the test is.
	_, _ = io.Copy(io.Discard, a.conn)
	a.record("the host hung up")
	return errEnded
}
