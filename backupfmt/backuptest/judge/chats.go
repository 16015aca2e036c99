package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// A Chat is a chat as whatsapp-chat-exporter tells it.
type Chat struct {
	Name     string
	Messages ChatMessages
}

// ChatMessages are messages in the order that they are told in.
type ChatMessages []ChatMessage

// A ChatMessage is one message. What it does not say is the zero value.
type ChatMessage struct {
	FromMe    bool    `json:"from_me"`
	Timestamp float64 // Unix seconds
	Sender    string  // of a group
	Type      int     `json:"message_type"`
	Data      string  // its text, or where its file is
	Media     bool
	Mime      string // "media" of what is missing
	Caption   string
	Reply     string // the start of the stanza of what it replies to
	Quoted    any    `json:"quoted_data"` // the text of that
}

// UnmarshalJSON reads an object whose keys are in order.
func (m *ChatMessages) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		if _, err := d.Token(); err != nil { // the key
			return err
		}
		var one ChatMessage
		if err := d.Decode(&one); err != nil {
			return err
		}
		*m = append(*m, one)
	}
	return nil
}

// Chats are those of WhatsApp in a plain backup as whatsapp-chat-exporter tells
// them, by JID.
func Chats(ctx context.Context, backup string) (map[string]Chat, error) {
	dir, err := os.MkdirTemp("", "ibfs-chats-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := tool(ctx, "judges-whatsapp/bin/wtsexporter", "--ios", "--backup", backup,
		"--json", "result.json", "--no-html", "--no-banner", "--output", "out")
	cmd.Dir = dir // it copies what it reads to where it is
	cmd.Env = append(os.Environ(), "TZ=UTC", "HOME="+dir)
	if _, err := output(cmd); err != nil {
		return nil, fmt.Errorf("ask whatsapp-chat-exporter: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "result.json"))
	if err != nil {
		return nil, fmt.Errorf("ask whatsapp-chat-exporter: %w", err)
	}
	var chats map[string]Chat
	if err := json.Unmarshal(b, &chats); err != nil {
		return nil, fmt.Errorf("ask whatsapp-chat-exporter: %w", err)
	}
	return chats, nil
}
