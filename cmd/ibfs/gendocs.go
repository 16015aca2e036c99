package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// docsDate is the date on the man pages. It is fixed, so that the same source
// gives the same pages.
var docsDate = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// gendocs writes man pages and completions, for packages.
func (a *app) gendocs() *cobra.Command {
	return &cobra.Command{
		Use:    "gendocs FOLDER",
		Short:  "Writes man pages and shell completions into a folder",
		Hidden: true,
		Args:   takes(1, "FOLDER"),
		RunE: func(c *cobra.Command, args []string) error {
			man, completions := filepath.Join(args[0], "man"), filepath.Join(args[0], "completions")
			for _, dir := range []string{man, completions} {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return fmt.Errorf("write the documents: %w", err)
				}
			}
			root := c.Root()
			root.Long += exitStatus()
			header := &doc.GenManHeader{Section: "1", Date: &docsDate, Source: "ibfs", Manual: "ibfs"}
			if err := doc.GenManTree(root, header, man); err != nil {
				return fmt.Errorf("write man pages: %w", err)
			}
			for name, write := range map[string]func(string) error{
				"ibfs.bash": func(file string) error { return root.GenBashCompletionFileV2(file, true) },
				"ibfs.zsh":  root.GenZshCompletionFile,
				"ibfs.fish": func(file string) error { return root.GenFishCompletionFile(file, true) },
			} {
				if err := write(filepath.Join(completions, name)); err != nil {
					return fmt.Errorf("write completions: %w", err)
				}
			}
			return nil
		},
	}
}

// exitStatus is the table of exit codes as a section of a man page.
func exitStatus() string {
	var b strings.Builder
	b.WriteString("\n\n# EXIT STATUS\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "**%d**\n:   %s\n\n", e.code, e.meaning)
	}
	return b.String()
}
