package calls

import (
	"cmp"
	"strings"
	"time"

	"ibfs/fs/view"
	"ibfs/fs/view/people"
)

// A call is one call, in whatever store it is.
type call struct {
	id        int             // its place among all that were read
	at        time.Time       // zero: unknown
	length    time.Duration   // 0 when nobody answered
	handles   []string        // numbers and addresses at the other end; of a group call several
	people    []people.Person // whose each handle is; the zero Person is nobody known
	name      string          // that the phone showed; "" is none
	direction string
	kind      string
	service   string // the app's bundle id; "" for the phone's own
	country   string // ISO code, in capitals
	location  string // where the number is from, as the phone tells it
}

// The directions of a call.
const (
	outgoing = "outgoing"
	incoming = "incoming"
	missed   = "missed"
)

// history is all calls.
type history struct {
	calls []call
	seen  map[string]bool // ids of calls, which two stores may both have
	view.Reading
}

// maxSize bounds all calls together, in bytes.
const maxSize = 128 << 20

// callSize is what a call takes in memory beside its texts, in bytes.
const callSize = 240

func (h *history) add(c call) {
	c.id = len(h.calls)
	h.calls = append(h.calls, c)
}

// resolve finds out whose the handles are, each of them once: a number costs more
// to compare than a call to read.
func (h *history) resolve(who *people.Index) {
	known := map[string]people.Person{}
	for i := range h.calls {
		c := &h.calls[i]
		c.people = make([]people.Person, len(c.handles))
		for j, handle := range c.handles {
			p, ok := known[handle]
			if !ok {
				p, _ = who.Find(handle)
				known[handle] = p
			}
			c.people[j] = p
		}
	}
}

// nameOf is the name of who has the handle of a place: in the address book, or
// as the phone showed it, or the handle.
func (c call) nameOf(i int) string {
	if c.people[i].Name == "" && len(c.handles) == 1 {
		return cmp.Or(c.name, c.handles[i])
	}
	return cmp.Or(c.people[i].Name, c.handles[i])
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
