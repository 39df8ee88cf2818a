package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

// newApp returns the command line with all its subcommands.
func newApp(con *console) *cli.App {
	app := &cli.App{
		Name:            "raspc",
		Usage:           "compile RASP programs to transformers, and verify the files",
		UsageText:       "raspc SUBCOMMAND [ARGUMENTS] [FLAGS]",
		Version:         raspc.Version,
		HideHelpCommand: true,
		Reader:          con.in,
		Writer:          con.out,
		ErrWriter:       con.err,
		Commands: []*cli.Command{
			exportCommand(con), graftCommand(con), verifyCommand(con), runCommand(con), checkCommand(con), inspectCommand(con), compileCommand(con), fmtCommand(con), importCommand(con), explainCommand(con), replCommand(con), lspCommand(con),
		},
		Description: "Exit codes: 0 holds, 1 the program or a model file is wrong, 2 wrong usage,\n" +
			"3 not equivalent, 4 undecided, 70 internal error, 74 input/output failure.\n" +
			"Flags may stand anywhere behind the subcommand. - is standard input or output.",
		// The cli package would end the process by itself.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	for _, cmd := range app.Commands {
		cmd.HideHelpCommand = true
		cmd.UsageText = "raspc " + cmd.Name + " " + cmd.ArgsUsage + " [FLAGS]"
		cmd.OnUsageError = wrongFlag
	}
	return app
}

// wrongFlag translates an error of the standard flag package, which writes one
// dash before every name.
func wrongFlag(ctx *cli.Context, err error, _ bool) error {
	dashes := strings.NewReplacer(" for flag -", " for flag --", " for -", " for --")
	return misused(ctx, "%s", strings.TrimSuffix(dashes.Replace(err.Error()), ": parse error"))
}

// examples is a subcommand's description: what it does, and two command lines.
func examples(about, first, second string) string {
	return about + "\n\nExamples:\n  " + first + "\n  " + second
}

// jsonFlag is the flag of the subcommands that print facts.
func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print facts and diagnostics as lines of JSON", DisableDefaultText: true}
}
