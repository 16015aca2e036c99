package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// tool is a command that starts a program below Tools.
func tool(ctx context.Context, path string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, filepath.Join(Tools(), path), args...)
}

// output is what a program prints; the error has what it says on standard error.
func output(cmd *exec.Cmd) ([]byte, error) {
	out, said, err := run(cmd)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, said)
	}
	return out, nil
}

// lines asks a program that prints JSON, a value a line.
func lines[T any](name string, cmd *exec.Cmd) (all []T, err error) {
	out, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", name, err)
	}
	for line := range bytes.Lines(out) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return nil, fmt.Errorf("ask %s: %w", name, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// silent asks a program that must not complain; what it prints has a line a
// value.
func silent(name string, cmd *exec.Cmd) ([]string, error) {
	out, said, err := run(cmd)
	if err == nil && said != "" {
		err = errors.New("it complains")
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w: %s", name, err, said)
	}
	return strings.Split(strings.Trim(string(out), "\n"), "\n"), nil
}

func run(cmd *exec.Cmd) (out []byte, said string, err error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err = cmd.Output()
	return out, strings.TrimSpace(stderr.String()), err
}
