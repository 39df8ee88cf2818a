package main

import (
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc"
)

func inspectCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "inspect", ArgsUsage: "DIR|FILE",
		Usage: "describe an exported model, or the model of a program",
		Description: examples("Prints the sizes of the model that stands in a folder, or that a program compiles to; or its causal graph.\n"+
			"Or writes a web page on which the model can be tried.",
			"raspc inspect out/sort --html sort.html",
			"raspc inspect sort.rasp --opt 0 --graph svg > sort.svg"),
		Flags: slices.Concat([]cli.Flag{
			jsonFlag(),
			&cli.StringFlag{Name: "html", Usage: "`FILE` for a web page about the program and the model, in the place of the facts; - is standard output"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT` of the folder's file that the page is about: onnx, safetensors, transformerlens or gguf", DefaultText: "the first there is"},
		}, graphFlags(), settingsFlags(), compilerFlags()),
		Action: con.action(1, 1, con.inspect),
	}
}

// graphFlags choose a causal graph.
func graphFlags() []cli.Flag {
	const category = "The causal graph:"
	levels := make([]string, 0, 4)
	for _, l := range raspc.GraphLevels() {
		levels = append(levels, string(l))
	}
	return []cli.Flag{
		&cli.StringFlag{Name: "graph", Category: category, Usage: "print the graph instead, in the `FORMAT` " + strings.Join(raspc.GraphFormats(), ", ")},
		&cli.StringFlag{Name: "dot", Category: category, Usage: "`FILE` for the graph in the format dot; for - nothing else is printed on standard output"},
		&cli.StringFlag{Name: "level", Category: category, Usage: "`LEVEL` of the graph: " + strings.Join(levels, ", "), DefaultText: "edge; head for dot and svg"},
		&cli.BoolFlag{Name: "varying", Category: category, Usage: "leave out edges that no token of the input changes", DisableDefaultText: true},
	}
}

func (c *console) inspect(ctx *cli.Context) error {
	err := checkPage(ctx)
	if err == nil {
		err = checkGraph(ctx)
	}
	if err != nil {
		return err
	}
	open, err := c.opened(ctx)
	if err != nil {
		return err
	}
	if to := ctx.String("html"); to != "" {
		return c.writePage(open, to)
	}
	if format := ctx.String("graph"); format != "" {
		return c.writeGraph(ctx, open, format, "-")
	}
	if path := ctx.String("dot"); path != "" {
		if err := c.writeGraph(ctx, open, "dot", path); err != nil || path == "-" {
			return err
		}
	}
	facts, err := open.facts()
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(facts)
	}
	return c.printf("%s", facts)
}

// checkPage refuses flags of the page that are wrong or have no effect.
func checkPage(ctx *cli.Context) error {
	html := ctx.IsSet("html")
	switch {
	case html && ctx.String("html") == "":
		return misused(ctx, "--html needs a file")
	case html && ctx.Bool("json"):
		return misused(ctx, "--json and --html exclude each other")
	case html && (ctx.IsSet("graph") || ctx.IsSet("dot")):
		return misused(ctx, "--html and the causal graph exclude each other")
	case ctx.IsSet("format") && !html:
		return misused(ctx, "--format goes with --html")
	case ctx.IsSet("format"):
		return known("format", []string{ctx.String("format")})
	}
	return nil
}

// writePage writes the page that --html asks for.
func (c *console) writePage(open inspected, to string) error {
	p, err := open.page()
	if err != nil {
		return err
	}
	if to == "-" {
		return p.Write(c.stdout)
	}
	return p.Save(to)
}

// checkGraph refuses flags of the graph that are wrong or have no effect.
func checkGraph(ctx *cli.Context) error {
	format, dot := ctx.String("graph"), ctx.String("dot")
	level := raspc.GraphLevel(ctx.String("level"))
	tool := !slices.Contains([]string{"", "text", "dot", "svg", "json"}, format)
	switch {
	case ctx.IsSet("graph") && !slices.Contains(raspc.GraphFormats(), format):
		return misused(ctx, "--graph is one of %s, not %q", strings.Join(raspc.GraphFormats(), ", "), format)
	case ctx.IsSet("dot") && dot == "":
		return misused(ctx, "--dot needs a file")
	case format != "" && dot != "":
		return misused(ctx, "--graph and --dot exclude each other")
	case ctx.Bool("json") && (format != "" || dot == "-"):
		return misused(ctx, "--json describes the model; --graph json prints its graph")
	case format == "" && dot == "" && (ctx.IsSet("level") || ctx.IsSet("varying")):
		return misused(ctx, "--level and --varying have no effect without --graph or --dot")
	case ctx.IsSet("level") && !slices.Contains(raspc.GraphLevels(), level):
		return misused(ctx, "--level is one of %v, not %q", raspc.GraphLevels(), level)
	case tool && ctx.IsSet("level") && level != raspc.EdgeLevel:
		return misused(ctx, "the names of %s are those of the level %s", format, raspc.EdgeLevel)
	}
	return nil
}

// writeGraph writes the graph that the flags ask for.
func (c *console) writeGraph(ctx *cli.Context, open inspected, format, path string) error {
	level := raspc.GraphLevelOf(format)
	if ctx.IsSet("level") {
		level = raspc.GraphLevel(ctx.String("level"))
	}
	g, err := open.graph(level)
	if err != nil {
		return err
	}
	if ctx.Bool("varying") {
		g = g.Varying()
	}
	return c.create(path, func(w io.Writer) error { return g.Write(w, format) })
}

// inspected is what the argument of inspect names.
type inspected struct {
	facts func() (*raspc.Facts, error)
	graph func(raspc.GraphLevel) (*raspc.Graph, error)
	page  func() (*raspc.WebPage, error)
}

func (c *console) opened(ctx *cli.Context) (inspected, error) {
	path := ctx.Args().First()
	if path != "-" {
		folder, err := raspc.IsFolder(path)
		if err != nil {
			return inspected{}, err
		}
		if folder {
			return inspected{
				func() (*raspc.Facts, error) { return raspc.Inspect(path) },
				func(l raspc.GraphLevel) (*raspc.Graph, error) { return raspc.InspectGraph(path, l) },
				func() (*raspc.WebPage, error) { return raspc.OpenWebPage(path, ctx.String("format")) },
			}, unused(ctx, "an exported model", settingsFlags(), compilerFlags())
		}
	}
	if ctx.IsSet("format") {
		return inspected{}, misused(ctx, "--format goes with a folder: a program has no files to choose from")
	}
	m, err := c.model(ctx)
	if err != nil {
		return inspected{}, err
	}
	return inspected{m.Facts, m.Graph, m.WebPage}, nil
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
