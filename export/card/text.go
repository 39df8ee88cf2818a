package card

import (
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"github.com/raspc/raspc/frontend/diag"
)

// listed bounds the tokens and labels that the card spells out.
const listed = 64

// cardText is the card. The snippet for stock classes checks what these do not:
// that the input is no longer than the model's positions.
const cardText = `---
library_name: {{.Library}}
pipeline_tag: {{.Task}}
{{with .License}}license: {{.}}
{{end}}tags:
- rasp
{{with .Arch}}- {{.}}
{{end}}{{.ModelIndex}}---

# {{code .Name}}

This {{.Class}} computes the RASP program {{code .Name}}{{with .Output}} (its s-op {{code .}}){{end}}. Its weights were
compiled from the program by raspc{{with .Version}} {{.}}{{end}}; nothing was trained. {{if .Sources}}The program's text stands
below; what{{else}}The program was
written for Tracr; {{code .Manifest}} keeps it. What{{end}} each column, head and neuron holds stands in {{code .Manifest}}, where the export has one.

| | |
|---|---|
| input | 1 to {{.MaxLen}} tokens; {{.Reading}} |
| tokens | {{.Tokens}} |
| output | {{.Outputs}} |
| position 0 | {{code .BOS}}, {{.Front}}; the model's output there means nothing |
| size | {{plural .Sizes.Layers "layer"}}, {{plural .Sizes.Heads "head"}} and {{plural .Sizes.DMLP "neuron"}} in each |

Precision: {{.DType}}. An input that is too long or has another token is outside of what the model computes.
{{with .First}}Every input begins with {{code .}}, which stands nowhere else.
{{end}}{{with .Inputs}}Inputs have to match {{code .}}.
{{end}}{{.Generation}}
## Use
{{range .Uses}}
{{with .Heading}}### {{.}}

{{end}}{{.Text}}

` + "```python" + `
{{.Snippet}}` + "```" + `
{{end}}{{range .Below}}
[{{.README}}]({{.README}}) says how {{.About}} {{code .Model}}.
{{end}}{{.Labels}}{{.Evaluation}}
{{with .Sources}}## The program

{{end}}{{range .Sources}}{{with .Name}}{{code .}}, which it loads:

{{end}}{{fenced .Text}}
{{end}}`

// functions are those of the template.
var functions = template.FuncMap{"code": code, "fenced": fenced, "plural": diag.Plural}

// fenced sets text as a block of code, between fences longer than any in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fence + "rasp\n" + text + fence + "\n"
}

// list spells out texts, or the first of them.
func list(texts []string) string {
	shown := texts[:min(len(texts), listed)]
	parts := make([]string, len(shown))
	for i, t := range shown {
		parts[i] = code(t)
	}
	s := strings.Join(parts, " ")
	if more := len(texts) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// code sets text in a table cell or a line as code. Quotes show where a text
// starts and ends, and escapes keep a token from ending the cell.
func code(text string) string {
	plain := func(r rune) bool {
		return strconv.IsPrint(r) && r != ' ' && r != '`' && r != '|' && r != '"' && r != '\\'
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		text = strconv.Quote(text)
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}
