package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
)

// fact is one of the numbers below the title.
type fact struct{ Number, Unit string }

func facts(v *verify.View) []fact {
	m := v.Manifest.Model
	attention := "full attention"
	if m.Attention == "causal" {
		attention = "attention looks back only"
	}
	return []fact{
		count(m.Layers, "layer"), count(m.UsefulHeads, "head"), count(m.DModel, "column"), count(m.UsefulNeurons, "neuron"), {"", attention},
	}
}

func count(n int, unit string) fact {
	number, unit, _ := strings.Cut(diag.Plural(n, unit), " ")
	return fact{number, unit}
}

// origin says which weights the page shows.
func origin(v *verify.View) string {
	if v.File == "" {
		return "The weights are those that raspc " + v.Manifest.Raspc + " compiles the program to."
	}
	at := slices.IndexFunc(v.Manifest.Files, func(f manifest.File) bool { return f.Name == v.File })
	what := ""
	if at >= 0 && v.Manifest.Files[at].Arch != "" {
		what = ", of the architecture " + v.Manifest.Files[at].Arch
	}
	return "The weights were read back from " + v.File + what + "."
}

// domain says what inputs are made of.
func domain(v *verify.View) string {
	const most = 12
	words := spelled(v.Vocab())
	if len(words) > most {
		words = append(words[:most-2], "…", words[len(words)-1])
	}
	return fmt.Sprintf("1 to %s of %s", diag.Plural(v.MaxLen(), "token"), strings.Join(words, " "))
}

func spelled(vs []value.Value) []string {
	words := make([]string, len(vs))
	for i, v := range vs {
		if words[i] = v.Display(); strings.TrimSpace(words[i]) == "" {
			words[i] = v.Repr()
		}
	}
	return words
}
