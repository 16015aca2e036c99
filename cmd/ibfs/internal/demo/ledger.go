package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"ibfs/backupfmt/backuptest"
)

// ledger is the side-loaded app: a list of expenses for each month, and its
// settings.
func ledger(p *phone) ([]backuptest.File, error) {
	settings, err := preferences("AppDomain-"+ledgerApp, ledgerApp, p.now, map[string]any{"currency": "GBP", "firstWeekday": 2})
	if err != nil {
		return nil, err
	}
	files := []backuptest.File{settings}
	spent := []struct {
		on       string
		from, to int // pence
	}{
		{"groceries", 480, 6200}, {"coffee", 290, 720}, {"train", 620, 9800}, {"climbing wall", 1150, 1150},
		{"lunch", 650, 1800}, {"cat food", 900, 3400}, {"books", 799, 2600}, {"phone", 1200, 1200},
	}
	for month := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); p.has(month); month = month.AddDate(0, 1, 0) {
		rnd := rand.New(rand.NewPCG(uint64(month.Unix()), 5))
		var b strings.Builder
		b.WriteString("date,what,pounds\n")
		last := month
		for day := month; day.Month() == month.Month() && p.has(day); day = day.AddDate(0, 0, 1+rnd.IntN(3)) {
			s := spent[rnd.IntN(len(spent))]
			pence := s.from + rnd.IntN(s.to-s.from+1)
			fmt.Fprintf(&b, "%s,%s,%d.%02d\n", day.Format(time.DateOnly), s.on, pence/100, pence%100)
			last = day
		}
		files = append(files, backuptest.File{
			Domain: "AppDomain-" + ledgerApp, Path: "Documents/" + month.Format("2006-01") + ".csv",
			Content: []byte(b.String()), ModTime: last.Add(20 * time.Hour),
		})
	}
	return files, nil
}
