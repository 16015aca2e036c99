// Package people tells whose a phone number or an e-mail address is. It knows
// neither backups nor address books: who has one adds its people.
//
// A number is compared as a whole first, and then as the number that it is
// within its country: "12 34 56 78" on a Norwegian phone is +47 12 34 56 78.
// Fewer than 7 digits are compared as they are. A number or address that two
// people have is nobody's. The ends of two numbers are never compared.
//
// Source: views.md section 4; field-cases.md FC-13.
package people

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// A Person is somebody of an address book.
type Person struct {
	ID   int64 // of the address book: the same for cards that are linked
	Name string
}

// An Index finds people by handles. The methods of a nil Index find nobody.
// Adding ends before the first Find; finding may be done side by side.
type Index struct {
	region string // of the phone, as "NO"; "" when unknown
	who    map[string]Person
}

// New makes an index of nobody, for a phone of a region: two letters, or "" when
// that is not known.
func New(region string) *Index {
	return &Index{region: strings.ToUpper(region), who: map[string]Person{}}
}

// RegionOf is the region of a phone number that begins with its country's code,
// or "".
func RegionOf(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	return region(n)
}

func region(n *phonenumbers.PhoneNumber) string {
	if r := phonenumbers.GetRegionCodeForNumber(n); r != "" && r != phonenumbers.UNKNOWN_REGION {
		return r
	}
	return phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
}

// Add adds a person with the phone numbers and addresses that are theirs.
func (x *Index) Add(p Person, handles ...string) {
	if p.Name == "" {
		return
	}
	for _, h := range handles {
		for _, key := range x.keys(h) {
			before, taken := x.who[key]
			switch {
			case !taken:
				x.who[key] = p
			case before.ID != p.ID && before.Name != p.Name:
				x.who[key] = Person{} // nobody's
			}
		}
	}
}

// Find is the person that a handle belongs to.
func (x *Index) Find(handle string) (Person, bool) {
	if x == nil {
		return Person{}, false
	}
	for _, key := range x.keys(handle) {
		if p, ok := x.who[key]; ok {
			return p, p.Name != ""
		}
	}
	return Person{}, false
}

// Name is the name of the person that a handle belongs to, or the handle.
func (x *Index) Name(handle string) string {
	if p, ok := x.Find(handle); ok {
		return p.Name
	}
	return handle
}

// Len is the number of handles that lead to somebody.
func (x *Index) Len() int {
	if x == nil {
		return 0
	}
	return len(x.who)
}

const (
	minNational = 7   // digits; a shorter number is compared as it is
	maxHandle   = 250 // bytes; what is longer is no handle
)

// keys are what a handle is known by, the surest first: what it is, its number
// in the world, its number in its country. A number without its country's code
// is one of the phone's region, or, where that is unknown, of any: then it is
// found by what is dialled within the country, too.
func (x *Index) keys(handle string) []string {
	handle = strings.TrimSpace(handle)
	if len(handle) > maxHandle || handle == "" {
		return nil
	}
	digits := plain(handle)
	if digits == "" {
		return []string{"address:" + strings.ToLower(norm.NFC.String(handle))}
	}
	keys := []string{digits}
	if len(strings.TrimPrefix(digits, "+")) < minNational {
		return keys
	}
	if rest, abroad := strings.CutPrefix(digits, "00"); abroad && x.region == "" {
		digits = "+" + rest // what most of the world dials before a country's code
	}
	n, err := phonenumbers.Parse(digits, x.region)
	switch {
	case err != nil && x.region == "":
		return append(keys, "within:"+digits)
	case err != nil:
		return keys
	}
	keys = append(keys, phonenumbers.Format(n, phonenumbers.E164))
	if x.region == "" {
		keys = append(keys, "within:"+plain(phonenumbers.Format(n, phonenumbers.NATIONAL)),
			"within:"+phonenumbers.GetNationalSignificantNumber(n))
	}
	return keys
}

// plain is a phone number without what people write between its digits: "" for
// what is no number.
func plain(handle string) string {
	var b strings.Builder
	for i, r := range handle {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0, r == '*', r == '#':
			b.WriteRune(r)
		case r == ',' || r == ';':
			return b.String() // a pause, and what is dialled after it
		case strings.ContainsRune(" ()-./\u00a0\u202a\u202c\u2010\u2011\u2012\u2013\u2014", r):
		default:
			return ""
		}
	}
	return b.String()
}
