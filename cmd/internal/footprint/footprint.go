// Package footprint sets how much memory a process may take that serves a
// mount. The command and the benchmark share it, so that what is measured is
// what runs.
package footprint

import "runtime/debug"

// gcPercent is how much garbage there may be before it is collected, in
// percent of what is in use. Of a mount that is nearly all index, which stays;
// Go's default of 100 would let the garbage of listings grow as large again.
const gcPercent = 50

// Keep holds the memory of this process small, at the price of collecting
// garbage more often.
func Keep() { debug.SetGCPercent(gcPercent) }
