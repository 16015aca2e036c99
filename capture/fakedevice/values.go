package fakedevice

import (
	"maps"
	"slices"
)

// publicValues are those of the default domain that anyone may read who has
// no session.
var publicValues = []string{
	"BasebandCertId", "BuildVersion", "CPUArchitecture", "ChipID", "DeviceClass", "DeviceColor", "DeviceName",
	"DevicePublicKey", "HardwareModel", "PasswordProtected", "ProductName", "ProductType", "ProductVersion",
	"ProtocolVersion", "UniqueChipID", "UniqueDeviceID", "WiFiAddress",
}

// values are those of a lockdown domain.
func (p *Phone) values(domain string) map[string]any {
	values := map[string]any{}
	switch domain {
	case "":
		values = map[string]any{
			"ActivationState":                      "Activated",
			"BuildVersion":                         p.BuildVersion,
			"CPUArchitecture":                      "arm64e",
			"DeviceClass":                          p.Class,
			"DeviceName":                           p.Name,
			"DevicePublicKey":                      p.devicePublicKey(),
			"IntegratedCircuitCardIdentity":        "8900000000000000000",
			"InternationalMobileEquipmentIdentity": "000000000000000",
			"MobileEquipmentIdentifier":            "00000000000000",
			"PasswordProtected":                    p.Locked(),
			"PhoneNumber":                          "+1 555 0100",
			"ProductName":                          "iPhone OS",
			"ProductType":                          p.ProductType,
			"ProductVersion":                       p.ProductVersion,
			"ProtocolVersion":                      "2",
			"SerialNumber":                         p.SerialNumber,
			"UniqueChipID":                         uint64(0x000a1c2e3f40801e),
			"UniqueDeviceID":                       p.UDID,
			"WiFiAddress":                          "02:00:00:00:00:01",
		}
	case "com.apple.mobile.backup":
		values["WillEncrypt"] = p.WillEncrypt()
	case "com.apple.mobile.iTunes":
		values["MinITunesVersion"] = "12.12.4"
	case "com.apple.mobile.wireless_lockdown":
		values["EnableWifiConnections"] = p.Network
		values["SupportsWifi"] = true
		values["SupportsWifiSyncing"] = true
	case "com.apple.disk_usage":
		values["TotalDataCapacity"] = uint64(128_000_000_000)
		values["TotalDataAvailable"] = uint64(64_000_000_000)
		values["AmountDataAvailable"] = uint64(64_000_000_000)
	case "com.apple.mobile.battery":
		values["BatteryCurrentCapacity"] = 80
		values["BatteryIsCharging"] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.Copy(values, p.Values[domain])
	maps.Copy(values, p.set[domain])
	maps.DeleteFunc(values, func(_ string, v any) bool { return v == nil })
	return values
}

// value answers GetValue: one value, or all of a domain for key "".
func (p *Phone) value(domain, key string, session bool) (any, error) {
	values := p.values(domain)
	hidden := func(key string, _ any) bool {
		return !session && (domain != "" || !slices.Contains(publicValues, key))
	}
	if key == "" {
		maps.DeleteFunc(values, hidden)
		return values, nil
	}
	v, ok := values[key]
	switch {
	case !ok:
		return nil, lockdownError("MissingValue")
	case hidden(key, v):
		return nil, lockdownError("GetProhibited")
	}
	return v, nil
}

// setValue answers SetValue. Whether backups are encrypted is not set by it.
func (p *Phone) setValue(domain, key string, value any) error {
	if key == "" || value == nil {
		return lockdownError("MissingValue")
	}
	if domain == "com.apple.mobile.backup" {
		return lockdownError("SetProhibited")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set[domain] == nil {
		p.set[domain] = map[string]any{}
	}
	p.set[domain][key] = value
	p.record("lockdown", "SetValue %s %s", domain, key)
	return nil
}
