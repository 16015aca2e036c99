package judge

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const exporter = "judges-messages/bin/imessage-exporter"

// CanAskMessages says whether imessage-exporter is there to be asked.
func CanAskMessages() bool {
	_, err := exec.LookPath(filepath.Join(Tools(), exporter))
	return err == nil
}

// Messages are the conversations of a plain backup as imessage-exporter writes
// them: texts with times in UTC, by the name that it gives each.
func Messages(ctx context.Context, backup string) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "ibfs-messages-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := tool(ctx, exporter, "--format", "txt", "--platform", "iOS", "--db-path", backup,
		"--export-path", dir, "--no-progress", "--ignore-disk-warning")
	cmd.Env = append(os.Environ(), "TZ=UTC", "HOME="+dir)
	if _, err := output(cmd); err != nil {
		return nil, fmt.Errorf("ask imessage-exporter: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts[filepath.Base(name[:len(name)-len(".txt")])] = string(b)
	}
	return texts, nil
}
