package whatsapp

import (
	"cmp"
	"strings"

	"ibfs/fs/view"
)

// What stands between several contacts of one message.
const (
	nameSeparator = "_$!<Name-Separator>!$_"
	cardSeparator = "_$!<VCard-Separator>!$_"
)

// contactLines are the names, and the numbers and addresses, of contacts, and what
// was written of them.
func contactLines(row view.Row) []string {
	var names, values []string
	for _, card := range strings.Split(row.Text(colCard), cardSeparator) {
		for l := range strings.Lines(card) {
			name, value, _ := strings.Cut(strings.TrimRight(l, "\r\n"), ":")
			name, _, _ = strings.Cut(strings.ToUpper(name), ";")
			if _, rest, grouped := strings.Cut(name, "."); grouped {
				name = rest
			}
			value = line(unescape.Replace(value))
			switch {
			case value == "" || len(names)+len(values) >= maxChoices:
			case name == "FN":
				names = append(names, value)
			case name == "TEL", name == "EMAIL":
				values = append(values, value)
			}
		}
	}
	name := line(strings.ReplaceAll(row.Text(colCardName), nameSeparator, ", "))
	name = cmp.Or(name, strings.Join(names, ", "), line(row.Text(colTitle)))
	first := "Contact: " + name
	if name == "" {
		first = "Contact"
	}
	return appendText(append([]string{first}, values...), row)
}

// unescape undoes what vCards write before marks.
var unescape = strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\;`, `;`, `\n`, " ", `\N`, " ")
