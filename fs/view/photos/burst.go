package photos

// A pick is ZAVALANCHEPICKTYPE: what a frame is in its burst.
//
// Source: iLEAPP Ph009; 52 is the frame that the app shows.
type pick int64

const (
	pickDefault pick = 4
	pickUser    pick = 8
	pickKey     pick = 16
)

// rank is how much a frame stands for its burst.
func (p pick) rank() uint8 {
	switch {
	case p&(pickUser|pickKey) != 0:
		return 2
	case p&pickDefault != 0:
		return 1
	}
	return 0
}

// picked tells of each burst the rank of those frames that are shown with all
// other photos. Where no frame is picked, all are.
func (lib *library) picked() []uint8 {
	best := make([]uint8, len(lib.bursts)+1)
	for i := range lib.photos {
		if p := &lib.photos[i]; p.burst != 0 && p.shown() {
			best[p.burst] = max(best[p.burst], p.rank)
		}
	}
	return best
}
