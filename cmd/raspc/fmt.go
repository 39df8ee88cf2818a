package main

import (
	"context"
	"errors"
	"math"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func fmtCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "fmt", ArgsUsage: "[FILE…]",
		Usage: "put programs into the canonical layout",
		Description: examples("Rewrites the files whose layout is not canonical; without files, or for -, it reads\n"+
			"standard input and writes standard output. A program keeps its meaning and its comments.\n"+
			"A file with syntax errors is left as it is.",
			"raspc fmt sort.rasp reverse.rasp",
			"raspc fmt --check --diff sort.rasp"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing; list the files that would change, and exit 1 if there are any", DisableDefaultText: true},
			&cli.BoolFlag{Name: "diff", Usage: "write nothing; show what would change as a unified diff", DisableDefaultText: true},
		},
		Action: con.action(0, math.MaxInt, con.fmt),
	}
}

// fmt formats every file that it can, and tells the worst of what happened.
func (c *console) fmt(ctx *cli.Context) error {
	paths := ctx.Args().Slice()
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	return c.each(paths, func(_ int, path string) error { return c.format(ctx, path) })
}

// format formats one program, or only says what would change.
func (c *console) format(ctx *cli.Context, path string) error {
	src, err := c.program(path)
	if err != nil {
		return err
	}
	formatted, err := raspc.Format(src.name, src.text)
	switch {
	case err != nil:
		return err
	case ctx.Bool("check") || ctx.Bool("diff"):
		return c.compare(ctx, src, formatted)
	case path == "-":
		return c.printf("%s", formatted)
	case formatted == src.text:
		return nil
	}
	return interruptible(ctx.Context, func(ctx context.Context) error {
		return errors.Join(raspc.ReplaceProgram(path, formatted), ctx.Err())
	})
}

// compare shows how a program differs from its canonical layout.
func (c *console) compare(ctx *cli.Context, src source, formatted string) error {
	if formatted == src.text {
		return nil
	}
	var err error
	if ctx.Bool("diff") {
		err = c.printf("%s", diff.Diff(src.name+".orig", []byte(src.text), src.name, []byte(formatted)))
	} else {
		err = c.printf("%s\n", src.name)
	}
	if err == nil && ctx.Bool("check") {
		return verdict(exitWrong)
	}
	return err
}
