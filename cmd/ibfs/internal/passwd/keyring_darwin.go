package passwd

import "time"

func systemStores(func(string) string) []store {
	return []store{desktop{title: "the macOS Keychain", wait: 2 * time.Minute}}
}
