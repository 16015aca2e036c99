//go:build !purego

package backupfmt

// decrypters are all the ways to decrypt in this build, best last.
var decrypters = []decrypter{
	{"crypto/cipher", true, func(key []byte) (*cbc, error) { return newKernelCBC(stdlib, key) }},
	{"AESDECx8", fastest >= aesni, func(key []byte) (*cbc, error) { return newKernelCBC(aesni, key) }},
	{"VAESx16", fastest >= vaes, func(key []byte) (*cbc, error) { return newKernelCBC(vaes, key) }},
}
