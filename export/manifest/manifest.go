// Package manifest defines raspc.json, the file beside every export that says
// what the exported files compute: the program, its settings, the vocabulary,
// the meaning of every output column and of every part of the model.
//
// The manifest is written by export and read by verify. Readers treat all of
// it except the program and its settings as a hint.
package manifest

import "maps"

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
	Columns []Column       `json:"columns"`
	// Variables are the quantities that the columns hold, with their budgets.
	Variables []Variable `json:"variables"`
	Heads     []Head     `json:"heads"`
	Neurons   []Neuron   `json:"neurons"`
	// Assumptions are the claims about the program that the compiler used
	// without proof. A verifier has to check each.
	Assumptions []Assumption `json:"assumptions"`
	Files       []File       `json:"files"`
}

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
	// Overrides are the settings that were given beside the program, each as
	// the pragma that it replaced: "vocab = 0..9".
	Overrides []string `json:"overrides,omitempty"`
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
	Kind  string `json:"kind"`  // string, int, float or bool
	Text  string `json:"text"`  // as RASP prints it; True and False for bools
	Exact string `json:"exact"` // the string itself, or the number as "3" or "-1/3"
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
	// Cleared is the layer whose MLP takes it out of the column, for another
	// one to use it; empty where it stays.
	Cleared string `json:"cleared,omitempty"`
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
	// Expr is what it is, where the program gives it no name.
	Expr string `json:"expr,omitempty"`
}

// Head labels one attention head.
type Head struct {
	Layer    int    `json:"layer"`
	Index    int    `json:"index"`
	SOp      string `json:"sop"`
	Kind     string `json:"kind"`
	Selector string `json:"selector"`
}

// Neuron labels one hidden neuron of an MLP.
type Neuron struct {
	Layer int    `json:"layer"`
	Index int    `json:"index"`
	SOp   string `json:"sop"`
	Role  string `json:"role"`
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
