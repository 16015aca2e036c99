//go:build !amd64

package keybag

import (
	"crypto/hmac"
	"crypto/sha256"
)

func newSHA256(password []byte) prf { return macPRF{hmac.New(sha256.New, password)} }
