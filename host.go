package raspc

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
)

// Host is the larger model that a program is part of, and where in it.
type Host = manifest.Host

// checkWhole refuses a folder in which the program is only a part of the model: what the
// model gives is its host's.
func checkWhole(dir string) error {
	man, err := manifest.Read(dir)
	switch {
	case err != nil:
		return filed(dir, err)
	case man.Host == nil:
		return nil
	}
	return &ChoiceError{fmt.Errorf("%s holds %s as a part of a larger model, whose outputs are its own", dir, man.Program.Name),
		fmt.Sprintf("raspc verify %s --circuit runs that part; raspc inspect %[1]s says where it is", dir)}
}

// hosted says in a line what the host is, and where in it the program is in one for each
// part.
func hosted(h *Host) string {
	var b strings.Builder
	fmt.Fprintf(&b, "part of a %s with %s of %s and %s, %d columns\n", h.Arch,
		diag.Plural(h.Layers, "layer"), diag.Plural(h.Heads, "head"), diag.Plural(h.DMLP, "neuron"), h.DModel)
	fmt.Fprintf(&b, "columns %s", h.Columns)
	if h.Compensation != nil && h.Reference != nil {
		fmt.Fprintf(&b, "; compensation %d, reference %d", *h.Compensation, *h.Reference)
	}
	b.WriteString("\n")
	for i, layer := range h.LayersAt {
		if i < min(len(h.HeadsAt), len(h.NeuronsAt)) {
			fmt.Fprintf(&b, "layer %d: heads %s; neurons %s\n", layer, h.HeadsAt[i], h.NeuronsAt[i])
		}
	}
	return b.String()
}
