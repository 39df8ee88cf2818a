package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func graftCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "graft", ArgsUsage: "FILE -o DIR",
		Usage: "put a program into a larger model, to be trained around it",
		Description: examples("Writes a folder for the stock Hugging Face classes in which the program has columns, heads and neurons\n"+
			"of its own, a mask of what training has to leave alone, and raspc.json.",
			"raspc graft hist.rasp --arch gpt2 --d-model 128 --layers 4 --heads 4 --d-mlp 512 -o out/hist",
			"raspc graft hist.rasp --arch llama --d-model 128 --layers 4 --heads 4 --d-mlp 512 --task causal-lm -o out/hist"),
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "o", Usage: "`DIR` to write; made if it is missing"},
		}, hostFlags(), []cli.Flag{
			&cli.StringFlag{Name: "license", Usage: "licence `ID` for the model card, one that the Hub knows, such as apache-2.0", DefaultText: "none"},
			&cli.BoolFlag{Name: "no-tokenizer", Usage: "leave the tokenizer out", DisableDefaultText: true},
			&cli.StringFlag{Name: "shard-size", Usage: "split the weights into files of `SIZE`, such as 200MB", DefaultText: "5GB"},
			&cli.IntFlag{Name: "max-gb", Usage: "write no more than `N` GB", DefaultText: "8"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that are there already", DisableDefaultText: true},
			&cli.BoolFlag{Name: "dry-run", Usage: "compile and say what would be written, without writing", DisableDefaultText: true},
			&cli.BoolFlag{Name: "quiet", Usage: "print nothing but warnings and errors", DisableDefaultText: true},
			jsonFlag(),
		}, settingsFlags(), sopFlags(), []cli.Flag{reuseFlag()}),
		Action: con.action(1, 1, con.graft),
	}
}

// hostFlags are the flags that describe the larger model.
func hostFlags() []cli.Flag {
	const category = "The larger model, the host:"
	return []cli.Flag{
		&cli.StringFlag{Name: "arch", Category: category, Usage: "`ARCH`: " + strings.Join(raspc.GraftArchitectures(), ", ")},
		&cli.IntFlag{Name: "d-model", Category: category, Usage: "`N` columns of the residual stream", DefaultText: "none: it has to be given"},
		&cli.IntFlag{Name: "layers", Category: category, Usage: "`N` layers", DefaultText: "likewise"},
		&cli.IntFlag{Name: "heads", Category: category, Usage: "`N` heads in each layer", DefaultText: "likewise"},
		&cli.IntFlag{Name: "d-mlp", Category: category, Usage: "`N` neurons in each layer", DefaultText: "likewise"},
		&cli.IntFlag{Name: "at", Category: category, Usage: "`LAYER` in which the program begins", DefaultText: "0"},
		&cli.IntFlag{Name: "positions", Category: category, Usage: "length `N` of the longest input", DefaultText: "the program's"},
		&cli.StringFlag{Name: "host-vocab", Category: category, Usage: "`TOKENS`, among them the program's, as in --vocab", DefaultText: "the program's"},
		&cli.StringFlag{Name: "task", Category: category, Usage: "`TASK`: " + strings.Join(raspc.Tasks(), ", "), DefaultText: raspc.TaskTokenClassification},
		&cli.StringFlag{Name: "labels", Category: category, Usage: "`LABELS` of token-classification, as in --vocab", DefaultText: "the values of the program's output"},
		&cli.StringFlag{Name: "into", Category: category, Usage: "`DIR` of a model to put the program into, in the place of a new one; it gives the same as before"},
		&cli.StringSliceFlag{Name: "replace", Category: category, Usage: "`PART` of that model whose place the program's takes: blocks.2.mlp or blocks.2.attn.head.1; may be given several times"},
		&cli.StringFlag{Name: "seed", Category: category, Usage: "`SEED` of its weights", DefaultText: "1"},
	}
}

func (c *console) graft(ctx *cli.Context) error {
	o, err := graftOptions(ctx)
	if err != nil {
		return err
	}
	m, err := c.model(ctx)
	if err != nil {
		return err
	}
	quiet := ctx.Bool("quiet")
	var g *raspc.Grafted
	err = c.writing(ctx, quiet, &o.Progress, func(stoppable context.Context) error {
		g, err = m.Graft(stoppable, ctx.String("o"), o)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.left(g.Left); err != nil || quiet {
		return err
	}
	return c.grafted(g, o.DryRun, len(o.Replace) > 0)
}

func graftOptions(ctx *cli.Context) (raspc.GraftOptions, error) {
	o := raspc.GraftOptions{
		Arch: ctx.String("arch"), DModel: ctx.Int("d-model"), Layers: ctx.Int("layers"), Heads: ctx.Int("heads"), DMLP: ctx.Int("d-mlp"),
		At: ctx.Int("at"), MaxLen: ctx.Int("positions"), Vocab: vocabText(ctx.String("host-vocab")), Labels: vocabText(ctx.String("labels")),
		Task: ctx.String("task"), License: ctx.String("license"), NoTokenizer: ctx.Bool("no-tokenizer"), MaxBytes: int64(ctx.Int("max-gb")) * 1e9,
		Force: ctx.Bool("force"), DryRun: ctx.Bool("dry-run"), Seed: 1, Into: ctx.String("into"), Replace: words(ctx, "replace"),
	}
	switch dir := ctx.String("o"); {
	case dir == "":
		return o, misused(ctx, "graft needs -o DIR, the folder to write")
	case dir == "-":
		return o, misused(ctx, "a graft is a folder, which standard output cannot take")
	case ctx.Bool("json") && ctx.Bool("quiet"):
		return o, misused(ctx, "--json and --quiet exclude each other")
	case o.DryRun && ctx.Bool("quiet"):
		return o, misused(ctx, "--dry-run and --quiet exclude each other")
	case ctx.IsSet("max-gb") && ctx.Int("max-gb") < 1:
		return o, misused(ctx, "--max-gb takes 1 or more")
	}
	for _, name := range []string{"license", "host-vocab", "labels", "task", "seed", "into"} {
		if ctx.IsSet(name) && ctx.String(name) == "" {
			return o, misused(ctx, "--%s needs a value", name)
		}
	}
	if ctx.IsSet("seed") {
		n, err := strconv.ParseUint(ctx.String("seed"), 10, 64)
		if err != nil {
			return o, misused(ctx, "--seed is a number from 0 on, not %q", ctx.String("seed"))
		}
		o.Seed = n
	}
	if ctx.IsSet("shard-size") {
		size, err := parseSize(ctx.String("shard-size"))
		if err != nil {
			return o, misused(ctx, "--shard-size: %v", err)
		}
		o.ShardSize = size
	}
	return o, checkHost(ctx)
}

// checkHost refuses a host whose sizes are missing or are none, or that is there and has
// its own.
func checkHost(ctx *cli.Context) error {
	if ctx.IsSet("into") {
		for _, name := range []string{"arch", "d-model", "layers", "heads", "d-mlp", "positions", "host-vocab", "task", "labels", "no-tokenizer"} {
			if ctx.IsSet(name) {
				return misused(ctx, "--%s changes nothing about the model of --into", name)
			}
		}
		return checkCounts(ctx)
	}
	if ctx.IsSet("replace") {
		return misused(ctx, "--replace has no effect without --into")
	}
	hosts := raspc.GraftArchitectures()
	switch arch := ctx.String("arch"); {
	case arch == "":
		return misused(ctx, "graft needs --arch, one of %s", strings.Join(hosts, ", "))
	case !slices.Contains(hosts, arch):
		return &usageError{fmt.Sprintf("a program cannot be put into --arch %s", arch), hint(arch, hosts, "hosts are "+strings.Join(hosts, ", "))}
	}
	for _, name := range []string{"d-model", "layers", "heads", "d-mlp"} {
		if !ctx.IsSet(name) {
			return misused(ctx, "graft needs --%s", name)
		}
	}
	return checkCounts(ctx)
}

// checkCounts refuses numbers that count nothing.
func checkCounts(ctx *cli.Context) error {
	for _, name := range []string{"d-model", "layers", "heads", "d-mlp", "positions"} {
		if n := ctx.Int(name); ctx.IsSet(name) && (n < 1 || n > maxPad) {
			return misused(ctx, "--%s takes 1 to %d", name, maxPad)
		}
	}
	if n := ctx.Int("at"); n < 0 || n > maxPad {
		return misused(ctx, "--at takes 0 to %d", maxPad)
	}
	return nil
}

// grafted says what was written.
func (c *console) grafted(g *raspc.Grafted, dry, replaced bool) error {
	facts, err := g.Facts()
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(struct {
			Dir    string               `json:"dir"`
			DryRun bool                 `json:"dry_run"`
			Files  []raspc.ExportedFile `json:"files"`
			Host   *raspc.Host          `json:"host"`
			Model  *raspc.Facts         `json:"model"`
			*raspc.Comparison
		}{g.Dir, dry, g.Files, g.Host, facts, g.Comparison})
	}
	if err := c.wrote(g.Dir, g.Files, dry); err != nil {
		return err
	}
	h := g.Host
	if x := g.Comparison; x != nil {
		but := ""
		if replaced {
			but = " without what was replaced"
		}
		if err := c.printf("the model gives what it gave%s: on %s no logit changes by more than %.2g, where the largest is %.3g\n", but, diag.Plural(x.Inputs, "random input"), x.Change, x.Largest); err != nil {
			return err
		}
	}
	return c.printf("%s of %s and %s, %d columns: %s\n", diag.Plural(h.Layers, "layer"), diag.Plural(h.Heads, "head"), diag.Plural(h.DMLP, "neuron"), h.DModel, within(h))
}

// within says where in a host the program is.
func within(h *raspc.Host) string {
	var heads, neurons int
	for i := range h.LayersAt {
		heads += size(h.HeadsAt[i])
		neurons += size(h.NeuronsAt[i])
	}
	columns := size(h.Columns)
	if h.Compensation != nil {
		columns += 2
	}
	text := fmt.Sprintf("the program has %s", diag.Plural(columns, "column"))
	if n := len(h.LayersAt); n > 0 {
		text += fmt.Sprintf(", %s and %s in layer %d", diag.Plural(heads, "head"), diag.Plural(neurons, "neuron"), h.LayersAt[0])
		if n > 1 {
			text += fmt.Sprintf(" to %d", h.LayersAt[n-1])
		}
	}
	return text
}

// size is how many numbers there are in runs.
func size(runs []int) int {
	n := 0
	for i := 0; i+1 < len(runs); i += 2 {
		n += runs[i+1] - runs[i] + 1
	}
	return n
}
