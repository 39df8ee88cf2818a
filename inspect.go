package raspc

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify"
	"github.com/raspc/raspc/verify/fault"
)

// Variable is a quantity that a model holds, with the budget of its error.
type Variable struct {
	Name     string `json:"name"`
	Encoding string `json:"encoding"` // categorical, steps, numeric, marks or digits
	Columns  int    `json:"columns"`  // how many hold it
	// Error bounds how far each column is off, in units of the number or of the
	// 1 that a column of the other encodings holds; 0 means exact.
	Error float64 `json:"error"`
	// Gap is the least distance of two values, in the same unit: half of it is
	// what the error has to stay below.
	Gap float64 `json:"gap"`
	// Line is where the program computes it; absent where that is not in the
	// program's own text.
	Line int `json:"line,omitempty"`
	// Expr is what it is, where the program gives it no name.
	Expr string `json:"expr,omitempty"`
}

// ModelFile is one file with a model, and what it is.
type ModelFile = manifest.File

// Facts are what can be said of a model without its weights.
type Facts struct {
	Program  string         `json:"program"`
	Output   string         `json:"output"`
	Vocab    []value.Value  `json:"vocab"`
	Labels   []value.Value  `json:"labels"` // in the order of the logits; empty of a numeric output
	MaxLen   int            `json:"max_len"`
	Causal   bool           `json:"causal"`
	Encoding string         `json:"encoding"` // categorical or numeric
	Layers   int            `json:"layers"`
	Heads    int            `json:"heads"` // per layer
	DModel   int            `json:"d_model"`
	DHead    int            `json:"d_head"`
	DMLP     int            `json:"d_mlp"`
	Params   int64          `json:"params"`
	NonZero  int64          `json:"nonzero"`
	UHeads   int            `json:"useful_heads"`   // not padding
	UNeurons int            `json:"useful_neurons"` // not padding
	Values   map[string]int `json:"values"`
	// Reuse says that columns are used again once nothing reads them, Squeeze that those
	// are left out of which others give the value.
	Reuse   bool `json:"reuse,omitempty"`
	Squeeze bool `json:"squeeze,omitempty"`
	// Attention is what queries see: causal where the program is evaluated so
	// or all its selectors look back anyway, else full.
	Attention string `json:"attention"`
	// Budget bounds the float32 error of each quantity that the model holds.
	Budget []Variable `json:"budget"`
	// Assumptions are what the compiler took for granted.
	Assumptions []string `json:"assumptions"`
	// Files are those of an export folder; empty of a program.
	Files []ModelFile `json:"files"`
	// Host is the model of which this one is a part; nil where it stands alone.
	Host *Host `json:"host,omitempty"`
}

// Facts describes the compiled model.
func (m *Model) Facts() (*Facts, error) { return facts(m.Manifest()) }

// Inspect describes the model in an export folder.
func Inspect(dir string) (*Facts, error) {
	man, err := manifest.Read(dir)
	if err != nil {
		return nil, filed(dir, err)
	}
	return facts(man)
}

func facts(man *manifest.Manifest) (*Facts, error) {
	f := &Facts{
		Program: man.Program.Name, Output: man.Options.Output, MaxLen: man.Options.MaxLen, Causal: man.Options.Causal, Attention: man.Model.Attention,
		Encoding: man.Output.Kind, Layers: man.Model.Layers, Heads: man.Model.Heads, DModel: man.Model.DModel,
		DHead: man.Model.DHead, DMLP: man.Model.DMLP, Params: man.Model.Params, NonZero: man.Model.NonZero,
		UHeads: man.Model.UsefulHeads, UNeurons: man.Model.UsefulNeurons, Values: man.Values, Reuse: man.Options.Reuse, Squeeze: man.Options.Squeeze, Budget: []Variable{}, Assumptions: []string{},
		Files: append([]ModelFile{}, man.Files...), Host: man.Host,
	}
	for _, v := range man.Variables {
		f.Budget = append(f.Budget, Variable{v.Name, v.Encoding, v.Columns, v.Error, v.Gap, v.Line, v.Expr})
	}
	var err error
	if f.Vocab, err = exact(man.Options.Vocab); err != nil {
		return nil, err
	}
	if f.Labels, err = exact(man.Output.Labels); err != nil {
		return nil, err
	}
	for _, a := range man.Assumptions {
		f.Assumptions = append(f.Assumptions, a.SOp+": "+a.Claim)
	}
	return f, nil
}

func exact(atoms []manifest.Atom) ([]value.Value, error) {
	vs := make([]value.Value, 0, len(atoms))
	for _, a := range atoms {
		v, err := a.Value()
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// String describes the model in a few lines.
func (f *Facts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s output, %d tokens, inputs of up to %d\n", f.Program, f.Output, f.Encoding, len(f.Vocab), f.MaxLen)
	fmt.Fprintf(&b, "%s of %s (%d useful in all), %s attention\n",
		diag.Plural(f.Layers, "layer"), diag.Plural(f.Heads, "head"), f.UHeads, f.Attention)
	fmt.Fprintf(&b, "d_model %d, d_head %d, d_mlp %d (%d useful in all)\n", f.DModel, f.DHead, f.DMLP, f.UNeurons)
	if f.Reuse {
		b.WriteString("columns are used again once nothing reads them\n")
	}
	if f.Squeeze {
		b.WriteString("columns of which others give the value are left out\n")
	}
	fmt.Fprintf(&b, "%d parameters, %d of them not zero\n", f.Params, f.NonZero)
	fmt.Fprintf(&b, "vocabulary %s\n", value.List(f.Vocab))
	if len(f.Labels) > 0 {
		fmt.Fprintf(&b, "labels %s\n", value.List(f.Labels))
	}
	for _, file := range f.Files {
		fmt.Fprintf(&b, "%s: %s\n", file.Name, strings.Join(file.Describe(), ", "))
	}
	if f.Host != nil {
		b.WriteString(hosted(f.Host))
	}
	for _, v := range f.Budget {
		fmt.Fprintf(&b, "%s: %s, %s\n", label(v), v.Encoding, budget(v))
	}
	for _, a := range f.Assumptions {
		fmt.Fprintf(&b, "assumed: %s\n", a)
	}
	return b.String()
}

// label is a variable's name; with what it is where that is only an operator
// and a number.
func label(v Variable) string {
	switch {
	case v.Expr == "":
		return v.Name
	case v.Line == 0:
		return fmt.Sprintf("%s (`%s`)", v.Name, v.Expr)
	}
	return fmt.Sprintf("%s (line %d: `%s`)", v.Name, v.Line, v.Expr)
}

// budget is the columns of a variable and its error in float32.
func budget(v Variable) string {
	size := "exact"
	if v.Error > 0 {
		size = fmt.Sprintf("error below %.1e, values %.3g apart", v.Error, v.Gap)
	}
	return diag.Plural(v.Columns, "column") + ", " + size
}

// MarshalJSON keeps the JSON on one line with plain strings.
func (f *Facts) MarshalJSON() ([]byte, error) {
	type plain Facts
	return json.Marshal((*plain)(f))
}

// ExportedModel is a model in an export folder, ready to be run.
type ExportedModel struct {
	dir   string
	model *verify.Model
}

// OpenModel opens the model in a folder; format is FormatONNX,
// FormatSafetensors, or empty for the first that is there. The error is a
// ChoiceError where the folder does not hold the format, or the program as a part of a
// larger model only.
func OpenModel(dir, format string) (*ExportedModel, error) {
	if err := checkWhole(dir); err != nil {
		return nil, err
	}
	if format != "" {
		if err := checkFormats(dir, []string{format}); err != nil {
			return nil, err
		}
	}
	m, err := verify.OpenModel(dir, format)
	if err != nil {
		return nil, filed(dir, err)
	}
	return &ExportedModel{dir, m}, nil
}

// Run executes the exported model on one input, which it holds to the
// vocabulary and the maximum length.
func (e *ExportedModel) Run(input []value.Value) (*Outcome, error) {
	tokens, err := admit(input, e.model.Vocab(), e.model.MaxLen(), e.model.Accepts)
	if err != nil {
		return nil, err
	}
	out, err := e.model.Run(tokens)
	if err != nil {
		return nil, filed(e.dir, fault.Or(fault.Failing, err))
	}
	return &Outcome{Name: e.model.Output(), Input: tokens, Output: out}, nil
}

// IsFolder reports whether a path names a folder, which holds an export, and
// not a program.
func IsFolder(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	return info.IsDir(), nil
}

// IsMalformed reports whether an error is about the content of a model file or
// manifest, and not about reading it.
func IsMalformed(err error) bool {
	var list diag.List
	return !IsIO(err) && errors.As(err, &list) && slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Kind() == diag.FileError })
}
