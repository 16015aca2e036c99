//go:build !linux

package fs

const (
	xattrPrefix   = ""
	xattrsOnLinks = true
	maxXattrName  = 127 // bytes, on macOS
)
