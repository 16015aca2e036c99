package bplist

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// parseXML reads a property list of XML as the values that [Encoder.Any] takes.
// Entities other than XML's own five are errors: nothing is ever expanded.
func parseXML(b []byte) (any, error) {
	if len(b) > MaxXML {
		return nil, fmt.Errorf("%d bytes of XML, more than %d", len(b), MaxXML)
	}
	p := xmlReader{xml.NewDecoder(bytes.NewReader(b))}
	for {
		e, err := p.next()
		switch {
		case err != nil:
			return nil, err
		case e == nil:
			return nil, errors.New("it holds no value")
		case e.Name.Local != "plist":
			return p.value(e, 0)
		}
	}
}

type xmlReader struct{ d *xml.Decoder }

// next returns the next element, or nil when the present one ends first.
func (p xmlReader) next() (*xml.StartElement, error) {
	for {
		t, err := p.d.Token()
		if err != nil {
			return nil, noEOF(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// text reads what is left of an element that holds only text.
func (p xmlReader) text() (string, error) {
	var s strings.Builder
	for {
		t, err := p.d.Token()
		if err != nil {
			return "", noEOF(err)
		}
		switch t := t.(type) {
		case xml.CharData:
			s.Write(t)
		case xml.StartElement:
			return "", fmt.Errorf("<%.20s> inside a text", t.Name.Local)
		case xml.EndElement:
			return s.String(), nil
		}
	}
}

func (p xmlReader) value(e *xml.StartElement, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	switch e.Name.Local {
	case "array":
		return p.array(depth)
	case "dict":
		return p.dict(depth)
	}
	s, err := p.text()
	if err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(s)
	switch e.Name.Local {
	case "string":
		return s, nil
	case "true", "false":
		return e.Name.Local == "true", nil
	case "integer":
		if n, err := strconv.ParseUint(trimmed, 0, 64); err == nil {
			return n, nil
		}
		return strconv.ParseInt(trimmed, 0, 64)
	case "real":
		return strconv.ParseFloat(trimmed, 64)
	case "date":
		return time.Parse(time.RFC3339, trimmed)
	case "data":
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	}
	return nil, fmt.Errorf("<%.20s> is no kind of value", e.Name.Local)
}

func (p xmlReader) array(depth int) (any, error) {
	list := []any{}
	for {
		e, err := p.next()
		if err != nil || e == nil {
			return list, err
		}
		v, err := p.value(e, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

func (p xmlReader) dict(depth int) (any, error) {
	dict := map[string]any{}
	for {
		e, err := p.next()
		if err != nil || e == nil {
			return dict, err
		}
		if e.Name.Local != "key" {
			return nil, fmt.Errorf("<%.20s> where a key should be", e.Name.Local)
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if e, err = p.next(); err != nil {
			return nil, err
		}
		if e == nil {
			return nil, errors.New("a key without a value")
		}
		if dict[key], err = p.value(e, depth+1); err != nil {
			return nil, err
		}
	}
}
