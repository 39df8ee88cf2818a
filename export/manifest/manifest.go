// Package manifest defines raspc.json, the file beside every export that says
// what the exported files compute: the program, its settings, the vocabulary,
// the meaning of every output column and of every part of the model.
//
// The manifest is written by export and read by verify. Readers treat all of
// it except the program and its settings as a hint.
package manifest

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Version is the number of the manifest's schema.
const Version = 1

// FileName is the manifest's name inside an export folder.
const FileName = "raspc.json"

// Manifest is the content of raspc.json.
type Manifest struct {
	Schema  int     `json:"schema"`
	Raspc   string  `json:"raspc"` // version of the compiler
	Program Program `json:"program"`
	Options Options `json:"options"`
	Tokens  Tokens  `json:"tokens"`
	Output  Output  `json:"output"`
	Model   Sizes   `json:"model"`
	// Values gives the number of values of each s-op that the program names.
	Values  map[string]int `json:"values"`
	Columns list[Column]   `json:"columns"`
	// Rotation has the direction that each column is along, as a row, where the
	// stream is rotated: what a column holds is the product of its row with the first
	// columns of the stream of a file. It is orthogonal, unless the stream is
	// compressed: then there are more columns with labels than the stream has, and as
	// many rows. Absent where columns are the stream's.
	Rotation [][]float64 `json:"rotation,omitempty"`
	// Variables are the quantities that the columns hold, with their budgets.
	Variables list[Variable] `json:"variables"`
	Heads     list[Head]     `json:"heads"`
	Neurons   list[Neuron]   `json:"neurons"`
	// Assumptions are the claims about the program that the compiler used
	// without proof. A verifier has to check each.
	Assumptions []Assumption `json:"assumptions"`
	// SOps say of each s-op of the program where it is found in the model.
	SOps list[SOp] `json:"sops,omitempty"`
	// Edges are the causal graph between the components of the model, Flows that
	// between the variables.
	Edges list[Edge] `json:"edges,omitempty"`
	Flows list[Flow] `json:"flows,omitempty"`
	// Host is the larger model of which the program's is a part; absent where the
	// files hold the program's alone.
	Host  *Host  `json:"host,omitempty"`
	Files []File `json:"files"`
}

// Compressed reports whether the stream has less columns than have labels, which are then
// only along directions of it.
func (m *Manifest) Compressed() bool { return len(m.Rotation) > m.Model.DModel }

// Origin is what weights say of where they come from, without what is not known.
func (m *Manifest) Origin() map[string]string {
	all := map[string]string{"raspc": m.Raspc, "program": m.Program.Name, "program_sha256": m.Program.SHA256}
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return all
}

// Program is the source that was compiled.
type Program struct {
	Name   string            `json:"name"`   // file name without its folder
	Source string            `json:"source"` // full text
	SHA256 string            `json:"sha256"` // of the source and of the loaded files
	Loaded map[string]string `json:"loaded,omitempty"`
}

// Options are the settings that give the program its domain.
type Options struct {
	Tokens string `json:"tokens"` // str, int, float or bool
	Vocab  []Atom `json:"vocab"`
	MaxLen int    `json:"max_len"` // longest input, the compiler's BOS not counted
	Causal bool   `json:"causal"`
	Output string `json:"output"` // name of the compiled s-op
	BOS    *Atom  `json:"bos,omitempty"`
	Inputs string `json:"inputs,omitempty"` // regular expression that restricts the inputs
	Opt    int    `json:"opt"`
	// Reuse says that quantities take the columns of others that nothing reads any more,
	// Squeeze that columns are left out of which others give the value.
	Reuse   bool `json:"reuse,omitempty"`
	Squeeze bool `json:"squeeze,omitempty"`
	// Materialize names the s-ops that were to keep a subspace of their own.
	Materialize []string `json:"materialize,omitempty"`
	// Disguise is how the model was made harder to read; absent where it was not.
	Disguise *Disguise `json:"disguise,omitempty"`
	// Overrides are the settings that were given beside the program, each as
	// the pragma that it replaced: "vocab = 0..9".
	Overrides []string `json:"overrides,omitempty"`
}

// Disguise are the transformations that a model went through. What is absent was
// not asked for.
type Disguise struct {
	Permute   uint32      `json:"permute,omitempty"`    // seed of the order of columns, heads and neurons
	Noise     float64     `json:"noise,omitempty"`      // standard deviation of what is padding
	NoiseSeed uint32      `json:"noise_seed,omitempty"` // of its random numbers
	Duplicate []Duplicate `json:"duplicate,omitempty"`
	Rotate    uint32      `json:"rotate,omitempty"` // seed of the rotation
}

// Duplicate is an s-op that is held more than once.
type Duplicate struct {
	SOp    string `json:"sop"`
	Copies int    `json:"copies"`
	Mean   bool   `json:"mean,omitempty"` // each reader takes the mean of the copies, not one of them
}

// Tokens maps input tokens to ids: vocabulary entry i has id i.
type Tokens struct {
	Vocab []string `json:"vocab"` // spelling of each token, in id order
	BOS   int      `json:"bos_id"`
	PAD   int      `json:"pad_id"`
}

// Output says how to read the logits. For a categorical output the label
// whose logit is largest is the value. For a numeric output there is one
// logit, the value itself.
type Output struct {
	Kind   string `json:"kind"`             // categorical or numeric
	Labels []Atom `json:"labels,omitempty"` // in column order
	// Task is CausalLM where the labels are the token ids: the output at a
	// position is the token that follows there. Else it is empty.
	Task string `json:"task,omitempty"`
	// EOS is the id behind which nothing follows, if there is one.
	EOS *int `json:"eos_id,omitempty"`
	// Reads is what the unembedding reads.
	Reads *Port `json:"reads,omitempty"`
}

// CausalLM is the task of models that continue texts.
const CausalLM = "causal-lm"

// Output kinds.
const (
	Categorical = "categorical"
	Numeric     = "numeric"
)

// Atom is an exact RASP value.
type Atom struct {
	Kind  string `json:"kind"`  // string, int, float, bool, None or tuple
	Text  string `json:"text"`  // as RASP prints it; True and False for bools
	Exact string `json:"exact"` // the string itself, the number as "3" or "-1/3", a tuple's atoms as JSON
}

// Sizes are those of the decoder that the files realise.
type Sizes struct {
	// Attention is causal where no query sees later positions: the program is
	// evaluated so, or all its selectors look back anyway. Else it is full.
	Attention     string `json:"attention"`
	Layers        int    `json:"layers"`
	Heads         int    `json:"heads"`
	DModel        int    `json:"d_model"`
	DHead         int    `json:"d_head"`
	DMLP          int    `json:"d_mlp"`
	Params        int64  `json:"params"`
	NonZero       int64  `json:"nonzero"`
	UsefulHeads   int    `json:"useful_heads"`
	UsefulNeurons int    `json:"useful_neurons"`
}

// Column labels one column of the residual stream. A column that is used again
// has more than one.
type Column struct {
	Index    int    `json:"index"`
	Variable string `json:"variable"`        // the name in the program where it has one
	Value    string `json:"value,omitempty"` // empty for a numeric column
	Written  string `json:"written"`         // embedding, position, or layer and part
	// Copy numbers the copies of a variable that is held more than once, from 1
	// on; 0 stands for the only one.
	Copy int `json:"copy,omitempty"`
	// Cleared is the layer whose MLP takes it out of the column, for another
	// one to use it; empty where it stays.
	Cleared string `json:"cleared,omitempty"`
	// Writers are the components that write it, Readers the inputs of
	// components that read it, by name; for both see Edge.
	Writers []string `json:"writers,omitempty"`
	Readers []string `json:"readers,omitempty"`
	// On are the values at which the column holds 1, as numbers in the list of
	// the variable's values: the first and the last of each run. At others it
	// holds 0. It is absent for the encodings numeric and digits.
	On Runs `json:"on,omitempty"`
	// Digit says of the encoding digits which one the column holds: 0 is the
	// lowest.
	Digit *int `json:"digit,omitempty"`
	// AtBOS is what it holds at position 0.
	AtBOS float64 `json:"at_bos,omitempty"`
}

// Runs are numbers in increasing order, as the first and the last of each run
// of neighbours: 1, 2, 3 and 7 are [1 3 7 7].
type Runs []int

// RunsOf finds the runs of increasing numbers.
func RunsOf(numbers []int) Runs {
	var r Runs
	for _, n := range numbers {
		if last := len(r) - 1; last > 0 && r[last]+1 == n {
			r[last] = n
		} else {
			r = append(r, n, n)
		}
	}
	return r
}

// Has reports whether a number is in a run.
func (r Runs) Has(n int) bool {
	for i := 0; i+1 < len(r); i += 2 {
		if r[i] <= n && n <= r[i+1] {
			return true
		}
	}
	return false
}

// String writes runs for people: 1 to 3, 7.
func (r Runs) String() string {
	if len(r) < 2 {
		return "none"
	}
	var all []string
	for i := 0; i+1 < len(r); i += 2 {
		if r[i] == r[i+1] {
			all = append(all, strconv.Itoa(r[i]))
		} else {
			all = append(all, fmt.Sprintf("%d to %d", r[i], r[i+1]))
		}
	}
	return strings.Join(all, ", ")
}

// Port is an input or output of a component: columns of the residual stream and
// the variables that these hold.
type Port struct {
	Variables []string `json:"variables"`
	Columns   []int    `json:"columns"`
}

// Variable is a quantity that some columns hold, and the budget of its error in
// float32.
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
	// Copy is that of its columns.
	Copy int `json:"copy,omitempty"`
	// Expr is what it is, where the program gives it no name.
	Expr string `json:"expr,omitempty"`
	// SOp is the name of the s-op whose value it holds. Where Part is set, it
	// holds that of it.
	SOp  string `json:"sop,omitempty"`
	Part string `json:"part,omitempty"`
	// Scale is the power of two by which a column is to be multiplied to give
	// the number, or the digit; absent for the other encodings.
	Scale float64 `json:"scale,omitempty"`
	// Base is that of the encoding digits: of value number i, digit 0 is
	// i mod base, digit 1 is i / base.
	Base int `json:"base,omitempty"`
	// Values are all that it can have, in order; absent for numbers.
	Values []Atom `json:"values,omitempty"`
	// Fixed says that no token changes it, only the length of the input and the
	// position.
	Fixed bool `json:"fixed,omitempty"`
}

// MaxValues is how many values of an s-op are listed at most.
const MaxValues = 512

// SOp is an s-op of the program.
type SOp struct {
	// Name is the last that the program gives it; or its operator and a number, as
	// in mul#5, where it gives none, or gives it to another one, too.
	Name  string   `json:"name"`
	Names []string `json:"names,omitempty"` // all that the program gives it
	Expr  string   `json:"expr"`            // how RASP writes it
	Line  int      `json:"line,omitempty"`  // absent outside of the program's own text
	Size  int      `json:"size"`            // how many values it has
	// Values are all of them, in order, where there are at most MaxValues.
	Values []Atom `json:"values,omitempty"`
	// Bypassed are the s-ops that the program computes from it and the model from
	// what it is computed from: they do not see what is written into its columns.
	// Where there are none, all that the program computes from it does.
	Bypassed []string `json:"bypassed,omitempty"`
	// Variables hold it. Without one it is read from its arguments, as a linear
	// function of them, wherever it is needed.
	Variables []string `json:"variables"`
	Columns   []int    `json:"columns"` // of the variables
	Heads     []string `json:"heads"`   // the heads that write these
	// Neurons are those that write them, by MLP, as runs of indices.
	Neurons map[string]Runs `json:"neurons"`
}

// Edge says that a component reads columns that an earlier one writes. The
// components are embed, pos (the positions), head 1 of layer 0 as a0.h1, the MLP
// of layer 0 as m0, and logits (the unembedding); the inputs of a head are
// a0.h1<q>, a0.h1<k> and a0.h1<v>.
type Edge struct {
	From      string   `json:"from"`
	To        string   `json:"to"`
	Variables []string `json:"variables,omitempty"` // that it carries
	// Cancelled are the variables that stood in columns which hold another one by
	// then: what arrives sums to 0 with what neurons that clear add.
	Cancelled []string `json:"cancelled,omitempty"`
	// Fixed says that no token changes what it carries.
	Fixed bool `json:"fixed,omitempty"`
}

// Flow says that a variable is read where another one is written: by the same
// neuron, by a head as query or key, or as the value of what it writes. The
// variables bos and real, which every component reads, are left out.
type Flow struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"` // absent for the logits
	// Through are the inputs of components that read it, as in Edge.
	Through []string `json:"through"`
}

// Head labels one attention head.
type Head struct {
	Layer    int    `json:"layer"`
	Index    int    `json:"index"`
	SOp      string `json:"sop"`
	Kind     string `json:"kind"` // move, mean or sum
	Selector string `json:"selector"`
	ID       string `json:"id,omitempty"` // a0.h1
	// What it reads and writes.
	Query  *Port `json:"query,omitempty"`
	Key    *Port `json:"key,omitempty"`
	Value  *Port `json:"value,omitempty"`
	Output *Port `json:"output,omitempty"`
	// ScoreDims and ValueDims are how many of its dimensions are no padding: of
	// queries and keys, and of values.
	ScoreDims int `json:"score_dims,omitempty"`
	ValueDims int `json:"value_dims,omitempty"`
	Copy      int `json:"copy,omitempty"` // that it writes, of a variable that is held more than once
}

// Neuron labels one hidden neuron of an MLP.
type Neuron struct {
	Layer int    `json:"layer"`
	Index int    `json:"index"`
	SOp   string `json:"sop"`
	Role  string `json:"role"`
	Copy  int    `json:"copy,omitempty"` // that it writes, of a variable that is held more than once
	ID    string `json:"id,omitempty"`   // m0.n2
	// Kind is jump, rectangle, bend, gate, copy or clear.
	Kind   string   `json:"kind,omitempty"`
	Reads  []string `json:"reads,omitempty"` // variables
	Writes []string `json:"writes,omitempty"`
	// At is the place of a jump or bend on the scale of the linear form that is
	// read: where the step is complete, or where the slope changes. Of a gate or
	// copy it is the least value of the form.
	At *float64 `json:"at,omitempty"`
	// Below says that a jump opens below its place, and not above.
	Below bool `json:"below,omitempty"`
	// Saturates says that the neuron is the second of two that make a step: it
	// takes away what the first exceeds 1 by.
	Saturates bool `json:"saturates,omitempty"`
	// Offset says that a gate gives the least value of the form, and not the form.
	Offset bool `json:"offset,omitempty"`
	// Factor is what a gate multiplies by.
	Factor *float64 `json:"factor,omitempty"`
	// Where are the values of variables in which a rectangle or gate opens.
	Where list[Where] `json:"where,omitempty"`
}

// Where is a choice of the values of a variable.
type Where struct {
	Variable string `json:"variable"`
	On       Runs   `json:"on"` // as in Column
}

// Assumption is one unproved claim.
type Assumption struct {
	SOp   string `json:"sop"`
	Claim string `json:"claim"`
}

// File is one exported file, relative to the manifest's folder.
type File struct {
	Name   string `json:"name"`   // with a slash in the folder of the format, if that has one
	Format string `json:"format"` // onnx, safetensors, transformerlens or gguf
	Arch   string `json:"arch,omitempty"`
	// DType is the type of the weights in a safetensors file, float16 or bfloat16;
	// empty is float32.
	DType string `json:"dtype,omitempty"`
	// IDs is the element type of the ids in an ONNX file, int32 or int64; empty
	// is int64.
	IDs string `json:"ids,omitempty"`
	// HiddenStates says that an ONNX file has the residual stream before the
	// first layer and after each as outputs.
	HiddenStates bool `json:"hidden_states,omitempty"`
	// Tokenizer says that there is a tokenizer beside the weights.
	Tokenizer bool `json:"tokenizer,omitempty"`
}

// Describe says in a few words each what the file is.
func (f File) Describe() []string {
	words := []string{f.Format}
	if f.Arch != "" {
		words = append(words, f.Arch)
	}
	if f.IDs != "" {
		words = append(words, f.IDs+" ids")
	}
	if f.HiddenStates {
		words = append(words, "with hidden states")
	}
	if f.Tokenizer {
		words = append(words, "with a tokenizer")
	}
	return words
}
