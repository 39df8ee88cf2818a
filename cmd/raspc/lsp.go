package main

import (
	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func lspCommand(con *console) *cli.Command {
	return &cli.Command{
		Name:  "lsp",
		Usage: "the language server, which editors start",
		Description: examples("Speaks the Language Server Protocol on standard input and output: diagnostics and their fixes,\n"+
			"hover with types and value sets, definitions, completion, formatting. It is not meant to be\n"+
			"typed to: editors start it, as docs/cli.md tells for some. The exit code is 0 after a session\n"+
			"that the editor ended by the protocol, else 1.",
			"raspc lsp",
			"hx sort.rasp"),
		Action: con.action(0, 0, con.lsp),
	}
}

func (c *console) lsp(ctx *cli.Context) error { return raspc.ServeLSP(ctx.Context, c.in, c.out) }
