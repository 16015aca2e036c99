package fakedevice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Options are what usbmuxd is started with.
type Options struct {
	Phones []*Phone // attached from the start
	Socket string   // the unix socket's path; "" makes one in a temporary folder
	Faults MuxFaults
}

// A Mux is a running usbmuxd. It serves the same on a unix socket and by TCP.
type Mux struct {
	faults MuxFaults
	buid   string
	tmp    string // temporary folder of the socket, or ""
	unix   net.Listener
	tcp    net.Listener
	ctx    context.Context // ends with the Mux
	cancel context.CancelFunc
	conns  sync.WaitGroup

	// mu guards the rest.
	mu       sync.Mutex
	refuse   int // what is left of faults.Refuse
	entries  []*entry
	lastID   int
	records  map[string][]byte // by recordKey
	watchers map[chan any]struct{}
}

// An entry is one line of the list of devices: a phone, by one way to reach it.
type entry struct {
	id      int
	phone   *Phone
	network bool
	ctx     context.Context // ends when the phone is detached
	cancel  context.CancelFunc
}

// Start starts usbmuxd with its phones. Close ends it.
func Start(o Options) (*Mux, error) {
	m := &Mux{
		faults:   o.Faults,
		refuse:   o.Faults.Refuse,
		buid:     newUUID(),
		records:  map[string][]byte{},
		watchers: map[chan any]struct{}{},
	}
	socket := o.Socket
	if socket == "" {
		// Not below a test's own folder: a socket's path has at most 104 bytes on macOS.
		var err error
		if m.tmp, err = os.MkdirTemp("", "usbmux"); err != nil {
			return nil, err
		}
		socket = filepath.Join(m.tmp, "s")
	}
	var err1, err2 error
	m.unix, err1 = net.Listen("unix", socket)
	m.tcp, err2 = net.Listen("tcp", "127.0.0.1:0")
	if err := errors.Join(err1, err2); err != nil {
		return nil, errors.Join(fmt.Errorf("start usbmuxd: %w", err), m.closeListeners())
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	for _, p := range o.Phones {
		m.Attach(p)
	}
	go m.accept(m.unix)
	go m.accept(m.tcp)
	return m, nil
}

// Socket is the path of the unix socket.
func (m *Mux) Socket() string { return m.unix.Addr().String() }

// Address is host:port of the TCP side.
func (m *Mux) Address() string { return m.tcp.Addr().String() }

// Close ends all connections and waits until nothing of the Mux runs.
func (m *Mux) Close() error {
	m.cancel()
	err := m.closeListeners()
	m.conns.Wait()
	return err
}

func (m *Mux) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{m.unix, m.tcp} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	if m.tmp != "" {
		errs = append(errs, os.RemoveAll(m.tmp))
	}
	return errors.Join(errs...)
}

func (m *Mux) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		m.mu.Lock()
		ended := m.ctx.Err() != nil
		if !ended {
			m.conns.Add(1) // not after Close waits
		}
		m.mu.Unlock()
		if ended {
			conn.Close()
			return
		}
		go func() {
			defer m.conns.Done()
			defer conn.Close()
			m.serve(conn)
		}()
	}
}

// Attach plugs a phone in.
func (m *Mux) Attach(p *Phone) {
	p.prepare()
	m.add(p, false)
	if p.Network {
		m.add(p, true)
	}
}

func (m *Mux) add(p *Phone, network bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastID++ // from 1: libusbmuxd ends its list at an ID of 0
	e := &entry{id: m.lastID, phone: p, network: network}
	e.ctx, e.cancel = context.WithCancel(m.ctx)
	m.entries = append(m.entries, e)
	m.tell(e.attached())
}

// Detach pulls a phone's cable: its connections end in the middle of whatever
// they carry.
func (m *Mux) Detach(p *Phone) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = slices.DeleteFunc(m.entries, func(e *entry) bool {
		if e.phone != p {
			return false
		}
		e.cancel()
		m.tell(map[string]any{"MessageType": "Detached", "DeviceID": e.id})
		return true
	})
}

// tell sends an event to those who listen. m.mu is held.
func (m *Mux) tell(event any) {
	for w := range m.watchers {
		select {
		case w <- event:
		default: // one that does not read misses it
		}
	}
}

// Refuse answers the next n Connects with Result 3, as a phone does for a while
// after its password was changed; a negative n is for ever.
func (m *Mux) Refuse(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = n
}

func (m *Mux) entry(id int) *entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.IndexFunc(m.entries, func(e *entry) bool { return e.id == id }); i >= 0 {
		return m.entries[i]
	}
	return nil
}

// attached is the event, and the line in the list of devices, of an entry.
func (e *entry) attached() map[string]any {
	properties := map[string]any{
		"DeviceID":       e.id,
		"SerialNumber":   e.phone.muxSerial(),
		"ConnectionType": "USB",
	}
	if e.network {
		properties["ConnectionType"] = "Network"
		properties["EscapedFullServiceName"] = "02:00:00:00:00:01@fe80::1._apple-mobdev2._tcp.local."
		properties["InterfaceIndex"] = 1
		// A Linux sockaddr_in6 of ::1: libusbmuxd gives up the whole list at an entry without one.
		address := make([]byte, 28)
		address[0], address[23] = 10, 1
		properties["NetworkAddress"] = address
	} else {
		properties["ConnectionSpeed"] = 480_000_000
		properties["LocationID"] = e.id << 16
		properties["ProductID"] = 0x12a8
	}
	return map[string]any{"MessageType": "Attached", "DeviceID": e.id, "Properties": properties}
}

// Record is the pair record that usbmuxd keeps for a UDID, or nil.
func (m *Mux) Record(udid string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records[recordKey(udid)])
}

// SetRecord replaces the pair record of a UDID with one that may be as bad as
// the test likes; nil removes it.
func (m *Mux) SetRecord(udid string, record []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if record == nil {
		delete(m.records, recordKey(udid))
		return
	}
	m.records[recordKey(udid)] = slices.Clone(record)
}

// recordKey is a UDID without dash and case, as clients differ in both.
func recordKey(udid string) string { return strings.ToUpper(strings.ReplaceAll(udid, "-", "")) }

// newUUID is a random UUID in upper case, as Apple writes them.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
