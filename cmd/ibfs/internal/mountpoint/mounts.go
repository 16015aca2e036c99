package mountpoint

// FSType is the type of our mounts in the system's tables.
const FSType = "fuse.ibfs"

// A Mount is one line of the system's table of mounts.
type Mount struct {
	Path, Type, Source string
	Device             uint64
}

// Mounted lists our own mounts.
func Mounted() ([]Mount, error) {
	all, err := mounts()
	var ours []Mount
	for _, m := range all {
		if m.Type == FSType {
			ours = append(ours, m)
		}
	}
	return ours, err
}

// at is the topmost mount on just this path.
func at(path string) (found Mount, ok bool) {
	all, err := mounts()
	if err != nil {
		return Mount{}, false
	}
	for _, m := range all {
		if m.Path == path {
			found, ok = m, true
		}
	}
	return found, ok
}

// At is our mount on just this path.
func At(path string) (Mount, bool) {
	m, ok := at(path)
	return m, ok && m.Type == FSType
}
