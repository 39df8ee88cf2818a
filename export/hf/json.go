package hf

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// decimal is a float that is written with a point and no exponent, as the
// stock configurations have it.
type decimal float64

// MarshalJSON implements json.Marshaler.
func (d decimal) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(d), 'f', 1, 64), nil
}

// byID is the object {"0": first, "1": second, ...}. A Go map would sort
// "10" before "2".
type byID []string

// MarshalJSON implements json.Marshaler.
func (texts byID) MarshalJSON() ([]byte, error) {
	return object(len(texts), func(i int) (string, any) {
		return strconv.Itoa(i), texts[i]
	})
}

// idOf is the object {first: 0, second: 1, ...}.
type idOf []string

// MarshalJSON implements json.Marshaler.
func (texts idOf) MarshalJSON() ([]byte, error) {
	return object(len(texts), func(i int) (string, any) {
		return texts[i], i
	})
}

// object writes n members in order.
func object(n int, member func(i int) (string, any)) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	buf.WriteByte('{')
	for i := range n {
		if i > 0 {
			buf.WriteByte(',')
		}
		key, value := member(i)
		if err := enc.Encode(key); err != nil {
			return nil, err
		}
		buf.WriteByte(':')
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}
