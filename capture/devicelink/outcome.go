package devicelink

// maxWarnings bounds the warnings that are kept; the rest are counted.
const maxWarnings = 1000

// An Outcome is what came of a run.
type Outcome struct {
	Progress

	// Warnings are the files that the phone could not read, in part or at all.
	Warnings []Warning

	// MoreWarnings counts those that came after the first thousand.
	MoreWarnings int

	// Failures counts what the host could not do that the phone asked for, and
	// Failure is the first: a full disk, a refused path. The run is no success then,
	// whatever the phone says.
	Failures int
	Failure  error
}

// A Warning is a file that the phone could not read.
type Warning struct {
	Path string // where it was to go; of the phone's making
	Text string // the phone's words, shortened; not to be shown unescaped
	Kept bool   // part of it came and is kept
}

func (o *Outcome) warn(w Warning) {
	if len(o.Warnings) >= maxWarnings {
		o.MoreWarnings++
		return
	}
	o.Warnings = append(o.Warnings, w)
}
