package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc/frontend/diag"
)

// sarifFlag is the flag of the subcommands whose findings build servers show.
func sarifFlag() cli.Flag {
	return &cli.StringFlag{Name: "sarif", Usage: "`FILE` for what was found, in the format SARIF 2.1.0; for - nothing else is printed on standard output"}
}

// checkSARIF refuses uses of --sarif that have no effect, or that mix two
// formats on standard output.
func checkSARIF(ctx *cli.Context) error {
	path := ctx.String("sarif")
	switch {
	case ctx.IsSet("sarif") && path == "":
		return misused(ctx, "--sarif needs a file")
	case path == "-" && ctx.Bool("json"):
		return misused(ctx, "--json and --sarif - exclude each other")
	case path == "-" && ctx.String("junit") == "-":
		return misused(ctx, "--junit - and --sarif - exclude each other")
	}
	return nil
}

// quietly runs what prints facts on standard output, which is kept free for
// --sarif - and --junit -. What is said on standard error stays.
func (c *console) quietly(ctx *cli.Context, do func() error) error {
	out := c.out
	if ctx.String("sarif") == "-" || ctx.String("junit") == "-" {
		c.out = io.Discard
	}
	defer func() { c.out = out }()
	return do()
}

// logged writes the log that --sarif asks for, of all diagnostics so far and
// those that an error holds, and returns the error.
func (c *console) logged(ctx *cli.Context, name string, err error) error {
	path := ctx.String("sarif")
	if path == "" {
		return err
	}
	list := c.found
	var last diag.List
	if errors.As(err, &last) {
		list = append(list[:len(list):len(list)], last...)
	}
	complete := exitCode(err) < exitInternal
	writing := c.create(path, func(w io.Writer) error { return diag.WriteSARIF(w, list, name, complete) })
	if writing != nil {
		c.report(err)
		return writing
	}
	return err
}
