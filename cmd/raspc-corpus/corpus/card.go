package corpus

import (
	"slices"
	"strings"
	"text/template"

	"github.com/raspc/raspc"
)

// cardText is the README of a dataset: the metadata by which Hugging Face's datasets finds the
// splits, and what a reader has to know.
var cardText = template.Must(template.New("card").Parse(`---
pretty_name: RASP programs and the transformers that compute them
tags:
- rasp
- interpretability
- synthetic
size_categories:
- {{.Size}}
{{- if .Written}}
configs:
- config_name: default
  data_files:
{{- range .Splits}}
{{- if .Programs}}
  - split: {{.Name}}
    path: data/{{.Name}}-*.parquet
{{- end}}
{{- end}}
{{- end}}
---
# RASP programs and the transformers that compute them

{{.Title}}. Each row is a program, the exact weights of a transformer that computes it, and what each part of the
transformer does. The weights were compiled by raspc {{.Raspc}}; nothing was trained.

| split | programs |
|---|---|
{{- range .Splits}}
| {{.Name}} | {{.Programs}} |
{{- end}}

Of {{.Tried}} programs {{.Refused}} were refused (failures.jsonl says why), and {{.Duplicates}} left out because they compute
what another does{{if not .SameGraph}}, or have the s-op graph of another{{end}}. Splits go by what programs compute: no two of them share a behaviour.

Every model was run on {{.Inputs}} inputs, or all where there are fewer, and compared with the reference interpreter{{if .Certify}}, and
proved for all inputs{{end}}; the column verdict says how far that went.

` + "```python" + `
from datasets import load_dataset
rows = load_dataset("THIS FOLDER")["{{.First}}"]
` + "```" + `

The weights of a row are in the safetensors file of its column weights, in data/.
{{- if .Dense}} A tensor NAME of the column tensors is called
ID/NAME there, ID being the column id. They are the state dict of a HookedTransformer whose configuration is cfg in the column config.
{{- else}} ID/at, ID being the column id, has for
each weight that is not 0 the number of its tensor in the column tensors, its row and its column; ID/values has the weight. Rows count
through all dimensions but the last. All other weights are 0.
{{- end}}
`))

// splitCard is a split as the card has it.
type splitCard struct {
	Name     string
	Programs int
}

// card is the README of a dataset. Only splits that have programs are named to datasets, which cannot load
// one that has none.
func (o Options) card(s *Summary) string {
	data := struct {
		Size, Title, Raspc, First  string
		Splits                     []splitCard
		Written                    int
		Tried, Refused, Duplicates int
		Inputs                     int
		SameGraph, Certify, Dense  bool
	}{
		Size: size(s.Counts.Written), Title: o.title(), Raspc: raspc.Version, First: Splits()[0], Written: s.Counts.Written,
		Tried: s.Counts.Tried, Duplicates: s.Counts.Duplicates,
		Inputs: o.Inputs, SameGraph: o.SameGraph, Certify: o.Certify, Dense: o.Weights == Dense,
	}
	for _, n := range s.Counts.Refused {
		data.Refused += n
	}
	for i, name := range Splits() {
		if o.Shares[i] > 0 {
			data.Splits = append(data.Splits, splitCard{name, s.Counts.Splits[name]})
		}
	}
	if i := slices.IndexFunc(data.Splits, func(s splitCard) bool { return s.Programs > 0 }); i >= 0 {
		data.First = data.Splits[i].Name
	}
	var b strings.Builder
	if err := cardText.Execute(&b, data); err != nil {
		panic("corpus: " + err.Error())
	}
	return b.String()
}

// size is the category of a number of rows, as the hub has them.
func size(rows int) string {
	for _, c := range []struct {
		below int
		name  string
	}{{1e3, "n<1K"}, {1e4, "1K<n<10K"}, {1e5, "10K<n<100K"}, {1e6, "100K<n<1M"}} {
		if rows < c.below {
			return c.name
		}
	}
	return "1M<n<10M"
}
