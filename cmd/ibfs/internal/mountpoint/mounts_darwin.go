package mountpoint

import "golang.org/x/sys/unix"

// mounts asks the kernel. A macFUSE mount has the type "macfuse", with our
// name in its source.
func mounts() ([]Mount, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, err
	}
	stats := make([]unix.Statfs_t, n)
	if n, err = unix.Getfsstat(stats, unix.MNT_NOWAIT); err != nil {
		return nil, err
	}
	var all []Mount
	for _, st := range stats[:n] {
		m := Mount{
			Path: unix.ByteSliceToString(st.Mntonname[:]), Type: unix.ByteSliceToString(st.Fstypename[:]),
			Source: unix.ByteSliceToString(st.Mntfromname[:]), Device: uint64(uint32(st.Fsid.Val[0])),
		}
		if m.Type == "macfuse" || m.Type == "osxfuse" {
			m.Type = FSType
		}
		all = append(all, m)
	}
	return all, nil
}
