package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
	"github.com/raspc/raspc/frontend/generate"
)

// The flags are those of the standard library: Beam has its own there, and one way of reading
// them is enough. What stands behind -- is Beam's.

const usage = `raspc-corpus makes a dataset of RASP programs and the transformers that compute them.

    raspc-corpus --count N -o DIR [FLAGS] [-- FLAGS OF BEAM]
    raspc-corpus -o DIR [FLAGS] FILE… [-- FLAGS OF BEAM]

Programs are sampled, or read from files; a folder stands for the .rasp files in it. A run that was
interrupted goes on when the same command is given again.

Examples:

    raspc-corpus --count 1000 -o out/corpus
    raspc-corpus --count 100000 --processes 8 --weights sparse -o out/corpus
    raspc-corpus -o out/corpus fixtures -- --runner=flink --endpoint=localhost:8099

Flags:
`

// command is a parsed command line.
type command struct {
	dir       string
	options   corpus.Options
	workers   int
	processes int
	retries   int
	quiet     bool
	beam      []string
}

// parse reads a command line. The error is a usageError, flag.ErrHelp, or of the system.
func parse(args []string, stdout io.Writer) (*command, error) {
	c := &command{options: corpus.Default(), retries: 3}
	if i := slices.Index(args, "--"); i >= 0 {
		args, c.beam = args[:i], args[i+1:]
	}
	set := c.flags()
	files, err := anywhere(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		set.SetOutput(stdout)
		set.PrintDefaults()
		return nil, err
	}
	if err == nil {
		err = c.check(set, files)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// flags declares the flags.
func (c *command) flags() *flag.FlagSet {
	set, o := flag.NewFlagSet("raspc-corpus", flag.ContinueOnError), &c.options
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.StringVar(&c.dir, "o", "", "`DIR` that the dataset is written to")
	set.IntVar(&o.Count, "count", 0, "how many programs are sampled, duplicates and refused ones among them")
	set.Uint64Var(&o.Generate.Seed, "seed", 0, "chooses the sampled programs")
	set.IntVar(&o.Mutations, "mutations", 0, "how many copies with one change are made of each program")
	set.Var(mix{&o.Generate.Mix, map[string]bool{}}, "mix", "weights of operators, as `NAME=WEIGHT,…`; 0 leaves one out")
	set.Var(span{&o.Generate.Size}, "size", "operators of sampled programs, as `FROM..TO`")
	set.Var(span{&o.Generate.Depth}, "depth", "how deep their aggregates and widths are nested, as `FROM..TO`")
	set.Var(span{&o.Generate.MaxLen}, "max-len", "their longest inputs, as `FROM..TO`")
	set.StringVar(&o.Vocab, "vocab", "", "their tokens, a letter each; each draws its own without")
	set.Var(span{&o.Generate.VocabSize}, "vocab-size", "how many tokens each draws, as `FROM..TO`")
	set.Float64Var(&o.Generate.Ints, "ints", o.Generate.Ints, "the share of those that draw integers, not letters")
	set.Float64Var(&o.Generate.Causal, "causal", o.Generate.Causal, "the share of those that look back only")
	set.StringVar(&o.Weights, "weights", o.Weights, "how tensors are written, dense or sparse")
	set.Int64Var(&o.MostParams, "max-params", o.MostParams, "the most weights of a model, zeros included")
	set.IntVar(&o.Inputs, "inputs", o.Inputs, "on how many inputs each model is compared with its program")
	set.BoolVar(&o.Certify, "certify", false, "keep models only that are proved for all inputs")
	set.IntVar(&o.Samples, "samples", o.Samples, "how many inputs and outputs stand in a row")
	set.BoolVar(&o.SameGraph, "same-graph", false, "keep programs that have the s-op graph of another, for other inputs")
	set.Var(shares{&o.Shares}, "split", "shares of train, validation and test, as `A,B,C`")
	set.IntVar(&o.ShardPrograms, "shard-programs", o.ShardPrograms, "about how many programs a shard would hold if all were kept")
	set.IntVar(&c.workers, "workers", corpus.Here(), "how many programs a process of the engine makes at a time")
	set.IntVar(&c.processes, "processes", 0, "how many processes of their own make programs, for each of the engine's; 0 for none")
	set.IntVar(&c.retries, "retries", c.retries, "how often the pipeline is run again when it fails")
	set.BoolVar(&c.quiet, "quiet", false, "print nothing but errors")
	return set
}

// anywhere parses flags before and behind arguments, which it returns.
func anywhere(set *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, usageError{err}
		}
		if args = set.Args(); len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// ofSamples are the flags that mean nothing for files, ofChanges those that mean something for copies
// of them with a change, and ofDomains those that do where copies may differ in their inputs alone.
var (
	ofSamples = []string{"seed", "mix", "size", "depth", "max-len", "vocab", "vocab-size", "ints", "causal"}
	ofChanges = []string{"seed", "mix"}
	ofDomains = []string{"max-len", "causal"}
)

func (c *command) check(set *flag.FlagSet, files []string) (err error) {
	set.Visit(func(f *flag.Flag) {
		copies := c.options.Mutations > 0
		switch {
		case len(files) == 0 || err != nil || !slices.Contains(ofSamples, f.Name) || copies && slices.Contains(ofChanges, f.Name):
		case !copies || !slices.Contains(ofDomains, f.Name):
			err = usageError{fmt.Errorf("--%s is of sampled programs, and files are given", f.Name)}
		case !c.options.SameGraph:
			err = usageError{fmt.Errorf("--%s is of copies with other inputs, which --same-graph keeps", f.Name)}
		}
	})
	if err == nil {
		err = tokens(set)
	}
	if err != nil {
		return err
	}
	if c.options.Root, c.options.Files, err = programs(files); err != nil {
		return err
	}
	switch {
	case c.dir == "":
		return usageError{errors.New("-o DIR is missing")}
	case c.options.Count == 0 && len(files) == 0:
		return usageError{errors.New("nothing to make: --count N samples programs, or name files")}
	case len(files) > 0 && len(c.options.Files) == 0:
		return usageError{fmt.Errorf("there is no .rasp file in %s", strings.Join(files, ", "))}
	case c.workers < 1 || c.processes < 0 || c.retries < 0:
		return usageError{errors.New("--workers has to be 1 or more, --processes and --retries 0 or more")}
	}
	if c.dir, err = filepath.Abs(c.dir); err != nil {
		return err
	}
	if err := c.options.Check(); err != nil {
		return usageError{flagged(err)}
	}
	c.options.Sources, err = c.options.SourcesOf()
	return err
}

// tokens says which flags of tokens do not go together.
func tokens(set *flag.FlagSet) error {
	given := map[string]string{}
	set.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
	vocab, ok := given["vocab"]
	if !ok {
		return nil
	}
	if vocab == "" {
		return usageError{errors.New("--vocab is empty: without the flag each program draws its tokens")}
	}
	for _, name := range []string{"ints", "vocab-size"} {
		if _, ok := given[name]; ok {
			return usageError{fmt.Errorf("--%s is of programs that draw their tokens, and --vocab gives them", name)}
		}
	}
	return nil
}

// fields are how the options of corpora and of generated programs call what flags set.
var fields = regexp.MustCompile(`(?:the field |the weight )?\b(Mix\.[A-Z][a-z]+|Size|Depth|MaxLen|VocabSize|Vocab|Ints|Causal|Mix|Mutations|Weights|MostParams|Inputs|Samples|Shares|ShardPrograms|Count)\b`)

// flagged is an error of options as one of flags.
func flagged(err error) error {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "options of a corpus: "), "options of generated programs: ")
	return errors.New(fields.ReplaceAllStringFunc(text, func(found string) string {
		field := found[strings.LastIndexByte(found, ' ')+1:]
		if name, ok := strings.CutPrefix(field, "Mix."); ok {
			return nameOf(name) + " of --mix"
		}
		switch field {
		case "MostParams":
			return "--max-params"
		case "Shares":
			return "--split"
		}
		return "--" + flagOf(field)
	}))
}

// flagOf spells a field as flags are: max-len for MaxLen.
func flagOf(field string) string {
	var b strings.Builder
	for i, r := range field {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// span is the value of a flag that is a range.
type span struct{ *generate.Range }

// String implements flag.Value.
func (s span) String() string {
	if s.Range == nil {
		return ""
	}
	return fmt.Sprintf("%d..%d", s.Min, s.Max)
}

// Set implements flag.Value. One number is a range, too.
func (s span) Set(text string) error {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		to = from
	}
	least, err1 := strconv.Atoi(from)
	most, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil {
		return errors.New("a range is a number, or two as in 3..12")
	}
	*s.Range = generate.Range{Min: least, Max: most}
	return nil
}

// shares is the value of --split.
type shares struct{ all *[3]float64 }

// String implements flag.Value.
func (s shares) String() string {
	if s.all == nil {
		return ""
	}
	return fmt.Sprintf("%g,%g,%g", s.all[0], s.all[1], s.all[2])
}

// Set implements flag.Value.
func (s shares) Set(text string) error {
	parts := strings.Split(text, ",")
	if len(parts) != len(s.all) {
		return errors.New("three shares are wanted, as in 0.8,0.1,0.1")
	}
	for i, p := range parts {
		x, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", p)
		}
		s.all[i] = x
	}
	return nil
}

// mix is the value of --mix.
type mix struct {
	*generate.Mix
	set map[string]bool // names that have been given
}

// weight is the weight of a name, as --mix has it.
type weight struct {
	name  string
	value *float64
}

func (m mix) weights() []weight {
	return []weight{
		{"arithmetic", &m.Arithmetic}, {"comparison", &m.Comparison}, {"boolean", &m.Boolean}, {"conditional", &m.Conditional},
		{"map", &m.Map}, {"aggregate", &m.Aggregate}, {"width", &m.Width},
		{"equal", &m.Equal}, {"unequal", &m.Unequal}, {"order", &m.Order}, {"full", &m.Full},
		{"sel-and", &m.And}, {"sel-or", &m.Or}, {"sel-not", &m.Not},
	}
}

// nameOf is the name of a field of generate.Mix.
func nameOf(field string) string {
	switch field {
	case "And", "Or", "Not":
		return "sel-" + strings.ToLower(field)
	}
	return strings.ToLower(field)
}

// String implements flag.Value.
func (m mix) String() string {
	if m.Mix == nil {
		return ""
	}
	var parts []string
	for _, w := range m.weights() {
		parts = append(parts, fmt.Sprintf("%s=%g", w.name, *w.value))
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value. Weights that are not named stay.
func (m mix) Set(text string) error {
	all := m.weights()
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		i := slices.IndexFunc(all, func(w weight) bool { return w.name == name })
		if i < 0 {
			return fmt.Errorf("%q is none of the weights %s", name, m)
		}
		x, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return fmt.Errorf("the weight of %s is a number, as in %s=2, and not %q", name, name, number)
		}
		if m.set[name] {
			return fmt.Errorf("the weight of %s is given twice", name)
		}
		*all[i].value, m.set[name] = x, true
	}
	return nil
}
