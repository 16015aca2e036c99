package plist

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func decodeXML(b []byte) (any, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(b), []byte("<")) {
		return nil, errors.New("neither binary nor XML")
	}
	d := xmlDecoder{xml.NewDecoder(bytes.NewReader(legalXML(b))), maxValues}
	open, err := d.open()
	if err != nil {
		return nil, err
	}
	if open == nil || open.Name.Local != "plist" {
		return nil, errors.New("no <plist>")
	}
	if open, err = d.open(); err != nil {
		return nil, err
	}
	if open == nil {
		return nil, errors.New("it holds no value")
	}
	v, err := d.value(open, 0)
	if err != nil {
		return nil, err
	}
	switch more, err := d.open(); {
	case err != nil:
		return nil, err
	case more != nil:
		return nil, errors.New("more than one value")
	}
	return v, nil
}

// legalXML replaces what XML cannot hold.
func legalXML(b []byte) []byte {
	b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	for i, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
	return b
}

type xmlDecoder struct {
	*xml.Decoder
	left int // how many values may still come
}

// open moves past the next tag, which is nil when it closes an element. Text
// between tags means nothing.
func (d *xmlDecoder) open() (*xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// value reads the value that a tag opens, with its closing tag.
func (d *xmlDecoder) value(open *xml.StartElement, depth int) (any, error) {
	if d.left--; d.left < 0 {
		return nil, errors.New("too many values")
	}
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	switch open.Name.Local {
	case "dict":
		return d.dict(depth)
	case "array":
		return d.array(depth)
	}
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	return scalar(open.Name.Local, text)
}

func (d *xmlDecoder) dict(depth int) (map[string]any, error) {
	dict := map[string]any{}
	for {
		open, err := d.open()
		if open == nil {
			return dict, err
		}
		if open.Name.Local != "key" {
			return nil, errors.New("a value without a key")
		}
		key, err := d.text()
		if err != nil {
			return nil, err
		}
		if open, err = d.open(); err != nil {
			return nil, err
		}
		if open == nil {
			return nil, errors.New("a key without a value")
		}
		if dict[key], err = d.value(open, depth+1); err != nil {
			return nil, err
		}
	}
}

func (d *xmlDecoder) array(depth int) ([]any, error) {
	array := []any{}
	for {
		open, err := d.open()
		if open == nil {
			return array, err
		}
		v, err := d.value(open, depth+1)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
}

// text is what an element without children holds, read with its closing tag.
func (d *xmlDecoder) text() (string, error) {
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			return "", fmt.Errorf("a <%.20s> where text belongs", t.Name.Local)
		case xml.EndElement:
			return text.String(), nil
		}
	}
}

func scalar(name, text string) (any, error) {
	if name == "string" {
		return text, nil
	}
	text = strings.TrimSpace(text)
	switch name {
	case "true", "false":
		return name == "true", nil
	case "integer":
		return integer(text)
	case "real":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		return float(f)
	case "date":
		t, err := time.Parse(time.RFC3339, text)
		return t.UTC(), err
	case "data":
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	}
	return nil, fmt.Errorf("an unknown element <%.20s>", name)
}

// integer reads decimal digits, or hexadecimal ones after 0x, with a sign.
func integer(s string) (any, error) {
	digits, negative := strings.CutPrefix(s, "-")
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok {
		digits, base = hex, 16
	}
	if negative {
		digits = "-" + digits
	}
	if n, err := strconv.ParseInt(digits, base, 64); err == nil {
		return n, nil
	}
	return strconv.ParseUint(digits, base, 64)
}
