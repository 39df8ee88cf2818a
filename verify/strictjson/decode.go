package strictjson

import (
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
	return exact(text, reflect.TypeOf(v))
}

// exact looks for keys that are spelled unlike fields of a type. The text has been
// read into a value of that type.
func exact(text json.RawMessage, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Pointer:
		return exact(text, t.Elem())
	case reflect.Struct:
		names := fields(t)
		return members(text, func(key string) (reflect.Type, error) {
			if of, ok := names[key]; ok {
				return of, nil
			}
			for name := range names {
				if strings.EqualFold(name, key) {
					return nil, fault.New(fault.Unexpected, "the key %q stands for %q, which some readers would pass over", key, name)
				}
			}
			return nil, nil
		})
	case reflect.Map:
		return members(text, func(string) (reflect.Type, error) { return t.Elem(), nil })
	case reflect.Slice:
		var all []json.RawMessage
		if json.Unmarshal(text, &all) != nil { // a type that reads itself
			return nil
		}
		for _, one := range all {
			if err := exact(one, t.Elem()); err != nil {
				return err
			}
		}
	}
	return nil
}

// members calls of with the keys of an object, and goes on with the values that have
// a type.
func members(text json.RawMessage, of func(key string) (reflect.Type, error)) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) != nil { // a type that reads itself
		return nil
	}
	for key, one := range all {
		t, err := of(key)
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		if err := exact(one, t); err != nil {
			return err
		}
	}
	return nil
}

// fields returns the types of a struct's fields by their keys.
func fields(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		if f.IsExported() && name != "-" {
			all[name] = f.Type
		}
	}
	return all
}
