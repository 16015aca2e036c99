package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// A CardLine is one property of a vCard as vobject reads it.
type CardLine struct {
	Name, Group string
	Params      map[string][]string
	Value       any // a string; a list; or, of a name or an address, its parts by what they are, such as "family"
}

// Cards asks vobject, which must find no fault with them, what is in vCards.
func Cards(ctx context.Context, cards []byte) ([][]CardLine, error) {
	cmd := tool(ctx, "judges-cards/vobject-cards")
	cmd.Stdin = bytes.NewReader(cards)
	return lines[[]CardLine]("vobject", cmd)
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
	return silent("khard", exec.CommandContext(ctx, "khard", "--config", config.Name(), "list", "--parsable", "--fields", "formatted_name"))
}
