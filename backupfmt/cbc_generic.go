//go:build !amd64 || purego

package backupfmt

// A cbc decrypts AES-CBC under one key.
type cbc = stdCBC

func expandCBC(key []byte) (*cbc, error) { return newStdCBC(key) }
