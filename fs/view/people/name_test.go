package people_test

import (
	"testing"

	"ibfs/fs/view/people"
)

func TestFullName(t *testing.T) {
	for _, tt := range []struct{ given, middle, family, want string }{
		{"Anna", "", "Holloway", "Anna Holloway"}, {" Anna ", "M.\n", "Holloway", "Anna M. Holloway"}, {"", "", "", ""}, {"Anna", "", "", "Anna"},
		{"雪子", "", "佐藤", "佐藤雪子"}, {"철수", "", "김", "김철수"}, {"雪子", "", "", "雪子"}, {"", "", "佐藤", "佐藤"}, {"Yuki", "", "佐藤", "Yuki 佐藤"}, {"雪子", "M", "佐藤", "雪子 M 佐藤"},
	} {
		if got := people.FullName(tt.given, tt.middle, tt.family); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
