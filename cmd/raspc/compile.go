package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func compileCommand(con *console) *cli.Command {
	stages := strings.Join(raspc.Stages(), ", ")
	return &cli.Command{
		Name: "compile", ArgsUsage: "FILE --dump STAGE[,STAGE]",
		Usage: "show what the compiler's stages make of a program",
		Description: examples("Prints the text of the given stages. They are, in order: "+stages+".",
			"raspc compile reverse.rasp --dump craft",
			"raspc compile - --dump values,layout --max-len 4 < reverse.rasp"),
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "dump", Usage: "`STAGE`s, separated by commas: " + stages},
		}, settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.compile),
	}
}

func (c *console) compile(ctx *cli.Context) error {
	stages := words(ctx, "dump")
	if len(stages) == 0 {
		return misused(ctx, "--dump has to name a stage: %s", strings.Join(raspc.Stages(), ", "))
	}
	for _, s := range stages {
		if !slices.Contains(raspc.Stages(), s) {
			return unknownChoice("stage", s, raspc.Stages())
		}
	}
	src, o, err := c.given(ctx)
	if err != nil {
		return err
	}
	for i, s := range stages {
		if err := c.heading(s, i, len(stages)); err != nil {
			return err
		}
		if err := raspc.Dump(c.out, src.name, src.text, s, o); err != nil {
			return err
		}
	}
	return nil
}

// heading separates the texts of several stages.
func (c *console) heading(stage string, i, of int) error {
	switch {
	case of == 1:
		return nil
	case i == 0:
		return c.printf("== %s ==\n", stage)
	}
	return c.printf("\n== %s ==\n", stage)
}

// unknownChoice is the usage error for a word that is none of a few.
func unknownChoice(what, word string, known []string) error {
	return &usageError{fmt.Sprintf("unknown %s %q", what, word),
		hint(word, known, fmt.Sprintf("known are %s", strings.Join(known, ", ")))}
}
