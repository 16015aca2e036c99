//go:build !linux

package fs

import "github.com/hanwen/go-fuse/v2/fuse"

func canPassthrough(uint64) bool { return false }

func (*backing) register(*fuse.Server, uintptr) (int32, bool) { return 0, false }
func (*backing) unregister(*fuse.Server, int32)               {}
