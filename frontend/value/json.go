package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// MarshalJSON writes a string or boolean as such, None as null, a tuple as an
// array, and a number as the shortest decimal that reads back as the double nearest
// to it; integers in full.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case KindString:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v.str)
		return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
	case KindBool:
		return strconv.AppendBool(nil, v.Truth()), nil
	case KindInt:
		return []byte(v.num.String()), nil
	case KindNone:
		return []byte("null"), nil
	case KindTuple:
		return json.Marshal(v.Elements())
	}
	return json.Marshal(v.num.Float64())
}

// ParseJSON reads a JSON string, boolean or number as an atom. A number with a
// point or an exponent is a float.
func ParseJSON(raw []byte) (Value, error) {
	v, err := FromJSON(raw)
	if err == nil && (v.kind == KindNone || v.kind == KindTuple) {
		return Value{}, fmt.Errorf("%s is neither a string, a number, true nor false", raw)
	}
	return v, err
}

// FromJSON reads what MarshalJSON writes: atoms as ParseJSON does, null as None, and an
// array as a tuple.
func FromJSON(raw []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var decoded any
	if err := d.Decode(&decoded); err != nil {
		return Value{}, err
	}
	return fromJSON(decoded)
}

func fromJSON(decoded any) (Value, error) {
	switch x := decoded.(type) {
	case string:
		return Str(x), nil
	case bool:
		return Bool(x), nil
	case json.Number:
		return jsonNumber(x.String())
	case nil:
		return None(), nil
	case []any:
		elements := make([]Value, len(x))
		for i, item := range x {
			var err error
			if elements[i], err = fromJSON(item); err != nil {
				return Value{}, err
			}
		}
		return Tuple(elements), nil
	}
	return Value{}, errors.New("an object is no value")
}

func jsonNumber(text string) (Value, error) {
	const longest, exponent = 4096, 400 // keeps hostile numbers cheap
	mantissa, exp, isExp := strings.Cut(strings.ToLower(text), "e")
	if e, err := strconv.Atoi(exp); len(text) > longest || isExp && (err != nil || e > exponent || e < -exponent) {
		return Value{}, fmt.Errorf("the number %.40s is too large", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Value{}, fmt.Errorf("%.40s is not a number", text)
	}
	if isExp || strings.Contains(mantissa, ".") {
		return Number(KindFloat, FromBig(r)), nil
	}
	return Number(KindInt, FromBig(r)), nil
}
