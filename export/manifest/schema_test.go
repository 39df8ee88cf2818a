package manifest_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/raspc/raspc/export/manifest"
)

// compiled is the schema, ready to validate.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(manifest.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const name = "schema.json"
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSchema accepts what is written, and what an older version wrote, which
// lacked what is optional now.
func TestSchema(t *testing.T) {
	s := compiled(t)
	if err := validate(t, s, encode(t, sample())); err != nil {
		t.Error(err)
	}
	part, column := sample(), 7
	part.Host = &manifest.Host{
		Arch: "gpt2", DModel: 32, Layers: 3, Heads: 4, DMLP: 16, Columns: manifest.Runs{0, 6}, Compensation: &column, Reference: &column,
		LayersAt: []int{1}, HeadsAt: []manifest.Runs{{0, 0}}, NeuronsAt: []manifest.Runs{{}}, Tokens: []int{0, 1, 2, 4, 3},
	}
	if err := validate(t, s, encode(t, part)); err != nil {
		t.Error(err)
	}
	part.Host.Compensation, part.Host.Reference = nil, nil // as in a Llama
	if err := validate(t, s, encode(t, part)); err != nil {
		t.Error(err)
	}
	old := sample()
	old.SOps, old.Edges, old.Output.Reads = nil, nil, nil
	old.Columns = []manifest.Column{{Index: 1, Variable: "x", Value: "1", Written: "layer 0 mlp"}}
	old.Variables = []manifest.Variable{{Name: "x", Encoding: "marks", Columns: 1, Gap: 1}}
	old.Heads = []manifest.Head{{Layer: 1, Index: 2, SOp: "x", Kind: "move", Selector: "a == b"}}
	old.Neurons = []manifest.Neuron{{Layer: 1, Index: 2, SOp: "x", Role: "> 1"}}
	if err := validate(t, s, encode(t, old)); err != nil {
		t.Error(err)
	}
	if _, err := manifest.Decode(encode(t, old)); err != nil {
		t.Error(err)
	}
}

// TestSchemaRefuses changes one thing at a time.
func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for what, change := range map[string]func(m *manifest.Manifest){
		"schema": func(m *manifest.Manifest) { m.Schema++ },
		"hash":   func(m *manifest.Manifest) { m.Program.SHA256 = "x" },
		"length": func(m *manifest.Manifest) { m.Options.MaxLen = 0 },
		"index":  func(m *manifest.Manifest) { m.Columns[0].Index = -1 },
		"writer": func(m *manifest.Manifest) { m.Columns[0].Writers = []string{"a0.h0<q>"} },
		"reader": func(m *manifest.Manifest) { m.Edges[0].To = "embed" },
		"empty":  func(m *manifest.Manifest) { m.Edges[0].Variables, m.Edges[0].Cancelled = nil, nil },
		"kind":   func(m *manifest.Manifest) { m.Neurons[0].Kind = "leap" },
		"coding": func(m *manifest.Manifest) { m.Variables[0].Encoding = "unary" },
	} {
		m := sample()
		change(m)
		if err := validate(t, s, encode(t, m)); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// TestSchemaIsComplete holds the schema to the Go types, name by name, with a
// description of each object's members, and to which of them are always there.
func TestSchemaIsComplete(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(manifest.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	defs := root["$defs"].(map[string]any)
	resolve := func(s map[string]any) map[string]any {
		if ref, ok := s["$ref"].(string); ok {
			return defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		return s
	}
	var hold func(path string, s map[string]any, of reflect.Type)
	hold = func(path string, s map[string]any, of reflect.Type) {
		s = resolve(s)
		switch of.Kind() {
		case reflect.Pointer:
			hold(path, s, of.Elem())
		case reflect.Slice:
			hold(path+"[]", s["items"].(map[string]any), of.Elem())
		case reflect.Map:
			hold(path+".*", s["additionalProperties"].(map[string]any), of.Elem())
		case reflect.Struct:
			properties, _ := s["properties"].(map[string]any)
			required, _ := s["required"].([]any)
			for i := range of.NumField() {
				f := of.Field(i)
				name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
				p, ok := properties[name].(map[string]any)
				if !ok {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				if always := rest == ""; always != slices.Contains(required, any(name)) {
					t.Errorf("%s.%s: always there is %v in Go, not in the schema", path, name, always)
				}
				hold(path+"."+name, p, f.Type)
			}
			if len(properties) != of.NumField() {
				t.Errorf("%s: %d members in the schema, %d in Go", path, len(properties), of.NumField())
			}
		}
	}
	hold("", root, reflect.TypeFor[manifest.Manifest]())
}
