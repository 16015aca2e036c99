package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// MVTRecords asks mvt what one of its modules, such as "Calls", finds in an
// unencrypted backup; result is the name of the file that the module writes,
// without its extension.
func MVTRecords(ctx context.Context, backup, module, result string) ([]map[string]any, error) {
	dir, err := os.MkdirTemp("", "ibfs-mvt-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := tool(ctx, "judges-python/bin/mvt-ios", "--disable-update-check", "--disable-indicator-update-check",
		"check-backup", "--module", module, "--output", dir, backup)
	if _, err := output(cmd); err != nil {
		return nil, fmt.Errorf("ask mvt: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, result+".json"))
	if err != nil {
		return nil, fmt.Errorf("ask mvt: %w", err)
	}
	var records []map[string]any
	if err := json.Unmarshal(b, &records); err != nil {
		return nil, fmt.Errorf("ask mvt: %w", err)
	}
	return records, nil
}
