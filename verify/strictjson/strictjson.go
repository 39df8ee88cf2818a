// Package strictjson checks JSON text for what encoding/json lets pass but
// other readers take differently: repeated keys, bytes that are not UTF-8,
// halves of surrogate pairs. Two programs that
// read a file which Check accepts read the same thing.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raspc/raspc/verify/fault"
)

// maxDepth bounds the nesting of arrays and objects.
const maxDepth = 64

// Check reports the first of these faults in text, or nil.
func Check(text []byte) error {
	if !utf8.Valid(text) {
		return fault.New(fault.Malformed, "the JSON text is not UTF-8")
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &syntax) {
		return fault.New(broken(text, syntax), "not JSON: %w at byte %d", err, syntax.Offset)
	} else if err != nil {
		return fault.New(fault.Malformed, "not JSON: %w", err)
	}
	if err := (&scanner{text: text}).value(0); err != nil {
		return err
	}
	return surrogates(text)
}

// broken tells text that ends too early from text that is not JSON.
func broken(text []byte, at *json.SyntaxError) fault.Kind {
	if at.Offset >= int64(len(text)) && strings.Contains(at.Error(), "unexpected end") {
		return fault.Truncated
	}
	return fault.Malformed
}

// Object checks text and returns the members of the object that it holds.
func Object(text []byte) (map[string]json.RawMessage, error) {
	if err := Check(text); err != nil {
		return nil, err
	}
	return Members(text)
}

// Members is Object for a part of text that was checked.
func Members(text []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fault.New(fault.WrongType, "%w", err)
	}
	if members == nil {
		return nil, fault.New(fault.WrongType, "null where an object is wanted")
	}
	return members, nil
}

// scanner walks through text that is JSON already.
type scanner struct {
	text []byte
	at   int
}

// value passes over a value.
func (s *scanner) value(depth int) error {
	if depth > maxDepth {
		return fault.New(fault.TooLarge, "JSON nested deeper than %d", maxDepth)
	}
	switch s.next() {
	case '{':
		return s.object(depth)
	case '[':
		s.at++
		for s.next() != ']' {
			if err := s.value(depth + 1); err != nil {
				return err
			}
		}
		s.at++
	case '"':
		s.str()
	default: // a number or a word
		for s.at < len(s.text) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(s.text[s.at])) {
			s.at++
		}
	}
	return nil
}

// object passes over an object.
func (s *scanner) object(depth int) error {
	seen := map[string]bool{}
	s.at++
	for s.next() != '}' {
		key := s.str()
		if seen[key] {
			return fault.New(fault.Repeated, "repeated JSON key %q", key)
		}
		seen[key] = true
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

// next passes over what stands between values, and returns what follows.
func (s *scanner) next() byte {
	for s.at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n,:"), s.text[s.at]) >= 0 {
		s.at++
	}
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// str passes over a string, and returns what it stands for.
func (s *scanner) str() string {
	begin := s.at
	plain := true
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			plain = false
			s.at++
		}
	}
	s.at++
	quoted := s.text[begin:s.at]
	if plain {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return string(quoted) // which does not happen
	}
	return text
}

// surrogates reports an escaped half of a surrogate pair that stands alone.
// encoding/json would read it as U+FFFD, other readers as an error. The text
// is valid JSON already, so backslashes stand in strings only and every \u
// has four digits.
func surrogates(text []byte) error {
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			i++
			continue
		}
		unit, ok := escapedUnit(text[i:])
		if !ok {
			i += len(`\n`)
			continue
		}
		i += len(`\uXXXX`)
		if unit < 0xD800 || unit > 0xDFFF {
			continue
		}
		low, ok := escapedUnit(text[i:])
		if unit > 0xDBFF || !ok || low < 0xDC00 || low > 0xDFFF {
			return fault.New(fault.Malformed, "half a surrogate pair, \\u%04x, in the JSON text", unit)
		}
		i += len(`\uXXXX`)
	}
	return nil
}

// escapedUnit returns the UTF-16 unit of a \uXXXX at the start of text.
func escapedUnit(text []byte) (uint64, bool) {
	if len(text) < len(`\uXXXX`) || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	return unit, err == nil
}
