package backupfmt

import "fmt"

// Damage is one row of a backup that cannot be shown as it should be.
type Damage struct {
	Entry  Entry
	Domain string
	Path   string
	Whole  bool // it is of no one row: what the manifest has in its place may have been lost
	Err    error
}

// maxDamage is how many rows a log keeps; the rest is counted.
const maxDamage = 100

// A damageLog counts damaged rows and keeps the first of them.
type damageLog struct {
	count int
	whole int // how many of them are of the manifest as a whole
	first []Damage
}

func (l *damageLog) add(d Damage) {
	l.count++
	if d.Whole {
		l.whole++
	}
	if len(l.first) < maxDamage {
		l.first = append(l.first, d)
	}
}

func (l *damageLog) join(m *damageLog) {
	l.count += m.count
	l.whole += m.whole
	l.first = append(l.first, m.first[:min(len(m.first), maxDamage-len(l.first))]...)
}

// findings are the damage as Verify tells it: that which is not kept is counted.
func (l *damageLog) findings() (found []Finding) {
	kind := func(whole bool) string {
		if whole {
			return KindManifest
		}
		return KindRow
	}
	whole := l.whole
	for _, d := range l.first {
		if d.Whole {
			whole--
		}
		found = append(found, Finding{Entry: d.Entry, Domain: d.Domain, Path: d.Path, Kind: kind(d.Whole), Detail: d.Err.Error()})
	}
	if more := l.count - len(l.first); more > 0 {
		found = append(found, Finding{Kind: kind(whole > 0), Count: more, Detail: fmt.Sprintf("%d more damaged rows", more)})
	}
	return found
}
