package main

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func checkCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "FILE…",
		Usage: "diagnose programs, and say how they compile",
		Description: examples("Prints the diagnostics of a program, the type and the number of values of each s-op\n"+
			"that it names, what is proved or shown of each aggregate and selector_width, and the\n"+
			"sizes of its model. Nothing is written without --fix. Of several programs each is\n"+
			"checked by itself, and the exit code is the largest.",
			"raspc check sort.rasp",
			"raspc check sort.rasp --max-len 20 --json"),
		Flags:  slices.Concat([]cli.Flag{jsonFlag(), sarifFlag()}, fixFlags(), settingsFlags(), compilerFlags()),
		Action: con.action(1, math.MaxInt, con.checkAll),
	}
}

// checkAll checks each of some programs, under the same flags.
func (c *console) checkAll(ctx *cli.Context) error {
	o, err := options(ctx)
	if err := cmp.Or(err, checkSARIF(ctx), checkFix(ctx)); err != nil {
		return err
	}
	paths := ctx.Args().Slice()
	err = c.quietly(ctx, func() error {
		return c.each(paths, func(i int, path string) error {
			if !c.json && !ctx.Bool("diff") {
				if err := c.heading(sourceName(path), i, len(paths)); err != nil {
					return err
				}
			}
			return c.fixing(ctx, path, o)
		})
	})
	return c.logged(ctx, "check", err)
}

func (c *console) check(path string, o raspc.Options) error {
	src, err := c.program(path)
	if err != nil {
		return err
	}
	checked, err := raspc.CheckProgram(src.name, src.text, o)
	if checked == nil {
		return err
	}
	// Here warnings are what was asked for, and stand before the facts.
	if len(checked.Warnings) > 0 {
		if err := c.diagnose(checked.Warnings, c.out); err != nil {
			return err
		}
	}
	if c.json {
		return c.checkJSON(checked, err)
	}
	if printing := c.printf("%s", checked); printing != nil || err != nil {
		return cmp.Or(printing, err)
	}
	return c.printf("compiles to a model:\n%s", checked.Facts)
}

// checkJSON prints the errors of a program that does not compile, and then what
// is known of it.
func (c *console) checkJSON(checked *raspc.Check, wrong error) error {
	var list diag.List
	if errors.As(wrong, &list) {
		if err := c.diagnose(list, c.out); err != nil {
			return err
		}
		wrong = verdict(exitCode(wrong))
	}
	return cmp.Or(c.printJSON(checked), wrong)
}
