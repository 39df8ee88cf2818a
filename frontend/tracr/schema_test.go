package tracr

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

// TestSchema holds the JSON Schema to the operators that are read, and to what their
// nodes must and may have.
func TestSchema(t *testing.T) {
	type object struct {
		Properties map[string]struct {
			Const    json.RawMessage
			MaxItems int
		}
		Required []string
	}
	var schema struct {
		object
		Properties struct {
			Nodes struct {
				Items struct{ OneOf []object }
			}
		}
	}
	text, err := os.ReadFile("sop.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, o := range schema.Properties.Nodes.Items.OneOf {
		var name string
		if err := json.Unmarshal(o.Properties["op"].Const, &name); err != nil {
			t.Fatal(err)
		}
		described[name] = true
		op, ok := operators[name]
		if !ok {
			t.Errorf("the schema has an operator %s", name)
			continue
		}
		must := append([]string{"op"}, op.needs...)
		if op.args != "" {
			must = append(must, "args")
		}
		may := append(slices.Clone(must), "name")
		if !op.selector {
			may = append(may, "encoding")
		}
		if op.means {
			may = append(may, "partial")
		}
		if o.Properties["args"].MaxItems != len(op.args) || !same(o.Required, must) || !same(slices.Collect(maps.Keys(o.Properties)), may) {
			t.Errorf("%s: %+v in the schema, %+v in the reader", name, o, op)
		}
	}
	for name := range operators {
		if !described[name] {
			t.Errorf("the schema lacks the operator %s", name)
		}
	}
}

func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
