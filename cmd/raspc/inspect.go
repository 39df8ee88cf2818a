package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func inspectCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "inspect", ArgsUsage: "DIR|FILE",
		Usage: "describe an exported model, or the model of a program",
		Description: examples("Prints the sizes of the model that stands in a folder, or that a program compiles to.",
			"raspc inspect out/sort",
			"raspc inspect sort.rasp --opt 0 --json"),
		Flags:  slices.Concat([]cli.Flag{jsonFlag()}, settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.inspect),
	}
}

func (c *console) inspect(ctx *cli.Context) error {
	facts, err := c.facts(ctx)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(facts)
	}
	return c.printf("%s", facts)
}

func (c *console) facts(ctx *cli.Context) (*raspc.Facts, error) {
	path := ctx.Args().First()
	if path != "-" {
		folder, err := raspc.IsFolder(path)
		if err != nil {
			return nil, err
		}
		if folder {
			if err := unused(ctx, "an exported model", settingsFlags(), compilerFlags()); err != nil {
				return nil, err
			}
			return raspc.Inspect(path)
		}
	}
	m, err := c.model(ctx)
	if err != nil {
		return nil, err
	}
	return m.Facts()
}

// unused refuses flags that would change nothing.
func unused(ctx *cli.Context, of string, sets ...[]cli.Flag) error {
	for _, f := range slices.Concat(sets...) {
		if name := f.Names()[0]; ctx.IsSet(name) {
			return misused(ctx, "%s changes nothing about %s", spelling(name), of)
		}
	}
	return nil
}
