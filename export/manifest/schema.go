package manifest

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of raspc.json, of draft 2020-12. It describes
// Version, with all that this package writes.
func Schema() []byte { return slices.Clone(schema) }
