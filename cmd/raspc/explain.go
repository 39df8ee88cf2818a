package main

import (
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func explainCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "explain", ArgsUsage: "[CODE]",
		Usage: "explain the code of an error or warning",
		Description: examples("Prints what a code such as E0401 means, with a program that gets it, and one that does\n"+
			"not any more. Without a code it lists all codes.",
			"raspc explain E0401",
			"raspc explain --json"),
		Flags:  []cli.Flag{jsonFlag()},
		Action: con.action(0, 1, con.explain),
	}
}

func (c *console) explain(ctx *cli.Context) error {
	if !ctx.Args().Present() {
		return c.listCodes()
	}
	page, err := raspc.Explain(ctx.Args().First())
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(page)
	}
	return diag.WritePage(c.out, page, c.pageOptions())
}

// listCodes prints each code with its title.
func (c *console) listCodes() error {
	for _, page := range raspc.Pages() {
		var err error
		if c.json {
			err = c.printJSON(struct {
				Code     diag.Code `json:"code"`
				Title    string    `json:"title"`
				Severity string    `json:"severity"`
			}{page.Code, page.Title, page.Severity().String()})
		} else {
			err = c.printf("%s  %s\n", page.Code, page.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pageOptions suit standard output: a console's own colour is that of standard
// error.
func (c *console) pageOptions() diag.PageOptions {
	opts := diag.PageOptions{Colour: newConsole(c.in, c.out, c.out).colour}
	if f, ok := c.out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			opts.Width = min(width, diag.DefaultWidth)
		}
	}
	return opts
}
