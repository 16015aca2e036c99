package fakedevice

import "time"

// MuxFaults are what usbmuxd does wrong. A count is how many times; a negative
// one is for ever.
type MuxFaults struct {
	Refuse   int     // Connects that are answered with Result 3
	Length   *uint32 // what the header of each reply says the packet's length is
	WrongTag bool    // replies have another tag than their request
	Dribble  bool    // replies leave byte by byte
}

// Faults are what a phone does wrong, or what its owner does. A count is how
// many times; a negative one is for ever.
type Faults struct {
	PairLocked  int  // Pair finds the phone locked: no dialog yet
	PairPending int  // Pair finds the Trust dialog unanswered; after PairLocked
	PairDenied  bool // then the owner taps Don't Trust
	NoEscrowBag bool // Pair gives no escrow bag

	TLSReject int  // handshakes that end in an alert, which a TLS 1.3 client sees at its first read
	OtherKey  bool // the phone's key is not the one of its DevicePublicKey
	OwnKey    bool // its key is another than that of all others, as after it was erased
	BareClose bool // TLS ends without close_notify
	OnlyTLS12 bool

	Answers func() // is called before each answer of lockdown, which comes when it returns; nil is at once

	Idle time.Duration // after so long without a request lockdown ends a connection, as phones do; 0 is never

	ServiceLimit  int  // StartService answers ServiceLimit
	LockBusy      int  // AFC's FileLock answers 19, would block
	LockDenied    bool // AFC's FileOpen of the sync lock is denied
	ProxyDies     bool // the notification proxy says ProxyDeath at once
	BrowseFails   bool // the installation proxy answers Browse with an error
	HeartbeatCuts bool // three Marcos unanswered end every Wi-Fi connection of the phone
}

// SetFaults says what goes wrong from now on, in place of what was still to.
func (p *Phone) SetFaults(f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = f
}

// failing is what goes wrong now.
func (p *Phone) failing() Faults {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults
}

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
