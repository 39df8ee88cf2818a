// Command cases writes what the tests of web pages about models compare them with:
//
//	go run ./scripts/web/cases DIR FILE.rasp ...
//
// For each program that compiles it writes, into DIR, the page NAME.html of the program and
// the pages NAME-onnx.html, NAME-gguf.html, NAME-ARCH.html and, with weights of 16 bits,
// NAME-f16.html or NAME-bf16.html of files that it exports, or NAME-disguised.html and NAME-rotated.html of ones
// that are harder to read, and beside these, as JSON, what inputs give by the reference interpreter, by verify's runner and by
// its sparse evaluator. The architectures take turns. The file graphs.json has random
// graphs of s-ops with what the interpreter makes of them.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/page"
	"github.com/raspc/raspc/verify"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: cases DIR FILE.rasp ...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "cases:", err)
		os.Exit(1)
	}
}

func run(dir string, files []string) error {
	errs := make([]error, len(files)+1)
	var wg sync.WaitGroup
	for i, path := range files {
		wg.Go(func() {
			if err := program(dir, path, i); err != nil {
				errs[i] = fmt.Errorf("%s: %w", path, err)
			}
		})
	}
	wg.Go(func() {
		all, err := graphs()
		errs[len(files)] = cmp.Or(err, save(filepath.Join(dir, "graphs.json"), all))
	})
	wg.Wait()
	return errors.Join(errs...)
}

func save(path string, v any) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(v), f.Close())
}

// program writes the pages of a program, unless it is refused, as some fixtures are.
func program(dir, path string, turn int) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m, err := raspc.Compile(path, string(text), raspc.Options{})
	if errors.As(err, new(diag.List)) {
		return nil
	}
	if err != nil {
		return err
	}
	oracle, err := raspc.Parse(path, string(text), raspc.Options{})
	if err != nil {
		return err
	}
	name := filepath.Join(dir, strings.TrimSuffix(filepath.Base(path), ".rasp"))
	page, err := m.WebPage()
	if err == nil {
		err = page.Save(name + ".html")
	}
	if err != nil {
		return err
	}
	folder := name + "-files"
	arch, err := exported(m, folder, turn)
	for page, format := range map[string]string{"onnx": raspc.FormatONNX, "gguf": raspc.FormatGGUF, arch: raspc.FormatSafetensors} {
		if err == nil {
			err = model(name+"-"+page, folder, format, oracle)
		}
	}
	if err != nil {
		return err
	}
	if turn%2 == 0 {
		return disguised(m, path, string(text), name, oracle)
	}
	return narrow(m, name, arch, raspc.DTypes()[1+turn/2%2], oracle)
}

// disguised does the same for a file of the other programs whose columns, heads and
// neurons are in another order, with noise in padding.
func disguised(m *raspc.Model, path, text, name string, oracle *raspc.Program) error {
	f, err := m.Facts()
	if err != nil || f.Params > page.MaxWeights { // noise leaves few zeros
		return err
	}
	folder := name + "-files-disguised"
	m, err = raspc.Compile(path, text, raspc.Options{
		PadModel: f.DModel + 4, PadHeads: f.Heads + 1, PadMLP: f.DMLP + 4, Disguise: raspc.Disguise{Permute: 1, Noise: 0.1, NoiseSeed: 1},
	})
	if err == nil {
		_, err = m.Export(folder, raspc.ExportOptions{Formats: []string{raspc.FormatONNX}})
	}
	if err != nil {
		return err
	}
	if err := model(name+"-disguised", folder, raspc.FormatONNX, oracle); err != nil {
		return err
	}
	return rotated(path, text, name, oracle)
}

// rotated does the same for a file whose stream is, unless values would be taken for others.
func rotated(path, text, name string, oracle *raspc.Program) error {
	m, err := raspc.Compile(path, text, raspc.Options{Disguise: raspc.Disguise{Rotate: 1}})
	if errors.As(err, new(diag.List)) {
		return nil
	}
	folder := name + "-files-rotated"
	if err == nil {
		_, err = m.Export(folder, raspc.ExportOptions{Formats: []string{raspc.FormatSafetensors}})
	}
	if err != nil {
		return err
	}
	return model(name+"-rotated", folder, raspc.FormatSafetensors, oracle)
}

// narrow does the same for a folder with 16 bits a weight, of every other program, unless these are too few for the
// program.
func narrow(m *raspc.Model, name, arch, dtype string, oracle *raspc.Program) error {
	folder := name + "-files-" + dtype
	_, err := m.Export(folder, raspc.ExportOptions{Arch: arch, DType: dtype, Formats: []string{raspc.FormatSafetensors}})
	if errors.As(err, new(*raspc.ChoiceError)) || errors.As(err, new(diag.List)) {
		return nil
	}
	if err != nil {
		return err
	}
	return model(name+"-"+dtype, folder, raspc.FormatSafetensors, oracle)
}

// exported writes the files, with the first architecture from a turn on that suits the
// program.
func exported(m *raspc.Model, folder string, turn int) (string, error) {
	archs := raspc.Architectures()
	var err error
	for i := range archs {
		arch := archs[(turn+i)%len(archs)]
		if _, err = m.Export(folder, raspc.ExportOptions{Arch: arch, Formats: []string{raspc.FormatONNX, raspc.FormatSafetensors, raspc.FormatGGUF}}); !errors.As(err, new(*raspc.ChoiceError)) {
			return arch, err
		}
	}
	return "", err
}

// expected is what an input gives.
type expected struct {
	Input  []value.Value   `json:"input"`
	Trace  []raspc.Outcome `json:"trace"`
	Model  []value.Value   `json:"model"`
	Points [][][]float32   `json:"points,omitempty"` // of a few inputs
	Logits [][]float32     `json:"logits"`
}

// model writes the page of a file, and what some inputs give.
func model(name, folder, format string, oracle *raspc.Program) error {
	const inputs, inFull, longest = 15, 2, 128 // a page shows no longer ones
	page, err := raspc.OpenWebPage(folder, format)
	if err == nil {
		err = page.Save(name + ".html")
	}
	if err != nil {
		return err
	}
	runner, err := raspc.OpenModel(folder, format)
	if err != nil {
		return err
	}
	v, err := verify.OpenView(folder, format)
	if err != nil {
		return err
	}
	var all []expected
	samples := slices.DeleteFunc(v.Samples(inputs), func(input []value.Value) bool { return len(input) > longest })
	for i, input := range samples {
		x := expected{Input: input}
		if x.Trace, err = oracle.Trace(input); err != nil {
			return err
		}
		out, err := runner.Run(input)
		if err != nil {
			return err
		}
		x.Model = out.Output
		x.Logits, err = v.Run(input, func(_ int, xs [][]float32) {
			if i+inFull >= len(samples) {
				x.Points = append(x.Points, copied(xs))
			}
		})
		if err != nil {
			return err
		}
		all = append(all, x)
	}
	return save(name+".json", all)
}

func copied(xs [][]float32) [][]float32 {
	all := make([][]float32, len(xs))
	for i, x := range xs {
		all[i] = append([]float32(nil), x...)
	}
	return all
}
