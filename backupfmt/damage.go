package backupfmt

// Damage is one row of a backup that cannot be shown as it should be.
type Damage struct {
	Entry  Entry
	Domain string
	Path   string
	Err    error
}

// maxDamage is how many rows a log keeps; the rest is counted.
const maxDamage = 100

// A damageLog counts damaged rows and keeps the first of them.
type damageLog struct {
	count int
	first []Damage
}

func (l *damageLog) add(d Damage) {
	l.count++
	if len(l.first) < maxDamage {
		l.first = append(l.first, d)
	}
}

func (l *damageLog) join(m *damageLog) {
	l.count += m.count
	l.first = append(l.first, m.first[:min(len(m.first), maxDamage-len(l.first))]...)
}
