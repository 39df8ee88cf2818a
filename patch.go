package raspc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/strictjson"
)

// Everywhere is the position of a patch that holds at all positions.
const Everywhere = -1

// Patch is an intervention on a program: its s-op has the value at the position,
// whatever it is computed from. What depends on it is computed from that value,
// and nothing else changes.
type Patch struct {
	// SOp is a name that the program gives; or, of any s-op, an operator and a
	// number, such as mul#5, by which raspc.json calls those without a name. The
	// input token, as all readings see it, is tokens.
	SOp      string `json:"sop"`
	Position int    `json:"position"` // from 0, or Everywhere
	Value    Value  `json:"value"`
}

// PatchError says that a program has no such patch.
type PatchError struct {
	Msg  string
	Help string // may be empty
}

func (e *PatchError) Error() string { return e.Msg }

// String is the form that ParsePatch reads.
func (p Patch) String() string {
	return fmt.Sprintf("%s@%s=%s", p.SOp, p.place(), p.Value.Repr())
}

// place is the position as people write it.
func (p Patch) place() string {
	if p.Position == Everywhere {
		return "*"
	}
	return strconv.Itoa(p.Position)
}

// ParsePatch reads NAME@POSITION=VALUE. The position is a number from 0, or * for
// all; the value is written as in RASP or JSON, and as text without quotes where it
// is neither. The error is a PatchError.
func ParsePatch(text string) (Patch, error) {
	name, rest, placed := strings.Cut(text, "@")
	place, val, valued := strings.Cut(rest, "=")
	if !placed || !valued || name == "" {
		return Patch{}, &PatchError{fmt.Sprintf("%q is no patch", text), "write NAME@POSITION=VALUE, such as rank@0=2"}
	}
	at, err := parsePlace(place)
	if err != nil {
		return Patch{}, err
	}
	return Patch{name, at, parseAtom(val)}, nil
}

func parsePlace(text string) (int, error) {
	if text == "*" {
		return Everywhere, nil
	}
	at, err := strconv.Atoi(text)
	if err != nil || at < 0 {
		return 0, &PatchError{fmt.Sprintf("%q is no position", text), "positions are counted from 0; * stands for all"}
	}
	return at, nil
}

// parseAtom reads a value as RASP or JSON write it, or as plain text.
func parseAtom(text string) Value {
	switch text {
	case "True":
		return value.Bool(true)
	case "False":
		return value.Bool(false)
	}
	if r, ok := value.ParseRat(text); ok && strings.Contains(text, "/") {
		return value.Number(value.KindFloat, r)
	}
	if n := len(text); n > 1 && text[0] == '\'' && text[n-1] == '\'' {
		return value.Str(text[1 : n-1])
	}
	if v, err := value.ParseJSON([]byte(text)); err == nil && json.Valid([]byte(text)) {
		return v
	}
	return value.Str(text)
}

// patchJSON is a patch in JSON; the position is "*" where it is Everywhere.
type patchJSON struct {
	SOp      string          `json:"sop"`
	Position json.RawMessage `json:"position"`
	Value    json.RawMessage `json:"value"`
	Also     []string        `json:"also,omitempty"` // of Applied; not read
}

// MarshalJSON writes an object with the members sop, position and value.
func (p Patch) MarshalJSON() ([]byte, error) { return p.json(nil) }

func (p Patch) json(also []string) ([]byte, error) {
	place := json.RawMessage(`"*"`)
	if p.Position != Everywhere {
		place = strconv.AppendInt(nil, int64(p.Position), 10)
	}
	val, err := p.Value.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return json.Marshal(patchJSON{p.SOp, place, val, also})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Patch) UnmarshalJSON(data []byte) error {
	var j patchJSON
	if err := decodeWhole(data, &j); err != nil {
		return &PatchError{fmt.Sprintf("a patch is an object with sop, position and value: %v", err), ""}
	}
	at, err := parsePlace(strings.Trim(string(j.Position), `"`))
	if err != nil {
		return err
	}
	v, err := value.FromJSON(j.Value)
	if err != nil {
		return &PatchError{fmt.Sprintf("the value of a patch: %v", err), ""}
	}
	*p = Patch{j.SOp, at, v}
	return nil
}

// ParseJSONCase reads an input with the patches under which it is run: an object
// with the members input and patches, or the input alone.
func ParseJSONCase(line []byte) ([]Value, []Patch, error) {
	if !bytes.HasPrefix(line, []byte("{")) {
		input, err := ParseJSONInput(line)
		return input, nil, err
	}
	var c struct {
		Input   json.RawMessage `json:"input"`
		Patches []Patch         `json:"patches"`
	}
	if err := decodeWhole(line, &c); err != nil {
		return nil, nil, &InputError{fmt.Sprintf("the input is no object with input and patches: %v", err)}
	}
	input, err := ParseJSONInput(c.Input)
	return input, c.Patches, err
}

// decodeWhole reads JSON that may have no members but those of v: one that is misspelt
// would be passed over.
func decodeWhole(data []byte, v any) error {
	if err := strictjson.Decode(data, v); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
