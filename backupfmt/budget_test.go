package backupfmt_test

import (
	"testing"

	"ibfs/backupfmt"
)

// TestShareThatIsFreed: who closes while another still makes something leaves
// nothing in the books, which would push out what is in use.
func TestShareThatIsFreed(t *testing.T) {
	for name, c := range map[string]struct {
		free bool
		left bool // the other is still there
	}{
		"in use": {false, false},
		"freed":  {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			left := true
			budget := backupfmt.NewBudget(100)
			budget.Share(func() { left = false }).Hold(60)
			s := budget.Share(func() {})
			s.Hold(1)
			if c.free {
				s.Free()
			}
			s.Hold(60)
			if left != c.left {
				t.Errorf("the other is left: %v", left)
			}
		})
	}
}
