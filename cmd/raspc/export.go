package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func exportCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "export", ArgsUsage: "FILE -o DIR",
		Usage: "compile a program and write the model's files",
		Description: examples("Writes model.onnx, a folder for the stock Hugging Face classes, and raspc.json. The files\n"+
			"appear together or not at all.",
			"raspc export sort.rasp -o out/sort",
			"raspc export sort.rasp -o out/sort --format onnx --vocab 0..9 --tokens int --max-len 10 --verify"),
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "o", Usage: "`DIR` to write; made if it is missing"},
			&cli.StringSliceFlag{Name: "format", Usage: "`FORMAT`: onnx, safetensors, transformerlens, gguf, or some of them separated by commas", DefaultText: "onnx,safetensors"},
			&cli.StringFlag{Name: "arch", Usage: "`ARCH` of the safetensors folder: " + strings.Join(raspc.Architectures(), ", "), DefaultText: "by the program's attention"},
			&cli.StringFlag{Name: "dtype", Usage: "`TYPE` of the safetensors weights: " + strings.Join(raspc.DTypes(), ", "), DefaultText: raspc.DTypeF32},
			&cli.StringFlag{Name: "task", Usage: "`TASK` of the model: token-classification, or causal-lm, whose output is the next token", DefaultText: "token-classification"},
			&cli.StringFlag{Name: "eos", Usage: "output `TOKEN` with which texts end, of the task causal-lm"},
			&cli.StringFlag{Name: "license", Usage: "licence `ID` for the model card, one that the Hub knows, such as apache-2.0", DefaultText: "none"},
			&cli.BoolFlag{Name: "no-tokenizer", Usage: "leave the tokenizer out of the safetensors folder and of the gguf file", DisableDefaultText: true},
			&cli.StringFlag{Name: "shard-size", Usage: "split safetensors weights into files of `SIZE`, such as 200MB", DefaultText: "5GB"},
			&cli.IntFlag{Name: "opset", Usage: "version `N` of the ONNX operator set", DefaultText: "17"},
			&cli.StringFlag{Name: "ids", Usage: "`TYPE` of ONNX ids and masks: int64 or int32", DefaultText: "int64"},
			&cli.BoolFlag{Name: "hidden-states", Usage: "add the residual stream around each layer to the ONNX outputs", DisableDefaultText: true},
			&cli.BoolFlag{Name: "functions", Usage: "write the ONNX graph as functions, which viewers show as parts of layers", DisableDefaultText: true},
			&cli.IntFlag{Name: "max-gb", Usage: "write no more than `N` GB", DefaultText: "8"},
			&cli.BoolFlag{Name: "external-data", Usage: "keep ONNX weights in a file of their own", DisableDefaultText: true},
			&cli.BoolFlag{Name: "force", Usage: "replace files that are there already", DisableDefaultText: true},
			&cli.BoolFlag{Name: "dry-run", Usage: "compile and say what would be written, without writing", DisableDefaultText: true},
			&cli.BoolFlag{Name: "verify", Usage: "verify the files as soon as they are written", DisableDefaultText: true},
			&cli.BoolFlag{Name: "certify", Usage: "verify the files and prove them, as verify --certify does", DisableDefaultText: true},
			certifyTimeoutFlag(),
			&cli.BoolFlag{Name: "quiet", Usage: "print nothing but warnings and errors", DisableDefaultText: true},
			jsonFlag(),
		}, settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.export),
	}
}

func (c *console) export(ctx *cli.Context) error {
	o, err := exportOptions(ctx)
	if err != nil {
		return err
	}
	m, err := c.model(ctx)
	if err != nil {
		return err
	}
	quiet := ctx.Bool("quiet")
	var e *raspc.Export
	err = c.writing(ctx, quiet, &o.Progress, func(stoppable context.Context) error {
		e, err = m.ExportContext(stoppable, ctx.String("o"), o)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.left(e.Left); err != nil {
		return err
	}
	if !quiet {
		if err := c.exported(e, o.DryRun); err != nil {
			return err
		}
	}
	if !ctx.Bool("verify") && !ctx.Bool("certify") {
		return nil
	}
	r, err := c.judge(ctx, e.Dir, raspc.VerifyOptions{Certify: ctx.Bool("certify"), CertifyTimeout: ctx.Duration("certify-timeout")}, quiet)
	if err != nil {
		return err
	}
	return e.Evaluated(r)
}

// writing writes files, until it is interrupted, and shows how far it is unless it is to be
// quiet. Where it tells is set before.
func (c *console) writing(ctx *cli.Context, quiet bool, progress *func(done, total int64), write func(context.Context) error) error {
	if !quiet {
		tell, finish := c.progress("writing", true)
		*progress = tell
		defer finish()
	}
	return interruptible(ctx.Context, write)
}

func exportOptions(ctx *cli.Context) (raspc.ExportOptions, error) {
	o := raspc.ExportOptions{
		Formats: words(ctx, "format"), Arch: ctx.String("arch"), DType: ctx.String("dtype"), Task: ctx.String("task"), EOS: ctx.String("eos"), License: ctx.String("license"), NoTokenizer: ctx.Bool("no-tokenizer"),
		Opset: ctx.Int("opset"), ExternalData: ctx.Bool("external-data"), MaxBytes: int64(ctx.Int("max-gb")) * 1e9,
		IDs: ctx.String("ids"), HiddenStates: ctx.Bool("hidden-states"), Functions: ctx.Bool("functions"),
		Force: ctx.Bool("force"), DryRun: ctx.Bool("dry-run"),
	}
	switch dir := ctx.String("o"); {
	case dir == "":
		return o, misused(ctx, "export needs -o DIR, the folder to write")
	case dir == "-":
		return o, misused(ctx, "an export is a folder, which standard output cannot take")
	case ctx.Bool("json") && ctx.Bool("quiet"):
		return o, misused(ctx, "--json and --quiet exclude each other")
	case o.DryRun && (ctx.Bool("verify") || ctx.Bool("certify")):
		return o, misused(ctx, "--dry-run writes nothing that could be verified")
	case o.DryRun && ctx.Bool("quiet"):
		return o, misused(ctx, "--dry-run and --quiet exclude each other")
	case ctx.IsSet("eos") && o.EOS == "":
		return o, misused(ctx, "--eos needs a value")
	case ctx.IsSet("license") && o.License == "":
		return o, misused(ctx, "--license needs a value")
	case ctx.IsSet("format") && len(o.Formats) == 0:
		return o, misused(ctx, "--format needs a value")
	case ctx.IsSet("max-gb") && ctx.Int("max-gb") < 1:
		return o, misused(ctx, "--max-gb takes 1 or more")
	case ctx.IsSet("opset") && o.Opset == 0:
		return o, misused(ctx, "there is no operator set 0")
	}
	if err := cmp.Or(checkCertify(ctx), known("format", o.Formats)); err != nil {
		return o, err
	}
	if ctx.IsSet("dtype") && !slices.Contains(raspc.DTypes(), o.DType) {
		return o, unknownChoice("type of weights", o.DType, raspc.DTypes())
	}
	if narrow := o.DType != "" && o.DType != raspc.DTypeF32; narrow && !slices.Equal(o.Formats, []string{raspc.FormatSafetensors}) {
		return o, misused(ctx, "--dtype %s is for the format %s, the others have f32 only: --format %[2]s has to stand alone", o.DType, raspc.FormatSafetensors)
	}
	if ctx.IsSet("shard-size") {
		size, err := parseSize(ctx.String("shard-size"))
		if err != nil {
			return o, misused(ctx, "--shard-size: %v", err)
		}
		o.ShardSize = size
	}
	return o, effective(ctx, o)
}

// effective refuses flags of a format that is not written.
func effective(ctx *cli.Context, o raspc.ExportOptions) error {
	of := map[string][]string{
		raspc.FormatONNX:        {"opset", "external-data", "ids", "hidden-states", "functions"},
		raspc.FormatSafetensors: {"arch", "dtype", "shard-size"},
	}
	if len(o.Formats) > 0 && o.NoTokenizer && !slices.Contains(o.Formats, raspc.FormatSafetensors) && !slices.Contains(o.Formats, raspc.FormatGGUF) {
		return misused(ctx, "--no-tokenizer has no effect without the format %s or %s", raspc.FormatSafetensors, raspc.FormatGGUF)
	}
	for _, format := range []string{raspc.FormatONNX, raspc.FormatSafetensors} {
		if len(o.Formats) == 0 || slices.Contains(o.Formats, format) {
			continue
		}
		for _, flag := range of[format] {
			if ctx.IsSet(flag) {
				return misused(ctx, "--%s has no effect without the format %s", flag, format)
			}
		}
	}
	return nil
}

// known holds names of formats to those that there are.
func known(what string, formats []string) error {
	for _, f := range formats {
		if !slices.Contains(raspc.Formats(), f) {
			return unknownChoice(what, f, raspc.Formats())
		}
	}
	return nil
}

// exported says what was written.
func (c *console) exported(e *raspc.Export, dry bool) error {
	facts, err := e.Facts()
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(struct {
			Dir    string               `json:"dir"`
			DryRun bool                 `json:"dry_run"`
			Files  []raspc.ExportedFile `json:"files"`
			Arch   string               `json:"arch"`
			Why    string               `json:"why"`
			Model  *raspc.Facts         `json:"model"`
		}{e.Dir, dry, e.Files, e.Arch, e.Why, facts})
	}
	if e.Arch != "" {
		if err := c.printf("architecture %s: %s\n", e.Arch, e.Why); err != nil {
			return err
		}
	}
	if err := c.wrote(e.Dir, e.Files, dry); err != nil {
		return err
	}
	return c.printf("%s of %s, d_model %d, d_mlp %d, %d parameters, %d of them not zero\n",
		diag.Plural(facts.Layers, "layer"), diag.Plural(facts.Heads, "head"), facts.DModel, facts.DMLP, facts.Params, facts.NonZero)
}

// left notes what an export that did not end has left.
func (c *console) left(folders []string) error {
	for _, left := range folders {
		if _, err := fmt.Fprintf(c.err, "note: %s is of an export that was killed, or that still runs; if none does, remove it\n", left); err != nil {
			return err
		}
	}
	return nil
}

// wrote lists files that were written, or would be.
func (c *console) wrote(dir string, files []raspc.ExportedFile, dry bool) error {
	var parts []string
	var total int64
	for _, f := range files {
		parts = append(parts, f.Name+" "+amount(f.Bytes))
		total += f.Bytes
	}
	did := "wrote"
	if dry {
		did = "would write"
	}
	return c.printf("%s %s: %s; %s in all\n", did, dir, strings.Join(parts, ", "), amount(total))
}

// amount is a number of bytes for people.
func amount(bytes int64) string {
	x, units := float64(bytes), []string{"kB", "MB", "GB"}
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	for i, unit := range units {
		if x /= 1000; x < 999.95 || i == len(units)-1 {
			return fmt.Sprintf("%.1f %s", x, unit)
		}
	}
	panic("unreachable")
}
