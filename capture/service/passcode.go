package service

import (
	"context"
	"fmt"
	"net"
)

// HasPasscode asks the diagnostics relay whether the phone has a passcode. From
// iOS 17.4 on it does not tell. Then, and on any other error, the answer is true:
// a phone is to be taken for one that will ask.
func HasPasscode(ctx context.Context, conn net.Conn) (bool, error) {
	const key = "PasswordConfigured"
	answer, err := ask(ctx, conn, map[string]any{"Request": "MobileGestalt", "MobileGestaltKeys": []string{key}}, maxMessage)
	if err != nil {
		return true, fmt.Errorf("ask for a passcode: %w", err)
	}
	values := answer.Dict("Diagnostics").Dict("MobileGestalt")
	set, ok := values[key].(bool)
	if !ok {
		return true, fmt.Errorf("ask for a passcode: the phone answers %.100q, %.100q",
			answer.String("Status"), values.String("Status"))
	}
	return set, nil
}
