package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

// causalFlag may stand without a value.
const causalFlag = "causal"

// settingsFlags are the flags that win over a program's pragmas.
func settingsFlags() []cli.Flag {
	const category = "Settings of the program (they win over its pragmas):"
	return []cli.Flag{
		&cli.StringFlag{Name: "tokens", Category: category, Usage: "`KIND` as which tokens are read: str, int, float or bool", DefaultText: "str"},
		&cli.StringFlag{Name: "vocab", Category: category, Usage: "`TOKENS`: a range 0..9, a list '[\"a\", 1]', a string '\"abc\"', or plainly a,b,c or abc"},
		&cli.StringFlag{Name: "max-len", Category: category, Usage: "length `N` of the longest input"},
		&cli.StringFlag{Name: causalFlag, Category: category, Usage: "`SWITCH` on (as without a value): selectors look back only; or off"},
		&cli.StringFlag{Name: "output", Category: category, Usage: "`NAME` of the s-op to compile", DefaultText: "the last one assigned or evaluated"},
	}
}

// compilerCategory is the heading of the flags that shape a model.
const compilerCategory = "The compiler:"

// sopFlags are those of the compiler's flags that decide which s-ops there are.
func sopFlags() []cli.Flag {
	const category = compilerCategory
	return []cli.Flag{
		&cli.IntFlag{Name: "opt", Category: category, Value: 1, Usage: "`LEVEL` 0 keeps every s-op in a subspace of its own, 1 makes the smallest model"},
		&cli.StringSliceFlag{Name: "materialize", Category: category, Usage: "`NAME`s of s-ops that keep a subspace of their own, separated by commas"},
	}
}

func reuseFlag() cli.Flag {
	return &cli.BoolFlag{Name: "reuse", Category: compilerCategory, Usage: "reuse columns that nothing reads any more; neurons clear them", DisableDefaultText: true}
}

// compilerFlags are the flags that shape a model.
func compilerFlags() []cli.Flag {
	const category = compilerCategory
	return append(sopFlags(), reuseFlag(),
		&cli.BoolFlag{Name: "squeeze", Category: category, Usage: "reuse columns, and leave out those of which others give the value", DisableDefaultText: true},
		&cli.IntFlag{Name: "pad-model", Category: category, Usage: "make the residual stream at least `N` columns wide"},
		&cli.IntFlag{Name: "pad-heads", Category: category, Usage: "give each layer at least `N` heads"},
		&cli.IntFlag{Name: "pad-mlp", Category: category, Usage: "give each layer at least `N` neurons"},
		&cli.StringFlag{Name: "permute", Category: category, Usage: "put columns, heads and neurons in a random order, by a `SEED` of at least 1"},
		&cli.StringFlag{Name: "noise", Category: category, Usage: "give what is padding random weights of standard deviation `SIGMA`; wants --pad-model"},
		&cli.StringFlag{Name: "noise-seed", Category: category, Usage: "draw them by another `SEED`", DefaultText: "1"},
		&cli.StringFlag{Name: "rotate", Category: category, Usage: "turn the residual stream by a random orthogonal matrix, by a `SEED` of at least 1"},
		&cli.StringSliceFlag{Name: "duplicate", Category: category, Usage: "hold an s-op in K places, `NAME=K`: readers take them in turn, or, with NAME=K:mean, their mean"},
	)
}

// maxPad is the most that a model is widened to. A column, head or neuron more
// costs memory even while weights are sparse.
const maxPad = 1 << 20

// options reads the flags of settingsFlags, and of compilerFlags where the
// subcommand has them.
func options(c *cli.Context) (raspc.Options, error) {
	o := raspc.Options{
		Tokens: c.String("tokens"), Vocab: vocabText(c.String("vocab")), Causal: c.String(causalFlag), Output: c.String("output"),
		Materialize: words(c, "materialize"), Reuse: c.Bool("reuse"), Squeeze: c.Bool("squeeze"),
	}
	for _, name := range []string{"tokens", "vocab", causalFlag, "output"} {
		if c.IsSet(name) && c.String(name) == "" {
			return o, misused(c, "--%s needs a value", name)
		}
	}
	if c.IsSet("max-len") {
		n, err := strconv.Atoi(c.String("max-len"))
		if err != nil || n < 1 {
			return o, misused(c, "--max-len is a length of at least 1, not %q", c.String("max-len"))
		}
		o.MaxLen = n
	}
	if c.IsSet("opt") {
		if n := c.Int("opt"); n != 0 && n != 1 {
			return o, misused(c, "--opt is 0 or 1, not %d", n)
		}
		o.Faithful = c.Int("opt") == 0
	}
	if o.Faithful && o.Reuse {
		return o, misused(c, "--reuse has no effect with --opt 0, which keeps every s-op to the end")
	}
	if o.Faithful && o.Squeeze {
		return o, misused(c, "--squeeze has no effect with --opt 0, which keeps all columns")
	}
	if err := disguise(c, &o.Disguise); err != nil {
		return o, err
	}
	for name, n := range map[string]*int{"pad-model": &o.PadModel, "pad-heads": &o.PadHeads, "pad-mlp": &o.PadMLP} {
		if *n = c.Int(name); c.IsSet(name) && (*n < 1 || *n > maxPad) {
			return o, misused(c, "--%s takes 1 to %d", name, maxPad)
		}
	}
	return o, nil
}

// words returns the values of a flag that takes several.
func words(c *cli.Context, flag string) []string {
	var all []string
	for _, w := range c.StringSlice(flag) {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

// source is a program as it was read.
type source struct{ name, text string }

// sourceName is how diagnostics call the program at a path.
func sourceName(path string) string {
	if path == "-" {
		return "<stdin>"
	}
	return path
}

// program reads a program from a file, or from standard input.
func (c *console) program(path string) (source, error) {
	if path == "-" {
		text, err := raspc.ReadProgram(c.in)
		return source{sourceName(path), text}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	defer f.Close()
	text, err := raspc.ReadProgram(f)
	return source{path, text}, err
}

// given reads the program that the first argument names, and its options.
func (c *console) given(ctx *cli.Context) (source, raspc.Options, error) {
	o, err := options(ctx)
	if err != nil {
		return source{}, o, err
	}
	src, err := c.program(ctx.Args().First())
	return src, o, err
}

// model compiles the program that the first argument names, and prints its
// warnings.
func (c *console) model(ctx *cli.Context) (*raspc.Model, error) {
	src, o, err := c.given(ctx)
	if err != nil {
		return nil, err
	}
	m, err := raspc.Compile(src.name, src.text, o)
	if err != nil {
		return nil, err
	}
	return m, c.warn(m.Warnings())
}

// create writes a file that a flag names, or standard output. A file that
// could not be written whole is removed.
func (c *console) create(path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(c.stdout)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if info, stat := os.Stat(path); err != nil && stat == nil && info.Mode().IsRegular() {
		os.Remove(path)
	}
	return err
}
