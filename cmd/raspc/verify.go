package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func verifyCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "verify", ArgsUsage: "DIR",
		Usage: "rerun exported files against the reference interpreter",
		Description: examples("Runs the files of a folder on every short input and on a choice of longer ones, and\n"+
			"compares each output with the program's. Exits with 3 where one differs, and shows it.",
			"raspc verify out/sort",
			"raspc verify out/sort --program sort.rasp --budget 100000 --junit report.xml"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "program", Usage: "`FILE` to compare with", DefaultText: "the program kept in raspc.json"},
			&cli.StringSliceFlag{Name: "runner", Usage: "`FORMAT` of the files to run: onnx, safetensors, transformerlens, gguf, or some of them separated by commas", DefaultText: "all"},
			&cli.IntFlag{Name: "budget", Usage: "number `N` of inputs", DefaultText: "between 5000 and 100000, by length"},
			&cli.Uint64Flag{Name: "seed", Usage: "`N` that chooses the random inputs"},
			&cli.StringFlag{Name: "junit", Usage: "`FILE` for a report in JUnit's XML"},
			sarifFlag(),
			&cli.Float64Flag{Name: "tolerance", Usage: "largest error `T` of a numeric output, relative to its largest value", DefaultText: "2e-5"},
			&cli.BoolFlag{Name: "certify", Usage: "prove from the weights, for all inputs, that the files compute the program; undecided without a proof"},
			certifyTimeoutFlag(),
			&cli.BoolFlag{Name: "circuit", Usage: "compare what the columns of a circuit hold in a larger model, and prove, whether with --certify or without, that they do whatever the rest computes"},
			&cli.BoolFlag{Name: "distance", Usage: "measure how far each file is from the program, s-op by s-op, as after its weights were changed"},
			&cli.BoolFlag{Name: "histogram", Usage: "print how margins, or errors, are spread; with --json they always are"},
			jsonFlag(),
		},
		Action: con.action(1, 1, con.verify),
	}
}

func (c *console) verify(ctx *cli.Context) error {
	dir := ctx.Args().First()
	if isFile(dir) {
		return &usageError{dir + " is not an exported model, which is a folder", "raspc export makes one, and raspc graft one in a larger model"}
	}
	o := raspc.VerifyOptions{
		Formats: words(ctx, "runner"), Budget: ctx.Int("budget"), Seed: ctx.Uint64("seed"), Tolerance: ctx.Float64("tolerance"), Certify: ctx.Bool("certify"),
		CertifyTimeout: ctx.Duration("certify-timeout"), Distance: ctx.Bool("distance"), Circuit: ctx.Bool("circuit"),
	}
	switch {
	case ctx.IsSet("runner") && len(o.Formats) == 0:
		return misused(ctx, "--runner needs a value")
	case ctx.IsSet("budget") && o.Budget < 1:
		return misused(ctx, "--budget is at least 1")
	case ctx.IsSet("tolerance") && !(o.Tolerance > 0 && o.Tolerance < math.Inf(1)):
		return misused(ctx, "--tolerance is a number above 0")
	case o.Circuit && (o.Distance || ctx.Bool("histogram")):
		return misused(ctx, "--circuit compares no outputs, which --distance and --histogram are about")
	case ctx.IsSet("junit") && ctx.String("junit") == "":
		return misused(ctx, "--junit needs a file")
	case ctx.String("junit") == "-" && c.json:
		return misused(ctx, "--json and --junit - exclude each other")
	}
	if err := cmp.Or(checkCertify(ctx), checkSARIF(ctx), known("runner", o.Formats)); err != nil {
		return err
	}
	if ctx.IsSet("program") {
		src, err := c.program(ctx.String("program"))
		if err != nil {
			return err
		}
		o.Program = &raspc.SpecProgram{Name: src.name, Text: src.text}
	}
	if !c.json {
		o.Planned = func(p raspc.VerifyPlan) { fmt.Fprintf(c.out, "trying %s\n", p) } // an error shows in the report, which follows
	}
	return c.quietly(ctx, func() error {
		_, err := c.judge(ctx, dir, o, false)
		return err
	})
}

// certifyTimeoutFlag is the flag of the subcommands that prove files.
func certifyTimeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "certify-timeout", Usage: "give up the proof of a file after `DURATION`, as 30s or 5m", DefaultText: "never"}
}

// checkCertify refuses uses of --certify-timeout that have no effect.
func checkCertify(ctx *cli.Context) error {
	switch {
	case !ctx.IsSet("certify-timeout"):
		return nil
	case ctx.Duration("certify-timeout") <= 0:
		return misused(ctx, "--certify-timeout is a time above 0, as 30s or 5m")
	case !ctx.Bool("certify") && !ctx.Bool("circuit"):
		return misused(ctx, "--certify-timeout goes with --certify")
	}
	return nil
}

// judge verifies a folder and prints the report. The error is the verdict
// where the files are not equivalent to the program.
func (c *console) judge(ctx *cli.Context, dir string, o raspc.VerifyOptions, quiet bool) (*raspc.Report, error) {
	progress, finish := c.progress("verifying", false)
	if progress != nil {
		o.Progress = func(done, total int) { progress(int64(done), int64(total)) }
	}
	r, err := raspc.Verify(ctx.Context, dir, o)
	finish()
	if err != nil {
		if writing := c.writeJUnit(ctx, func(w io.Writer) error { return raspc.WriteJUnitError(w, "raspc verify "+dir, err) }); writing != nil {
			c.report(err)
			return nil, writing
		}
		return nil, c.logged(ctx, "verify "+filepath.ToSlash(filepath.Clean(dir)), err)
	}
	if path := ctx.String("sarif"); path != "" {
		if err := c.create(path, func(w io.Writer) error { return r.WriteSARIF(w, dir) }); err != nil {
			return nil, err
		}
	}
	if err := c.writeJUnit(ctx, func(w io.Writer) error { return r.WriteJUnit(w, "raspc verify "+dir) }); err != nil {
		return nil, err
	}
	if !quiet || r.Result != raspc.Equivalent {
		if err := c.verified(r, ctx.Bool("histogram")); err != nil {
			return nil, err
		}
	}
	switch r.Result {
	case raspc.Different:
		return r, verdict(exitDifferent)
	case raspc.Undecided:
		return r, verdict(exitUndecided)
	}
	return r, nil
}

// writeJUnit writes what --junit asks for, if it does.
func (c *console) writeJUnit(ctx *cli.Context, write func(io.Writer) error) error {
	path := ctx.String("junit")
	if path == "" {
		return nil
	}
	return c.create(path, write)
}

func (c *console) verified(r *raspc.Report, histograms bool) error {
	if c.json {
		return r.WriteJSON(c.out)
	}
	if histograms {
		if err := r.WriteHistograms(c.out); err != nil {
			return err
		}
	}
	return r.WriteText(c.out)
}
