package calls

import (
	"cmp"
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
	store int              // the number of the store that is being read
	seen  map[identity]int // the store that had a call first; dropped when all are read
	view.Reading
}

// An identity is what a call has in every store that holds it. The id alone does
// not do: nothing keeps calls from sharing one, or from having none.
type identity struct {
	id, address string
	at          time.Time
}

// elsewhere reports that an earlier store has a call. One without an id and a
// time is never known again.
func (h *history) elsewhere(k identity) bool {
	if k.id == "" && k.at.IsZero() {
		return false
	}
	first, known := h.seen[k]
	if !known {
		h.seen[k] = h.store
	}
	return known && first != h.store
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
