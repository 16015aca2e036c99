package people_test

import (
	"strings"
	"testing"

	"ibfs/fs/view/people"
)

// TestFind is case FC-13 and what stands around it.
func TestFind(t *testing.T) {
	type card struct {
		id      int64
		name    string
		handles string // with "|" between them
	}
	two := []card{{1, "Anna", "12 34 56 78"}, {2, "Ben", "+44 20 1234 5678|Ben@Example.com"}}
	for name, tt := range map[string]struct {
		region string
		cards  []card
		want   map[string]string // "" for nobody
	}{
		"FC-13": {"NO", two, map[string]string{
			"+4712345678": "Anna", "+442012345678": "Ben", "45678": "", "12345678": "Anna", "004712345678": "Anna", "00442012345678": "Ben",
			"+4612345678": "", "2012345678": "", "ben@example.com": "Ben", "anna@example.com": "",
		}},
		"region unknown": {"", two, map[string]string{
			"+4712345678": "Anna", "+442012345678": "Ben", "45678": "", "12345678": "Anna", "02012345678": "Ben",
		}},
		"short numbers are compared as they are": {"NO", []card{{1, "Taxi", "02323"}, {2, "Long", "+47 22 20 23 23"}}, map[string]string{
			"02323": "Taxi", "2323": "", "+4702323": "", "202323": "",
		}},
		"two people, one number": {"NO", []card{{1, "Anna", "12345678"}, {2, "Ben", "+4712345678"}}, map[string]string{
			"+4712345678": "", "12345678": "Anna", // written so, it is hers alone
		}},
		"two cards of one person": {"NO", []card{{1, "Anna", "12345678"}, {2, "Anna", "+4712345678"}, {1, "Anna B.", "12345678"}}, map[string]string{
			"+4712345678": "Anna",
		}},
		"no name": {"NO", []card{{1, "", "12345678"}}, map[string]string{"12345678": ""}},
		"a pause": {"US", []card{{1, "Office", "(212) 555-0100,,42"}}, map[string]string{"+12125550100": "Office"}},
		"letters": {"US", []card{{1, "Shop", "VODAFONE"}}, map[string]string{"Vodafone": "Shop", "VODA": ""}},
		"long":    {"US", []card{{1, "Shop", strings.Repeat("1", 1000)}}, map[string]string{strings.Repeat("1", 1000): ""}},
	} {
		t.Run(name, func(t *testing.T) {
			x := people.New(tt.region)
			for _, c := range tt.cards {
				x.Add(people.Person{ID: c.id, Name: c.name}, strings.Split(c.handles, "|")...)
			}
			for handle, want := range tt.want {
				if p, ok := x.Find(handle); p.Name != want || ok != (want != "") {
					t.Errorf("%s: %q, %v, want %q", handle, p.Name, ok, want)
				}
			}
		})
	}
}

func TestNobody(t *testing.T) {
	var x *people.Index
	if _, ok := x.Find("+4712345678"); ok || x.Name("a@b") != "a@b" || x.Len() != 0 {
		t.Error("a nil index finds somebody")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("NO", "12 34 56 78", "+4712345678")
	f.Add("", "+442012345678", "020 1234 5678")
	f.Add("ZZ", "tel:*#06#", "\u202a+1\u202c")
	f.Fuzz(func(t *testing.T, region, number, other string) {
		x := people.New(region)
		x.Add(people.Person{ID: 1, Name: "Anna"}, number)
		if p, ok := x.Find(number); x.Len() > 0 && (!ok || p.Name != "Anna") {
			t.Errorf("%q is not found again", number)
		}
		x.Find(other)
	})
}
