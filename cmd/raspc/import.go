package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func importCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE.sop.json --to-rasp",
		Usage: "write a program of Tracr's as RASP text",
		Description: examples("scripts/tracr2raspc writes Tracr's Python programs as .sop.json, which all subcommands\n"+
			"take as they take .rasp. This one says what such a program is in RASP, tables as dicts, or\n"+
			"what in it RASP does not have.",
			"raspc import sort.sop.json --to-rasp",
			"raspc import sort.sop.json --to-rasp -o sort.rasp"),
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "to-rasp", Usage: "write RASP text", DisableDefaultText: true},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`FILE` to write; - is standard output", Value: "-"},
		}, settingsFlags()...),
		Action: con.action(1, 1, con.importProgram),
	}
}

func (c *console) importProgram(ctx *cli.Context) error {
	if !ctx.Bool("to-rasp") {
		return misused(ctx, "import needs --to-rasp: .sop.json files are compiled, run and verified as they are")
	}
	src, o, err := c.given(ctx)
	if err != nil {
		return err
	}
	text, err := raspc.ToRASP(src.name, src.text, o)
	if err != nil {
		return err
	}
	return c.create(ctx.String("out"), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
