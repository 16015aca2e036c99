package judge

import (
	"context"
	"encoding/json"
	"fmt"
)

// Pages asks the Nu Html Checker what is wrong with pages of HTML.
func Pages(ctx context.Context, pages []string) (wrong []string, err error) {
	args := append([]string{"--format", "json", "--stdout", "--exit-zero-always", "--errors-only"}, pages...)
	out, err := output(tool(ctx, "judges-html/vnu", args...))
	if err != nil {
		return nil, fmt.Errorf("ask the Nu Html Checker: %w", err)
	}
	var report struct {
		Messages []struct {
			URL, Message, Extract string
			LastLine              int
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, fmt.Errorf("ask the Nu Html Checker: %w", err)
	}
	for _, m := range report.Messages {
		wrong = append(wrong, fmt.Sprintf("%s:%d: %s: %s", m.URL, m.LastLine, m.Message, m.Extract))
	}
	return wrong, nil
}
