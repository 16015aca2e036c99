package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A CardLine is one property of a vCard as vobject reads it.
type CardLine struct {
	Name, Group string
	Params      map[string][]string
	Value       any // a string; a list; or, of a name or an address, its parts by what they are, such as "family"
}

// Cards asks vobject, which must find no fault with them, what is in vCards.
func Cards(ctx context.Context, cards []byte) ([][]CardLine, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(Tools(), "judges-cards/vobject-cards"))
	cmd.Stdin = bytes.NewReader(cards)
	out, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("ask vobject: %w", err)
	}
	var all [][]CardLine
	for line := range bytes.Lines(out) {
		var card []CardLine
		if err := json.Unmarshal(line, &card); err != nil {
			return nil, fmt.Errorf("ask vobject: %w", err)
		}
		all = append(all, card)
	}
	return all, nil
}

// UnmarshalJSON reads a list of the four.
func (l *CardLine) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&l.Name, &l.Group, &l.Params, &l.Value})
}

// CardNames asks khard, an address book, whom it lists of the .vcf files in a
// folder. It fails when khard warns of any.
func CardNames(ctx context.Context, dir string) ([]string, error) {
	config, err := os.CreateTemp("", "ibfs-khard-*.conf")
	if err != nil {
		return nil, err
	}
	defer os.Remove(config.Name())
	_, err = fmt.Fprintf(config, "[addressbooks]\n[[cards]]\npath = %s\n[general]\ndefault_action = list\neditor = true\nmerge_editor = true\n[contact table]\ndisplay = formatted_name\n", dir)
	if err := errors.Join(err, config.Close()); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "khard", "--config", config.Name(), "list", "--parsable", "--fields", "formatted_name")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		return nil, fmt.Errorf("ask khard: %w: %s", err, &stderr)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
}
