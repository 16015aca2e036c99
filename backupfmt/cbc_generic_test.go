//go:build !amd64 || purego

package backupfmt

// decrypters are all the ways to decrypt in this build.
var decrypters = []decrypter{{"crypto/cipher", true, newCBC}}
