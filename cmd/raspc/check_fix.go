package main

import (
	"context"
	"errors"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

// fixFlags are the flags of check that change the program.
func fixFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "fix", Usage: "first make the safe fixes, which leave the program what it is, in FILE; for -, write the fixed text to standard output", DisableDefaultText: true},
		&cli.BoolFlag{Name: "diff", Usage: "write nothing, and only show what --fix would change, as a unified diff", DisableDefaultText: true},
	}
}

// checkFix refuses what --fix and --diff leave no room for.
func checkFix(ctx *cli.Context) error {
	alone := ctx.NArg() == 1 && ctx.String("sarif") != "-"
	switch {
	case ctx.Bool("diff") && ctx.IsSet("sarif"):
		return misused(ctx, "--sarif has no effect with --diff")
	case ctx.Bool("fix") && !ctx.Bool("diff") && slices.Contains(ctx.Args().Slice(), "-") && !alone:
		return misused(ctx, "--fix writes the text of - to standard output, where nothing else can stand")
	}
	return nil
}

// fixing makes the safe fixes that the flags ask for, before what is left is
// checked.
func (c *console) fixing(ctx *cli.Context, path string, o raspc.Options) error {
	if !ctx.Bool("fix") && !ctx.Bool("diff") {
		c.fixable = sourceName(path)
		return c.check(path, o)
	}
	src, err := c.program(path)
	if err != nil {
		return err
	}
	fixed, err := raspc.Fix(src.name, src.text)
	switch {
	case err != nil:
		return err
	case ctx.Bool("diff"):
		return c.printf("%s", diff.Diff(src.name+".orig", []byte(src.text), src.name, []byte(fixed.Text)))
	case path == "-":
		return c.filter(src.name, fixed, o)
	}
	if err := c.rewrite(ctx.Context, path, src.text, fixed.Text); err != nil {
		return err
	}
	if err := c.tellFixed(fixed.Done); err != nil {
		return err
	}
	return c.check(path, o)
}

// rewrite puts a new text in the place of an old one, if they differ.
func (c *console) rewrite(ctx context.Context, path, before, after string) error {
	if before == after {
		return nil
	}
	return interruptible(ctx, func(ctx context.Context) error {
		return errors.Join(raspc.ReplaceProgram(path, after), ctx.Err())
	})
}

// filter writes the fixed text to standard output, and all that is to be said
// of it to standard error.
func (c *console) filter(name string, fixed *raspc.Fixed, o raspc.Options) error {
	if err := c.printf("%s", fixed.Text); err != nil {
		return err
	}
	c.out = c.err
	if err := c.tellFixed(fixed.Done); err != nil {
		return err
	}
	checked, err := raspc.CheckProgram(name, fixed.Text, o)
	if checked != nil {
		return errors.Join(c.warn(checked.Warnings), err)
	}
	return err
}

// tellFixed prints one line for each fix that was made.
func (c *console) tellFixed(done diag.List) error {
	for _, d := range done {
		fix, _ := d.SafeFix()
		if c.json {
			if err := c.printJSON(madeFix(d, fix)); err != nil {
				return err
			}
			continue
		}
		if _, err := c.err.Write([]byte(d.Primary.String() + ": " + string(d.Code) + ": " + fix.Title + "\n")); err != nil {
			return err
		}
	}
	return nil
}

// madeFix is the form of a fix with --json.
func madeFix(d diag.Diagnostic, fix diag.Fix) any {
	type made struct {
		Code   diag.Code `json:"code"`
		File   string    `json:"file"`
		Line   int       `json:"line"`
		Column int       `json:"column"`
		Title  string    `json:"title"`
	}
	at := d.Primary.Pos()
	return struct {
		Fixed made `json:"fixed"`
	}{made{d.Code, d.Primary.Source.Name(), at.Line, at.Column, fix.Title}}
}
