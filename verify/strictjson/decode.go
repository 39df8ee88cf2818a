package strictjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/raspc/raspc/verify/fault"
)

// Decode checks text and reads it into the value that v points to, as encoding/json
// does, except that keys are those of v's structs letter by letter: one that
// differs in case only is an error. Keys that are unlike all are passed over.
func Decode(text []byte, v any) error {
	if err := Check(text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fault.New(fault.WrongType, "%w", err)
	}
	return exact(json.NewDecoder(bytes.NewReader(text)), reflect.TypeOf(v))
}

// exact reads one value of text that was read into a type, nil for any, and looks for
// keys that are spelled unlike its fields.
func exact(dec *json.Decoder, t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok != json.Delim('{') && tok != json.Delim('[') {
		return nil
	}
	of := inside(t)
	for dec.More() {
		key := ""
		if tok == json.Delim('{') {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			key, _ = name.(string)
		}
		member, err := of(key)
		if err != nil {
			return err
		}
		if err := exact(dec, member); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// inside returns what gives the type of a member or an element.
func inside(t reflect.Type) func(key string) (reflect.Type, error) {
	switch {
	case t == nil:
	case t.Kind() == reflect.Struct:
		return func(key string) (reflect.Type, error) { return field(t, key) }
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice:
		return func(string) (reflect.Type, error) { return t.Elem(), nil }
	}
	return func(string) (reflect.Type, error) { return nil, nil }
}

// field returns the type of the field of a key; nil where none is like it.
func field(t reflect.Type, key string) (reflect.Type, error) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		switch {
		case !f.IsExported():
		case name == key:
			return f.Type, nil
		case strings.EqualFold(name, key):
			return nil, fault.New(fault.Unexpected, "the key %q stands for %q, which some readers would pass over", key, name)
		}
	}
	return nil, nil
}
