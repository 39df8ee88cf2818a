package main

import (
	"bytes"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func checkCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "FILE",
		Usage: "diagnose a program, and say how it compiles",
		Description: examples("Prints the diagnostics of a program, then the type and the number of values of each\n"+
			"s-op that it names, then the sizes of its model. Nothing is written.",
			"raspc check sort.rasp",
			"raspc check sort.rasp --max-len 20 --json"),
		Flags:  slices.Concat([]cli.Flag{jsonFlag()}, settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.check),
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
	if err != nil {
		return err
	}
	// Here warnings are what was asked for, and stand before the facts.
	if len(checked.Warnings) > 0 {
		if err := c.diagnose(checked.Warnings, c.out); err != nil {
			return err
		}
	}
	if c.json {
		return c.printJSON(struct {
			Compiles bool         `json:"compiles"`
			SOps     []raspc.SOp  `json:"sops"`
			Model    *raspc.Facts `json:"model"`
		}{true, slices.Concat([]raspc.SOp{}, checked.SOps), checked.Facts})
	}
	return c.printf("%scompiles to a model:\n%s", table(checked.SOps), checked.Facts)
}

// table shows types and sizes in columns.
func table(sops []raspc.SOp) string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range sops {
		size := "-"
		if s.Values > 0 {
			size = fmt.Sprintf("%d values", s.Values)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Type, size)
	}
	w.Flush()
	return b.String()
}
