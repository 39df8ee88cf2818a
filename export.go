package raspc

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/gguf"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/export/spelling"
	"github.com/raspc/raspc/export/tensor"
	"github.com/raspc/raspc/export/transformerlens"
	"github.com/raspc/raspc/internal/atomicfile"
)

// The export formats.
const (
	FormatONNX            = "onnx"
	FormatSafetensors     = "safetensors"
	FormatTransformerLens = transformerlens.Format
	FormatGGUF            = gguf.Format
)

// Formats returns the export formats, those first that are written unasked.
func Formats() []string {
	return []string{FormatONNX, FormatSafetensors, FormatTransformerLens, FormatGGUF}
}

// defaultFormats are the formats that are written unasked.
func defaultFormats() []string { return Formats()[:2] }

// ExportOptions are the choices of an export. The zero value writes ONNX
// and safetensors with their defaults.
type ExportOptions struct {
	Formats []string // of Formats; empty for FormatONNX and FormatSafetensors
	// Arch is the stock architecture of the safetensors folder, one of
	// Architectures; empty chooses by the program's attention.
	Arch string
	// DType is the type of the weights in the safetensors folder, in which stock
	// classes then compute: one of DTypes; empty for DTypeF32. The other formats
	// have float32 only.
	DType string
	// Task is what the model is for: TaskTokenClassification, also where it is
	// empty, or TaskCausalLM, which holds for all formats.
	Task string
	// EOS is the output behind which a text ends, as RASP prints it, where the
	// task is TaskCausalLM; empty where texts end at the maximum length only.
	EOS string
	// License is what the model card names, an identifier that the Hub knows, such
	// as "apache-2.0"; empty for none.
	License string
	// NoTokenizer leaves the tokenizer out of the safetensors folder, for
	// vocabularies whose tokens cannot be told apart in running text.
	NoTokenizer bool
	// ShardSize is the most bytes of tensors in a safetensors file; larger
	// weights are split over several, with an index. A tensor that is larger by
	// itself has a file of its own. 0 stands for DefaultShardSize.
	ShardSize int64
	// Opset is the ONNX operator set; 0 for the default.
	Opset int
	// ExternalData keeps ONNX weights in a file of their own.
	ExternalData bool
	// IDs is the element type of ONNX ids and masks, IDs64 or IDs32; empty for
	// IDs64.
	IDs string
	// HiddenStates adds the residual stream before the first ONNX layer and
	// after each as outputs.
	HiddenStates bool
	// Functions writes the ONNX graph as calls of functions, one for each part
	// of each layer.
	Functions bool
	// MaxBytes bounds the size of all files together; 0 stands for
	// DefaultMaxBytes.
	MaxBytes int64
	// Force replaces files that are there already: without it, one whose name
	// the export needs, or that an older export left, is an error.
	Force bool
	// DryRun writes nothing.
	DryRun bool
	// Progress, if not nil, is told now and then how many bytes of how many are
	// written. It is called by the goroutine that exports.
	Progress func(done, total int64)
}

// The types of weights: float32, and float16 and bfloat16.
const (
	DTypeF32  = "f32"
	DTypeF16  = "f16"
	DTypeBF16 = "bf16"
)

// DTypes names the types of weights, the default first.
func DTypes() []string { return []string{DTypeF32, DTypeF16, DTypeBF16} }

// The element types of ONNX ids.
const (
	IDs32 = "int32"
	IDs64 = "int64"
)

// DefaultMaxBytes is the most that an export writes unasked.
const DefaultMaxBytes = 8_000_000_000

// DefaultShardSize is the most bytes of tensors that a safetensors file holds
// unasked.
const DefaultShardSize = hf.DefaultShardSize

// checkSize refuses an export that would be too large.
func (m *Model) checkSize(files []artifact.File, most int64) error {
	c := m.result.Layout.Model.Config
	return checkBytes(files, most, fmt.Sprintf("%d layers of width %d", c.Layers, c.DModel), "a single --format takes about half")
}

// checkBytes refuses files that would be too large, with the size of what they hold and
// what makes them smaller.
func checkBytes(files []artifact.File, most int64, sizes, help string) error {
	if most == 0 {
		most = DefaultMaxBytes
	}
	if bytes := artifact.Size(files); bytes > most {
		return &ChoiceError{
			fmt.Errorf("the files would take %.1f GB: %s", float64(bytes)/1e9, sizes),
			fmt.Sprintf("the limit is %.3g GB, which --max-gb raises; %s", float64(most)/1e9, help),
		}
	}
	return nil
}

// Export is what an export wrote, or would have with DryRun.
type Export struct {
	Dir   string
	Files []ExportedFile // raspc.json last
	// Arch is the stock architecture that was chosen, and Why the reason; both
	// are empty without the safetensors format.
	Arch, Why string
	// Left are folders in Dir of exports that were killed, or that still run.
	Left []string

	manifest *manifest.Manifest
	card     *card.Card
}

// Facts describes the model that the files hold.
func (e *Export) Facts() (*Facts, error) { return facts(e.manifest) }

// Evaluated writes into the model card what a verification of the export measured.
// A report that does not find the files equivalent to the program changes nothing.
func (e *Export) Evaluated(r *Report) error {
	if r.Result != Equivalent || len(r.Files) == 0 {
		return nil
	}
	text, err := e.card.File(evaluation(r))
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(e.Dir, text.Name), text.Write)
}

// evaluation is what was measured of all files of an export, which were tried on the
// same inputs.
func evaluation(r *Report) *card.Evaluation {
	f := r.Files[0]
	e := &card.Evaluation{Inputs: f.Inputs, ExhaustiveTo: f.ExhaustiveTo, Longest: f.Longest, MaxLen: f.MaxLen, Seed: r.Plan.Seed}
	for _, f := range r.Files {
		if f.MaxAbsError != nil && (e.MaxError == nil || *f.MaxAbsError > *e.MaxError) {
			e.MaxError = f.MaxAbsError
		}
	}
	return e
}

// ExportedFile is a file of an export.
type ExportedFile struct {
	Name  string `json:"name"` // in the folder, with slashes
	Bytes int64  `json:"bytes"`
}

// Architectures names the stock architectures of a safetensors folder.
func Architectures() []string { return hf.Architectures() }

// ChoiceError says that the files cannot be as they were asked for: the
// program is sound, and another choice of options may work.
type ChoiceError struct {
	Err  error
	Help string // what to ask for instead; may be empty
}

func (e *ChoiceError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *ChoiceError) Unwrap() error { return e.Err }

// Export writes the model's files and raspc.json into dir, which it creates.
// Everything is written beside its place and moved there when complete: after
// an error dir is as it was. The error is a ChoiceError where the options do
// not suit the model.
func (m *Model) Export(dir string, o ExportOptions) (*Export, error) {
	return m.ExportContext(context.Background(), dir, o)
}

// ExportContext is Export, given up when ctx is done.
func (m *Model) ExportContext(ctx context.Context, dir string, o ExportOptions) (*Export, error) {
	e := &Export{Dir: dir}
	files, err := m.planExport(o, e)
	if err != nil {
		return nil, err
	}
	if err := m.checkSize(files, o.MaxBytes); err != nil {
		return nil, err
	}
	if err := write(ctx, dir, files, writing{o.Force, o.DryRun, o.Progress, &e.Left, nil}); err != nil {
		return nil, err
	}
	e.Files = listed(files)
	return e, nil
}

// planExport returns the files, raspc.json last, and notes the architecture.
func (m *Model) planExport(o ExportOptions, e *Export) ([]artifact.File, error) {
	formats, err := o.formats()
	if err == nil {
		err = m.checkArch(o.Arch, o.Task)
	}
	if err == nil {
		err = o.checkDType(formats)
	}
	if err == nil && o.IDs != "" && o.IDs != IDs32 && o.IDs != IDs64 {
		err = &ChoiceError{fmt.Errorf("ids of the type %q are none of %s, %s", o.IDs, IDs64, IDs32), ""}
	}
	if err == nil && o.ShardSize < 0 {
		err = &ChoiceError{fmt.Errorf("no shard has %d bytes", o.ShardSize), "leave the size out to get the default"}
	}
	if err != nil {
		return nil, err
	}
	if m, err = m.suited(o); err != nil {
		return nil, err
	}
	man := m.Manifest()
	e.manifest = man
	about := card.Options{Example: m.example(), License: o.License}
	var all []artifact.File
	for _, f := range formats {
		plan := m.planONNX
		switch f {
		case FormatSafetensors:
			plan = m.planFolder
		case FormatTransformerLens:
			plan = m.planLens
		case FormatGGUF:
			plan = m.planGGUF
		}
		files, entry, err := plan(man, o, &about)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
		man.Files = append(man.Files, entry)
	}
	if about.Stock != nil {
		e.Arch, e.Why = about.Stock.Arch, m.whyArch(o.Arch)
	}
	readme, err := m.planCard(man, about, e)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := man.Encode(&text); err != nil {
		return nil, err
	}
	return append(all, readme, artifact.Bytes(manifest.FileName, text.Bytes())), nil
}

// planCard plans the model card, and keeps it for what a verification measures.
func (m *Model) planCard(man *manifest.Manifest, about card.Options, e *Export) (artifact.File, error) {
	c, err := card.New(m.result.Layout.Model, man, about)
	if errors.Is(err, card.ErrLicense) {
		err = &ChoiceError{err, "leave the licence out to get a card without one"}
	}
	if err != nil {
		return artifact.File{}, err
	}
	e.card = c
	return c.File(nil)
}

func (o ExportOptions) formats() ([]string, error) {
	for _, f := range o.Formats {
		if !slices.Contains(Formats(), f) {
			return nil, &ChoiceError{fmt.Errorf("the format %q is none of %s", f, strings.Join(Formats(), ", ")), ""}
		}
	}
	if len(o.Formats) == 0 {
		return defaultFormats(), nil
	}
	return slices.Compact(slices.Sorted(slices.Values(o.Formats))), nil
}

// checkArch holds an architecture that was asked for to the task and to the model's
// attention. All can compute a program whose selectors all look back.
func (m *Model) checkArch(arch, task string) error {
	if arch == "" {
		return nil
	}
	causal, ok := hf.Causal(arch)
	switch {
	case !ok:
		return &ChoiceError{fmt.Errorf("the architecture %q is none of %s", arch, strings.Join(hf.Architectures(), ", ")), ""}
	case task == TaskCausalLM && !causal:
		return &ChoiceError{fmt.Errorf("%s does not continue texts", arch), "leave the architecture out to get " + hf.GPT2}
	case causal && !m.result.Craft.Causal:
		return &ChoiceError{fmt.Errorf("%s looks back only, and the program has selectors that look ahead", arch),
			"leave the architecture out to get " + hf.DefaultArch(false) + ", or compile with --causal on"}
	case !causal && m.result.Domain.Causal:
		return &ChoiceError{fmt.Errorf("%s looks both ways, and the program is compiled to look back only", arch),
			"leave the architecture out to get " + hf.DefaultArch(true) + ", or compile with --causal off"}
	}
	return nil
}

// suited returns the model that the files need, compiled again, once, where that is
// another one.
func (m *Model) suited(o ExportOptions) (*Model, error) {
	opts := m.opts
	other := m.suitArch(&opts, o.Arch)
	other = opts.suitDType(o.DType) || other
	next, err := m.suitTask(&opts, o)
	if err != nil {
		return nil, err
	}
	if !other && !next {
		return m, nil
	}
	return Compile(m.name, m.result.Source.Text(), opts)
}

// suitArch changes the options to those of the model that an architecture runs: an
// encoder's queries see what stands behind them, so that a program that looks back has
// to say so in its scores.
func (m *Model) suitArch(opts *Options, arch string) (changed bool) {
	if causal, ok := hf.Causal(arch); causal || !ok || !m.result.Craft.Causal {
		return false
	}
	opts.BothWays = true
	return true
}

// checkDType refuses a type of weights that there is not, or that a format has not.
func (o ExportOptions) checkDType(formats []string) error {
	switch {
	case o.DType == "" || o.DType == DTypeF32:
		return nil
	case !slices.Contains(DTypes(), o.DType):
		return &ChoiceError{fmt.Errorf("the type %q is none of %s", o.DType, strings.Join(DTypes(), ", ")), ""}
	case !slices.Equal(formats, []string{FormatSafetensors}):
		return &ChoiceError{fmt.Errorf("weights in %s are for the format %s, the others have f32 only", o.DType, FormatSafetensors),
			"ask for --format " + FormatSafetensors + " alone"}
	}
	return nil
}

// suitDType changes the options to those of the model whose errors are bounded for a
// type of weights; compiling it is an error where they are too large.
func (o *Options) suitDType(dtype string) (changed bool) {
	if dtype == "" || dtype == DTypeF32 {
		return false
	}
	for _, a := range craft.Arithmetics() {
		if a.Name == dtype {
			o.arithmetic = a
		}
	}
	return true
}

// tensorType is a type of weights as files have it.
func tensorType(dtype string) tensor.DType {
	switch dtype {
	case DTypeF16:
		return tensor.Float16
	case DTypeBF16:
		return tensor.BFloat16
	}
	return tensor.Float32
}

// planFolder plans what the stock classes load.
func (m *Model) planFolder(man *manifest.Manifest, o ExportOptions, about *card.Options) ([]artifact.File, manifest.File, error) {
	opt := hf.Options{Arch: o.Arch, NoTokenizer: o.NoTokenizer, ShardSize: o.ShardSize, DType: tensorType(o.DType)}
	f, err := hf.Plan(m.result.Layout.Model, man, opt)
	switch {
	case errors.Is(err, spelling.ErrTokenizer):
		err = unreadable(err)
	case errors.Is(err, hf.ErrArch):
		err = &ChoiceError{err, "leave the architecture out to get another"}
	}
	if err != nil {
		return nil, manifest.File{}, err
	}
	about.Stock = &f.Stock
	entry := manifest.File{Name: f.Weights, Format: FormatSafetensors, Arch: f.Stock.Arch, Tokenizer: !o.NoTokenizer}
	if d := tensorType(o.DType); d != tensor.Float32 {
		entry.DType = d.String()
	}
	return f.Files, entry, nil
}

// planLens plans what TransformerLens loads.
func (m *Model) planLens(man *manifest.Manifest, _ ExportOptions, about *card.Options) ([]artifact.File, manifest.File, error) {
	files, err := transformerlens.Plan(m.result.Layout.Model, man, about.Example.Input)
	about.Below = append(about.Below, card.Below{Library: "transformer-lens", About: "TransformerLens loads", Model: transformerlens.Weights, README: transformerlens.README})
	return files, manifest.File{Name: transformerlens.Weights, Format: FormatTransformerLens}, err
}

// planGGUF plans what llama.cpp loads.
func (m *Model) planGGUF(man *manifest.Manifest, o ExportOptions, about *card.Options) ([]artifact.File, manifest.File, error) {
	files, err := gguf.Plan(m.result.Layout.Model, man, gguf.Options{NoTokenizer: o.NoTokenizer, Example: about.Example})
	if errors.Is(err, spelling.ErrTokenizer) {
		err = unreadable(err)
	}
	about.Below = append(about.Below, card.Below{Library: "gguf", About: "llama.cpp runs", Model: gguf.ModelFile, README: gguf.CardFile})
	return files, manifest.File{Name: gguf.ModelFile, Format: FormatGGUF, Tokenizer: !o.NoTokenizer}, err
}

// unreadable is the error of tokens that text cannot be cut into.
func unreadable(err error) error {
	return &ChoiceError{err, "--no-tokenizer leaves it out, and inputs are token ids then; tokens of letters and digits can always be read"}
}

// planONNX plans the ONNX model.
func (m *Model) planONNX(man *manifest.Manifest, o ExportOptions, about *card.Options) ([]artifact.File, manifest.File, error) {
	files, err := onnx.Plan(m.result.Layout.Model, onnx.Options{
		Version: Version, Manifest: man, Opset: o.Opset, External: o.ExternalData,
		Int32IDs: o.IDs == IDs32, HiddenStates: o.HiddenStates, Functions: o.Functions,
		Metadata: map[string]string{
			"raspc": Version, "program": man.Program.Name, "program_sha256": man.Program.SHA256,
			"output": man.Options.Output, "opt": fmt.Sprint(man.Options.Opt),
		},
	})
	if err != nil && o.Opset != 0 {
		err = &ChoiceError{err, "leave the operator set out to get the default"}
	}
	about.ONNX = &card.ONNX{IDs: cmp.Or(o.IDs, IDs64)}
	f := manifest.File{Name: onnx.ModelFile, Format: FormatONNX, HiddenStates: o.HiddenStates}
	if o.IDs == IDs32 {
		f.IDs = o.IDs
	}
	return files, f, err
}

// IsIO reports whether an error comes from the operating system: a file that
// is not there or not readable, a full disk, a closed pipe.
func IsIO(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}

// whyArch says in one line why an architecture was chosen.
func (m *Model) whyArch(asked string) string {
	switch {
	case asked != "":
		return "as asked"
	case m.result.Domain.Causal:
		return "the attention is causal"
	case m.result.Craft.Causal:
		return "every selector looks back"
	}
	return "some selector looks ahead"
}
