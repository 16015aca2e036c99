package capture

import (
	"context"
	"errors"

	"ibfs/capture/lockdown"
	"ibfs/capture/service"
)

// Facts are what is good to know of a phone before a run. What the phone does
// not tell is nil.
type Facts struct {
	Encrypted bool   `json:"encrypted"`           // its backups have a password
	Forced    bool   `json:"forced,omitempty"`    // a profile wants them to have one
	Passcode  bool   `json:"passcode"`            // it has a passcode, or does not say
	Locked    bool   `json:"locked"`              // its screen is locked just now
	Battery   *int64 `json:"battery,omitempty"`   // percent
	Charging  *bool  `json:"charging,omitempty"`  //
	UsedBytes *int64 `json:"usedBytes,omitempty"` // by its own estimate, which since iOS 17 can be wrong by tens of GB
	WiFi      *bool  `json:"wifi,omitempty"`      // it lets itself be reached over Wi-Fi
}

// Facts asks the phone. Only whether backups are encrypted must be known.
func (p *Phone) Facts(ctx context.Context) (Facts, error) {
	encrypted, err := p.Encrypted(ctx)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Encrypted: encrypted, Passcode: p.hasPasscode(ctx)}
	f.Forced, _ = value[bool](ctx, p, "com.apple.mobile.backup", "RequiresEncrypt")
	f.Locked, _ = value[bool](ctx, p, "", "PasswordProtected")
	if n, ok := value[int64](ctx, p, "com.apple.mobile.battery", "BatteryCurrentCapacity"); ok && n >= 0 && n <= 100 {
		f.Battery = &n
	}
	if b, ok := value[bool](ctx, p, "com.apple.mobile.battery", "BatteryIsCharging"); ok {
		f.Charging = &b
	}
	if b, ok := value[bool](ctx, p, "com.apple.mobile.wireless_lockdown", "EnableWifiConnections"); ok {
		f.WiFi = &b
	}
	total, ok := value[int64](ctx, p, "com.apple.disk_usage", "TotalDataCapacity")
	free, ok2 := value[int64](ctx, p, "com.apple.disk_usage", "TotalDataAvailable")
	if ok && ok2 && 0 <= free && free <= total {
		used := total - free
		f.UsedBytes = &used
	}
	return f, ctx.Err()
}

// Encrypted says whether the phone's backups have a password.
func (p *Phone) Encrypted(ctx context.Context) (bool, error) {
	v, err := p.client.Value(ctx, "com.apple.mobile.backup", "WillEncrypt")
	if errors.Is(err, lockdown.ErrNoValue) {
		return false, nil
	}
	if err != nil {
		return false, p.explain(ctx, err)
	}
	on, _ := v.(bool)
	return on, nil
}

// SetWiFi lets the phone be reached over Wi-Fi, or no longer.
func (p *Phone) SetWiFi(ctx context.Context, on bool) error {
	return p.client.SetValue(ctx, "com.apple.mobile.wireless_lockdown", "EnableWifiConnections", on)
}

func (p *Phone) hasPasscode(ctx context.Context) bool {
	conn, err := p.client.Service(ctx, service.NameDiagnostics, false)
	if err != nil {
		return true
	}
	defer conn.Close()
	has, _ := service.HasPasscode(ctx, conn)
	return has
}

// value is a value of the phone's when it has one of that type.
func value[T any](ctx context.Context, p *Phone, domain, key string) (T, bool) {
	v, err := p.client.Value(ctx, domain, key)
	if err != nil {
		p.opt.Log.Debug("value", "domain", domain, "key", key, "err", err)
	}
	t, ok := v.(T)
	return t, ok
}
