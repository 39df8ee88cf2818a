package raspc_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/value"
)

const histogram = `
#: vocab = "abc"
#: max_len = 5
hist = selector_width(select(tokens, tokens, ==));
`

// A program becomes a model, the model files, and the files are verified.
func Example() {
	dir, err := os.MkdirTemp("", "raspc")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	m, err := raspc.Compile("hist.rasp", histogram, raspc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	out, err := m.Export(filepath.Join(dir, "hist"), raspc.ExportOptions{Formats: []string{raspc.FormatONNX}})
	if err != nil {
		log.Fatal(err)
	}
	report, err := raspc.Verify(context.Background(), out.Dir, raspc.VerifyOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range out.Files {
		fmt.Println(file.Name)
	}
	fmt.Println(report.Result, report.Files[0].Inputs)
	// Output:
	// model.onnx
	// README.md
	// raspc.json
	// equivalent 363
}

// Settings that a program leaves open are given beside it.
func ExampleCompile() {
	m, err := raspc.Compile("rev.rasp", "rev = aggregate(select(indices, length - 1 - indices, ==), tokens);",
		raspc.Options{Vocab: `["a", "b"]`, MaxLen: 4})
	if err != nil {
		log.Fatal(err)
	}
	facts, err := m.Facts()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(facts.Output, facts.Layers, "layers,", facts.UHeads, "heads")
	// Output: rev 2 layers, 2 heads
}

// Errors of a program carry a code, a place and often a way out.
func ExampleCompile_diagnostics() {
	_, err := raspc.Compile("hist.rasp", "#: vocab = \"ab\"\n#: max_len = 3\nhist = selector_with(full_s);", raspc.Options{})
	fmt.Println(err)
	// Output: hist.rasp:3:8: error[E0401]: undefined variable `selector_with`
}

// The reference interpreter needs no vocabulary and no length.
func ExampleParse() {
	p, err := raspc.Parse("hist.rasp", "hist = selector_width(select(tokens, tokens, ==));", raspc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	input, err := raspc.ParseInput("hello")
	if err != nil {
		log.Fatal(err)
	}
	out, err := p.Run(input)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out)
	// Output: [1, 1, 2, 2, 1] (ints)
}

// A trace shows every s-op and selector that the output depends on.
func ExampleProgram_Trace() {
	p, err := raspc.Parse("prev.rasp", `before = select(indices, indices - 1, ==); prev = aggregate(before, tokens, "-");`, raspc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	outcomes, err := p.Trace([]value.Value{value.Str("a"), value.Str("b")})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Matrix != nil {
			fmt.Println(o.Name, o.Matrix)
			continue
		}
		fmt.Print(o.Name)
		for _, v := range o.Output {
			fmt.Print(" ", v.Repr())
		}
		fmt.Println()
	}
	// Output:
	// tokens_str 'a' 'b'
	// tokens 'a' 'b'
	// indices 0 1
	// before [[false false] [true false]]
	// prev '-' 'a'
}

// An export can be run like the program.
func ExampleOpenModel() {
	dir, err := os.MkdirTemp("", "raspc")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	m, err := raspc.Compile("hist.rasp", histogram, raspc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.Export(dir, raspc.ExportOptions{}); err != nil {
		log.Fatal(err)
	}
	model, err := raspc.OpenModel(dir, raspc.FormatSafetensors)
	if err != nil {
		log.Fatal(err)
	}
	input, err := raspc.ParseInput("abac")
	if err != nil {
		log.Fatal(err)
	}
	out, err := model.Run(input)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out)
	// Output: [2, 1, 2, 1] (ints)
}

// Each stage of the compiler can be printed.
func ExampleDump() {
	fmt.Println(raspc.Stages())
	if err := raspc.Dump(os.Stdout, "hist.rasp", histogram, "sop", raspc.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [ast sop simplify values craft layout decoder]
	// n0 = tokens_str                         # tokens_str tokens
	// n1 = select n0 == n0                    # hist.rasp:4:23
	// n2 = width n1                           # hist  hist.rasp:4:8
	// roots n2
}
