package fakedevice

// Faults are what a phone does wrong, or what its owner does. A count is how
// many times; a negative one is for ever.
type Faults struct{}

// spend says whether a fault is still to happen, and counts it.
func (p *Phone) spend(fault func(*Faults) *int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := fault(&p.faults)
	if *n > 0 {
		*n--
		return true
	}
	return *n < 0
}
