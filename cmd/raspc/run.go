package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func runCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "run", ArgsUsage: "FILE --input IN",
		Usage: "run a program in the reference interpreter, or an exported model",
		Description: examples("An input is a JSON array, a JSON string for its characters, or plain text: its words, or\n"+
			"the characters of a single word.",
			"raspc run sort.rasp --input '[3, 1, 2]'",
			"raspc run --model out/sort --inputs inputs.jsonl --json"),
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "input", Usage: "one input `IN`; - reads it from standard input"},
			&cli.StringFlag{Name: "inputs", Usage: "`FILE` of inputs, one JSON array or string a line, or an object with input and patches; - is standard input"},
			patchFlag(),
			&cli.BoolFlag{Name: "trace", Usage: "show every s-op and selector that the program names", DisableDefaultText: true},
			&cli.StringFlag{Name: "model", Usage: "`DIR` of an exported model to run instead; FILE may be left out"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT` of the model's file to run: onnx, safetensors, transformerlens or gguf", DefaultText: "the first there is"},
			jsonFlag(),
		}, settingsFlags(), sopFlags()),
		Action: con.action(0, 1, con.run),
	}
}

// evaluator gives what is to be printed of one input, under patches beside those
// of the command line.
type evaluator func(input []raspc.Value, patches []raspc.Patch) ([]raspc.Outcome, error)

func (c *console) run(ctx *cli.Context) error {
	if err := checkRun(ctx); err != nil {
		return err
	}
	evaluate, err := c.evaluator(ctx)
	if err != nil {
		return err
	}
	if ctx.IsSet("inputs") {
		return c.runAll(ctx.String("inputs"), evaluate)
	}
	return c.runOne(ctx.String("input"), evaluate)
}

// checkRun refuses combinations in which a flag would be passed over.
func checkRun(ctx *cli.Context) error {
	model, file := ctx.IsSet("model"), ctx.Args().First()
	switch {
	case ctx.IsSet("input") && ctx.IsSet("inputs"):
		return misused(ctx, "--input and --inputs exclude each other")
	case !ctx.IsSet("input") && !ctx.IsSet("inputs"):
		return misused(ctx, "run needs --input or --inputs")
	case !model && file == "":
		return misused(ctx, "run needs a FILE, or --model DIR")
	case !model && isFolder(file):
		return &usageError{file + " is a folder, not a program", "an exported model is run with --model " + file}
	case !model && ctx.IsSet("format"):
		return misused(ctx, "--format goes with --model")
	case !model && file == "-" && (ctx.String("input") == "-" || ctx.String("inputs") == "-"):
		return misused(ctx, "standard input cannot be both the program and the inputs")
	case model && ctx.IsSet("patch"):
		return misused(ctx, "--patch goes with a program; what a model does is patched in its runtime")
	case !model && !ctx.IsSet("patch") && !ctx.IsSet("inputs"):
		return unused(ctx, "a run without --patch", sopFlags())
	case model && ctx.Bool("trace"):
		return misused(ctx, "--trace goes with a program; a model has no named s-ops to show")
	case model:
		if err := known("format", slices.DeleteFunc([]string{ctx.String("format")}, func(f string) bool { return f == "" })); err != nil {
			return err
		}
		return unused(ctx, "an exported model", slices.Concat(settingsFlags(), sopFlags()))
	}
	return nil
}

// evaluator opens the model, or parses the program.
func (c *console) evaluator(ctx *cli.Context) (evaluator, error) {
	if ctx.IsSet("model") {
		m, err := raspc.OpenModel(ctx.String("model"), ctx.String("format"))
		if err != nil {
			return nil, err
		}
		return modelled(m), nil
	}
	src, o, err := c.given(ctx)
	if err != nil {
		return nil, err
	}
	p, err := raspc.Parse(src.name, src.text, o)
	if err != nil {
		return nil, err
	}
	if err := c.warn(p.Warnings()); err != nil {
		return nil, err
	}
	given, err := patches(ctx)
	if err != nil {
		return nil, err
	}
	return func(input []raspc.Value, more []raspc.Patch) ([]raspc.Outcome, error) {
		run := single(p.Run)
		if ctx.Bool("trace") {
			run = p.Trace
		}
		outcomes, err := run(input, slices.Concat(given, more)...)
		if len(more) == 0 {
			err = fromFlag(err)
		}
		return outcomes, err
	}, nil
}

// single leaves the name out, which only a trace needs.
func single(run func([]raspc.Value, ...raspc.Patch) (*raspc.Outcome, error)) func([]raspc.Value, ...raspc.Patch) ([]raspc.Outcome, error) {
	return func(input []raspc.Value, patches ...raspc.Patch) ([]raspc.Outcome, error) {
		o, err := run(input, patches...)
		if err != nil {
			return nil, err
		}
		o.Name = ""
		return []raspc.Outcome{*o}, nil
	}
}

// modelled runs a model, which takes no patches.
func modelled(m *raspc.ExportedModel) evaluator {
	run := single(func(input []raspc.Value, _ ...raspc.Patch) (*raspc.Outcome, error) { return m.Run(input) })
	return func(input []raspc.Value, patches []raspc.Patch) ([]raspc.Outcome, error) {
		if len(patches) > 0 {
			return nil, &raspc.PatchError{Msg: "a model takes no patches", Help: "leave --model out to run the program under them"}
		}
		return run(input)
	}
}

// runOne runs the input that stands on the command line. Where the program is
// undefined on it, the command fails.
func (c *console) runOne(text string, evaluate evaluator) error {
	if text == "-" {
		all, err := io.ReadAll(io.LimitReader(c.in, maxLine+1))
		if err == nil && len(all) > maxLine {
			err = errTooLong
		}
		if err != nil {
			return err
		}
		text = strings.TrimRight(string(all), "\r\n")
	}
	input, err := raspc.ParseInput(text)
	if err != nil {
		return err
	}
	outcomes, err := evaluate(input, nil)
	if err != nil {
		return err
	}
	if err := c.note(outcomes[0]); err != nil {
		return err
	}
	if u := outcomes[0].Err; u != nil && !c.json {
		return diag.List{diag.New(u.Code, diag.Span{}, "%s", u.Message).
			WithNote("the program is undefined on this input").
			WithWitness(diag.OnInput, input)}
	}
	if err := c.print(outcomes); err != nil {
		return err
	}
	if outcomes[0].Err != nil {
		return verdict(exitWrong)
	}
	return nil
}

// maxLine bounds the bytes of one input: more than the longest input has.
const maxLine = 16 << 20

var errTooLong = &raspc.InputError{Msg: "an input has more than 16 MiB"}

// runAll runs the inputs of a file, and prints each outcome before it reads
// the next input.
func (c *console) runAll(path string, evaluate evaluator) error {
	in := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	number := 1 // of the line to read
	for ; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := c.runLine(line, evaluate); err != nil {
			return located(path, number, err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return located(path, number, errTooLong)
	}
	return lines.Err()
}

func (c *console) runLine(line []byte, evaluate evaluator) error {
	input, patches, err := raspc.ParseJSONCase(line)
	if err != nil {
		return err
	}
	outcomes, err := evaluate(input, patches)
	if err != nil {
		return err
	}
	if err := c.note(outcomes[0]); err != nil {
		return err
	}
	return c.print(outcomes)
}

// located says which line of a file an input error is about.
func located(path string, number int, err error) error {
	var bad *raspc.InputError
	var patch *raspc.PatchError
	if !errors.As(err, &bad) && !errors.As(err, &patch) {
		return err
	}
	if path == "-" {
		path = "<stdin>"
	}
	return fmt.Errorf("%s:%d: %w", path, number, err)
}

// print prints the outcomes of one input.
func (c *console) print(outcomes []raspc.Outcome) error {
	for _, o := range outcomes {
		var err error
		switch {
		case c.json:
			err = c.printJSON(o)
		case o.Name == "":
			err = c.printf("%s\n", o)
		case o.Matrix != nil:
			err = c.printf("%s:\n%s\n", o.Name, o)
		default:
			err = c.printf("%s = %s\n", o.Name, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
