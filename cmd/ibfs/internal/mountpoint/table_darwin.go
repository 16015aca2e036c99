package mountpoint

import (
	"strings"

	"golang.org/x/sys/unix"
)

func (m Mount) ours() bool {
	return strings.Contains(m.Type, "fuse") && strings.HasPrefix(m.Source, "ibfs")
}

func mounts() ([]Mount, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, err
	}
	all := make([]unix.Statfs_t, n)
	if n, err = unix.Getfsstat(all, unix.MNT_NOWAIT); err != nil {
		return nil, err
	}
	var table []Mount
	for _, st := range all[:n] {
		table = append(table, Mount{
			Point:  unix.ByteSliceToString(st.Mntonname[:]),
			Type:   unix.ByteSliceToString(st.Fstypename[:]),
			Source: unix.ByteSliceToString(st.Mntfromname[:]),
			Owner:  int(st.Owner),
		})
	}
	return table, nil
}
