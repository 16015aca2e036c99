package people

import (
	"strings"
	"unicode"
)

// FullName joins the parts of a name as it is said: the given name first, or,
// where both names are written in Chinese, Japanese or Korean, the family name
// with nothing between.
func FullName(given, middle, family string) string {
	if strings.TrimSpace(middle) == "" && eastAsian(given) && eastAsian(family) {
		return family + given
	}
	return strings.Join(strings.Fields(given+" "+middle+" "+family), " ")
}

func eastAsian(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return false
		}
	}
	return s != ""
}
