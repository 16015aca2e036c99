package whatsapp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ibfs/fs/view"
)

// locationLines are the name of a place, where it is and what was written of it.
func locationLines(row view.Row) []string {
	text := "Location"
	if name := cmp.Or(line(row.Text(colTitle)), line(row.Text(colCardName))); name != "" {
		text += ": " + name
	}
	lines := []string{text}
	lat, long := row.Float(colLatitude), row.Float(colLongitude)
	if (lat != 0 || long != 0) && lat >= -90 && lat <= 90 && long >= -180 && long <= 180 {
		lines = append(lines, fmt.Sprintf("%.5f, %.5f", lat, long))
	}
	return appendText(lines, row)
}

// appendText adds what was written beside a contact or a place, where that is not
// said yet.
func appendText(lines []string, row view.Row) []string {
	text := strings.TrimSpace(row.Text(colText))
	said := func(line string) bool {
		_, name, _ := strings.Cut(line, ": ")
		return line == text || name == text
	}
	if text != "" && !slices.ContainsFunc(lines, said) {
		lines = append(lines, text)
	}
	return lines
}
