//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A row is one line of the table, each field as it is printed.
type row struct {
	what     string
	at       string // number of rows
	bar      string // of docs/design.md
	measured string
	ratio    string // to the bar or to what stands beside it
}

type table struct{ rows []row }

func (t *table) add(r row) { t.rows = append(t.rows, r) }

func (t *table) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nWHAT\tROWS\tBAR\tMEASURED\tRATIO")
	for _, r := range t.rows {
		measured := strings.Join(strings.Fields(r.measured), " ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.what, r.at, r.bar, measured, r.ratio)
	}
	return w.Flush()
}

// notInstalled is what stands in the place of a peer that is not there.
const notInstalled = "not installed"

func duration(seconds float64) string {
	switch {
	case seconds < 1e-3:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

func speed(bytes int64, seconds float64) string {
	return fmt.Sprintf("%.2f GB/s", float64(bytes)/seconds/1e9)
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", (bytes+500_000)/1_000_000) }

func times(ratio float64, of string) string { return fmt.Sprintf("%.2f × %s", ratio, of) }

// count is a number of rows in thousands or millions.
func count(n int) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.3g M", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.3g k", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}
