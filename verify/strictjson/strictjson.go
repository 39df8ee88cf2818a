// Package strictjson checks JSON text for what encoding/json lets pass but
// other readers take differently: repeated keys, bytes that are not UTF-8,
// halves of surrogate pairs. Two programs that
// read a file which Check accepts read the same thing.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := value(dec, 0); err != nil {
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
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fault.New(fault.WrongType, "%w", err)
	}
	if members == nil {
		return nil, fault.New(fault.WrongType, "null where an object is wanted")
	}
	return members, nil
}

// value reads one value of text that is known to be JSON.
func value(dec *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fault.New(fault.TooLarge, "JSON nested deeper than %d", maxDepth)
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch tok {
	case json.Delim('{'):
		return object(dec, depth)
	case json.Delim('['):
		for dec.More() {
			if err := value(dec, depth+1); err != nil {
				return err
			}
		}
		_, err := dec.Token()
		return err
	}
	return nil
}

// object reads the members and the end of an object.
func object(dec *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key := fmt.Sprint(tok)
		if seen[key] {
			return fault.New(fault.Repeated, "repeated JSON key %q", key)
		}
		seen[key] = true
		if err := value(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
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
