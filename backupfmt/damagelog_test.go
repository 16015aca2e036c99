package backupfmt

import "testing"

// TestDamageOfTheWholeIsNotLost: of many damaged rows only the first are kept, and
// what is said of the rest says whether the manifest itself is among it.
func TestDamageOfTheWholeIsNotLost(t *testing.T) {
	rows := func(n int) (all []Damage) {
		for i := range n {
			all = append(all, Damage{Entry: Entry(i + 1), Domain: "HomeDomain", Err: errPath})
		}
		return all
	}
	whole := Damage{Whole: true, Err: errLost}
	for name, c := range map[string]struct {
		damage []Damage
		kept   int
		rest   string // the kind of what is counted
		count  int
	}{
		"one row":              {rows(1), 1, "", 0},
		"the manifest":         {[]Damage{whole}, 1, "", 0},
		"many rows":            {rows(maxDamage + 7), maxDamage, KindRow, 7},
		"it is among the kept": {append([]Damage{whole}, rows(maxDamage+6)...), maxDamage, KindRow, 7},
		"it is not":            {append(rows(maxDamage+6), whole), maxDamage, KindManifest, 7},
	} {
		t.Run(name, func(t *testing.T) {
			var part, log damageLog
			for _, d := range c.damage {
				part.add(d)
			}
			log.join(&part)
			found := log.findings()
			for i, d := range c.damage[:c.kept] {
				want := KindRow
				if d.Whole {
					want = KindManifest
				}
				if found[i].Kind != want || found[i].Entry != d.Entry {
					t.Errorf("%d: %+v, want %s", i, found[i], want)
				}
			}
			if c.count == 0 && len(found) == c.kept {
				return
			}
			if rest := found[len(found)-1]; len(found) != c.kept+1 || rest.Kind != c.rest || rest.Count != c.count {
				t.Errorf("%d findings, the last %+v", len(found), rest)
			}
		})
	}
}
