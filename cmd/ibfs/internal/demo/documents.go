package demo

import (
	"time"

	"ibfs/backupfmt/backuptest"
)

// documents are what the Files app shows as On My iPhone.
func documents(p *phone) ([]backuptest.File, error) {
	var files []backuptest.File
	for _, d := range []struct{ path, changed, text string }{
		{"Recipes/Flapjacks.txt", "2026-02-01", `Flapjacks (Mum's)

250 g oats
125 g butter
125 g brown sugar
3 spoons golden syrup

Melt, stir, press, 25 min at 160 degrees. Cut while warm!
`},
		{"Recipes/Bacalhau à Brás.txt", "2026-06-25", `Bacalhau à Brás (João)

400 g salt cod, soaked overnight, in shreds
500 g potatoes cut like matches, fried
6 eggs
2 onions, olives, parsley

Onions first, then the cod, then the potatoes; eggs last, off the heat.
`},
		{"Packing list.md", "2026-08-12", `# Japan

- [x] passport
- [x] rail pass voucher
- [x] adapter (two!)
- [x] rain jacket
- [ ] the good head torch
`},
		{"Flat/Boiler.txt", "2026-01-19", "Serviced in January. Pressure between 1.0 and 1.5 bar.\nKofi has the part number.\n"},
		{"Flat/Meter readings.csv", "2026-10-01", "date,electricity,gas\n2026-01-01,40211,8120\n2026-04-01,40835,8544\n2026-07-01,41302,8611\n2026-10-01,41788,8690\n"},
		{"New York/Ideas.md", "2026-11-03", "# New York\n\n- the bridge at sunrise\n- pizza where Leila says\n- Brooklyn Boulders, ask for Oscar\n"},
	} {
		day, err := time.Parse(time.DateOnly, d.changed)
		if err != nil {
			return nil, err
		}
		if changed := day.Add(19*time.Hour + 12*time.Minute); p.has(changed) {
			files = append(files, backuptest.File{
				Domain: "AppDomainGroup-group.com.apple.FileProvider.LocalStorage", Path: "File Provider Storage/" + d.path,
				Content: []byte(d.text), ModTime: changed,
			})
		}
	}
	return files, nil
}
