package main

import (
	"cmp"
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func checkCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "FILE",
		Usage: "diagnose a program, and say how it compiles",
		Description: examples("Prints the diagnostics of a program, the type and the number of values of each s-op\n"+
			"that it names, what is proved or shown of each aggregate and selector_width, and the\n"+
			"sizes of its model. Nothing is written without --fix.",
			"raspc check sort.rasp",
			"raspc check sort.rasp --max-len 20 --json"),
		Flags:  slices.Concat([]cli.Flag{jsonFlag()}, fixFlags(), settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.fixing(con.check)),
	}
}

func (c *console) check(ctx *cli.Context) error {
	o, err := options(ctx)
	if err != nil {
		return err
	}
	src, err := c.program(ctx.Args().First())
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
