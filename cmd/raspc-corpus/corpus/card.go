package corpus

import (
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
configs:
- config_name: default
  data_files:
{{- range .Splits}}
  - split: {{.Name}}
    path: data/{{.Name}}-*.parquet
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
rows = load_dataset("THIS FOLDER")["train"]
` + "```" + `

The weights of a row are in the safetensors file of its column weights, in data/.
{{- if .Dense}} A tensor NAME of the column tensors is called
ID/NAME there, ID being the column id. They are the state dict of a HookedTransformer whose configuration is cfg in the column config.
{{- else}} ID/at, ID being the column id, has for
each weight that is not 0 the number of its tensor in the column tensors, its row and its column; ID/values has the weight. Rows count
through all dimensions but the last. All other weights are 0.
{{- end}}
`))

// card is the README of a dataset.
func (o Options) card(s *Summary) string {
	type split struct {
		Name     string
		Programs int
	}
	data := struct {
		Size, Title, Raspc         string
		Splits                     []split
		Tried, Refused, Duplicates int
		Inputs                     int
		SameGraph, Certify, Dense  bool
	}{
		Size: size(s.Counts.Written), Title: o.title(), Raspc: raspc.Version,
		Tried: s.Counts.Tried, Duplicates: s.Counts.Duplicates,
		Inputs: o.Inputs, SameGraph: o.SameGraph, Certify: o.Certify, Dense: o.Weights == Dense,
	}
	for _, n := range s.Counts.Refused {
		data.Refused += n
	}
	for i, name := range Splits() {
		if o.Shares[i] > 0 {
			data.Splits = append(data.Splits, split{name, s.Counts.Splits[name]})
		}
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
