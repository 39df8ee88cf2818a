package raspc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/internal/atomicfile"
)

// The export formats.
const (
	FormatONNX        = "onnx"
	FormatSafetensors = "safetensors"
)

// ExportOptions are the choices of an export. The zero value writes both
// formats with their defaults.
type ExportOptions struct {
	Formats []string // FormatONNX, FormatSafetensors; empty for both
	// Arch is the stock architecture of the safetensors folder: "gpt2" or
	// "bert"; empty chooses by the program's attention.
	Arch string
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
	// MaxBytes bounds the dense weights of all files together; 0 stands for
	// DefaultMaxBytes.
	MaxBytes int64
}

// DefaultMaxBytes is the most that an export writes unasked.
const DefaultMaxBytes = 8_000_000_000

// DefaultShardSize is the most bytes of tensors that a safetensors file holds
// unasked.
const DefaultShardSize = hf.DefaultShardSize

// checkSize refuses an export whose dense weights would be too large.
func (m *Model) checkSize(formats []string, most int64) error {
	if most == 0 {
		most = DefaultMaxBytes
	}
	c := m.result.Layout.Model.Config
	var params int64
	for _, f := range formats {
		params += m.params(f)
	}
	const float32Bytes = 4
	if bytes := params * float32Bytes; bytes > most {
		return &ChoiceError{
			fmt.Errorf("the files would take %.1f GB: %d layers of width %d", float64(bytes)/1e9, c.Layers, c.DModel),
			fmt.Sprintf("the limit is %.3g GB, which --max-gb raises; a single --format takes about half", float64(most)/1e9),
		}
	}
	return nil
}

// params counts the weights of a format. The stock architectures have square
// attention matrices; they make the stream a few columns wider than is counted
// here.
func (m *Model) params(format string) int64 {
	dense, _ := m.result.Layout.Model.Params()
	if format != FormatSafetensors {
		return dense
	}
	c := m.result.Layout.Model.Config
	width := int64(max(c.DModel, c.Heads*c.DHead))
	return int64(c.Layers)*(4*width*width+2*width*int64(c.DMLP)) + int64(c.Vocab+c.Positions+c.Outputs)*width
}

// Export is what an export wrote.
type Export struct {
	Dir   string
	Files []string // names in Dir, raspc.json last
	// Arch is the stock architecture that was chosen, and Why the reason; both
	// are empty without the safetensors format.
	Arch, Why string
}

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

// ExportContext is Export, given up before the next file when ctx is done.
func (m *Model) ExportContext(ctx context.Context, dir string, o ExportOptions) (*Export, error) {
	formats, err := o.formats()
	if err == nil {
		err = m.checkArch(o.Arch)
	}
	if err == nil && o.ShardSize < 0 {
		err = &ChoiceError{fmt.Errorf("no shard has %d bytes", o.ShardSize), "leave the size out to get the default"}
	}
	if err != nil {
		return nil, err
	}
	if m, err = m.forArch(o.Arch); err != nil {
		return nil, err
	}
	if err := m.checkSize(formats, o.MaxBytes); err != nil {
		return nil, err
	}
	stage, done, err := staging(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	e := &Export{Dir: dir}
	man := m.manifest()
	for _, f := range formats {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files, err := m.write(stage, f, man, o, e)
		if err != nil {
			return nil, err
		}
		man.Files = append(man.Files, files...)
	}
	if err := atomicfile.Write(filepath.Join(stage, manifest.FileName), man.Encode); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.Files, err = move(stage, dir)
	return e, err
}

func (o ExportOptions) formats() ([]string, error) {
	known := []string{FormatONNX, FormatSafetensors}
	for _, f := range o.Formats {
		if !slices.Contains(known, f) {
			return nil, &ChoiceError{fmt.Errorf("the format %q is none of %s", f, strings.Join(known, ", ")), ""}
		}
	}
	if len(o.Formats) == 0 {
		return known, nil
	}
	return slices.Compact(slices.Sorted(slices.Values(o.Formats))), nil
}

// checkArch holds an architecture that was asked for to the model's attention.
// Both can compute a program whose selectors all look back.
func (m *Model) checkArch(arch string) error {
	switch {
	case arch == "", arch == hf.GPT2 && m.result.Craft.Causal, arch == hf.Bert && !m.result.Domain.Causal:
		return nil
	case arch == hf.GPT2:
		return &ChoiceError{errors.New("gpt2 looks back only, and the program has selectors that look ahead"),
			"leave the architecture out to get " + hf.Bert + ", or compile with --causal on"}
	case arch == hf.Bert:
		return &ChoiceError{errors.New("bert looks both ways, and the program is compiled to look back only"),
			"leave the architecture out to get " + hf.GPT2 + ", or compile with --causal off"}
	}
	return &ChoiceError{fmt.Errorf("the architecture %q is none of %s, %s", arch, hf.GPT2, hf.Bert), ""}
}

// forArch returns the model that an architecture runs: bert's queries see what
// stands behind them, so that a program that looks back has to say so in its
// scores.
func (m *Model) forArch(arch string) (*Model, error) {
	if arch != hf.Bert || !m.result.Craft.Causal {
		return m, nil
	}
	o := m.opts
	o.BothWays = true
	return Compile(m.name, m.result.Source.Text(), o)
}

func (m *Model) write(stage, format string, man *manifest.Manifest, o ExportOptions, e *Export) ([]manifest.File, error) {
	if format == FormatSafetensors {
		f, err := hf.Write(stage, m.result.Layout.Model, man, hf.Options{
			Arch: o.Arch, NoTokenizer: o.NoTokenizer, Example: m.example(), ShardSize: o.ShardSize,
		})
		if errors.Is(err, hf.ErrTokenizer) {
			return nil, &ChoiceError{err, "leave the tokenizer out, or write onnx only"}
		}
		if err != nil {
			return nil, err
		}
		e.Arch, e.Why = f.Arch, m.whyArch(o.Arch)
		return []manifest.File{f}, nil
	}
	_, err := onnx.Write(stage, m.result.Layout.Model, onnx.Options{
		Version: Version, Opset: o.Opset, External: o.ExternalData,
		Metadata: map[string]string{
			"raspc": Version, "program": man.Program.Name, "program_sha256": man.Program.SHA256,
			"output": man.Options.Output, "opt": fmt.Sprint(man.Options.Opt),
		},
	})
	if err != nil && o.Opset != 0 && !IsIO(err) {
		err = &ChoiceError{err, "leave the operator set out to get the default"}
	}
	return []manifest.File{{Name: onnx.ModelFile, Format: FormatONNX}}, err
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

// staging makes an empty folder inside dir. The function it returns removes
// the folder, and dir and those above it that were made here and are empty.
func staging(dir string) (string, func(), error) {
	made := missing(dir)
	stage := ""
	done := func() {
		if stage != "" {
			os.RemoveAll(stage)
		}
		for _, d := range made {
			os.Remove(d) // refuses when the export succeeded
		}
	}
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		stage, err = os.MkdirTemp(dir, ".raspc-")
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return stage, done, nil
}

// missing returns the folders that have to be made for dir, innermost first.
func missing(dir string) []string {
	var all []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			return all
		}
		all = append(all, d)
	}
}

// move renames the staged files into dir, raspc.json last, and removes what an
// older export left there and this one does not have.
func move(stage, dir string) ([]string, error) {
	entries, err := os.ReadDir(stage)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != manifest.FileName {
			names = append(names, e.Name())
		}
	}
	names = append(names, manifest.FileName)
	if err := checkPlaces(dir, names); err != nil {
		return nil, err
	}
	if err := removeOld(dir, names); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// checkPlaces refuses a folder where a file should go before anything is moved:
// it would stop the export half-way.
func checkPlaces(dir string, names []string) error {
	for _, name := range names {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			return &os.PathError{Op: "replace", Path: path, Err: syscall.EISDIR}
		}
	}
	return checkRival(dir, names)
}

// checkRival refuses weights that no export left where the new ones get
// another name: loaders that find a file and an index read one of them only,
// and it need not be the new one.
func checkRival(dir string, names []string) error {
	place, rival := hf.WeightsFile, hf.IndexFile
	if slices.Contains(names, hf.IndexFile) {
		place, rival = rival, place
	}
	info, err := os.Lstat(filepath.Join(dir, rival))
	if err != nil || !slices.Contains(names, place) {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(dir, manifest.FileName)); err == nil && !info.IsDir() {
		return nil // an older export's, which is removed
	}
	return &ChoiceError{
		fmt.Errorf("%s has a %s that belongs to no export; beside %s it might be read in its place", dir, rival, place),
		"remove it, or write into another folder",
	}
}

// exported reports whether an export may leave a file of this name in its
// folder.
func exported(name string) bool {
	return name == manifest.FileName || name == onnx.ModelFile || name == onnx.DataFile || hf.IsFile(name)
}

// removeOld removes the manifest of an older export, so that an interruption
// leaves none beside new files, and then its files that are not replaced. A
// folder without a manifest is not an export, and nothing in it is touched.
func removeOld(dir string, replaced []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, manifest.FileName)); err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !exported(e.Name()) || slices.Contains(replaced, e.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
