package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/raspc/raspc"
)

func replCommand(con *console) *cli.Command {
	return &cli.Command{
		Name: "repl", ArgsUsage: "[FILE.rasp…]",
		Usage: "an interactive console: see what statements give on an example",
		Description: examples("Loads the FILEs, then runs what is typed or piped in, statement by statement. The pragmas\n"+
			"tokens and causal of the first FILE hold in the session. On a terminal: Tab completes names,\n"+
			"the arrow keys recall lines, Ctrl-C drops the line, Ctrl-D ends the session.",
			"raspc repl sort.rasp",
			"echo 'tokens(\"abc\");' | raspc repl"),
		Action: con.action(0, math.MaxInt, con.repl),
	}
}

func (c *console) repl(ctx *cli.Context) error {
	files := ctx.Args().Slice()
	opts := raspc.REPLOptions{Out: c.out}
	for i, path := range files {
		if !strings.HasSuffix(path, ".rasp") || strings.ContainsAny(path, "\"\r\n") {
			return misused(ctx, "%q cannot be loaded: a FILE ends in .rasp, and has no quotes in its name", path)
		}
		src, err := c.program(path)
		if err != nil {
			return err
		}
		if i == 0 {
			opts.Name, opts.Settings = src.name, src.text
		}
	}
	in, typed := c.in.(*os.File)
	if !typed || !isTerminal(in) || !isTerminal(c.out) || os.Getenv("TERM") == "dumb" {
		return c.piped(opts, files)
	}
	opts.Terminal = true
	opts.Colour = newConsole(c.in, c.out, c.out).colour
	return typing(opts, in, c.out.(*os.File), files)
}

// piped runs a session without line editing.
func (c *console) piped(opts raspc.REPLOptions, files []string) error {
	session := raspc.NewREPL(opts)
	if err := loadAll(session, files); err != nil {
		return err
	}
	return session.Run(c.in)
}

func loadAll(session *raspc.REPL, files []string) error {
	for _, path := range files {
		if err := session.Load(path); err != nil {
			return err
		}
	}
	return nil
}

// typing runs a session on a terminal, which gets its old state back at the
// end, also where a signal ends the process.
func typing(opts raspc.REPLOptions, in, out *os.File, files []string) error {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return err
	}
	restore := func() { term.Restore(int(in.Fd()), state) }
	defer restore()
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	defer context.AfterFunc(ctx, func() { restore(); os.Exit(exitInterrupted) })()
	past, trouble := openHistory(historyFile())
	size := func() (int, int) {
		width, height, err := term.GetSize(int(out.Fd()))
		if err != nil {
			return 80, 24
		}
		return width, height
	}
	e := newEditor(in, out, past, size)
	defer e.close()
	opts.Out = e
	session := raspc.NewREPL(opts)
	if trouble != nil {
		fmt.Fprintf(e, "The lines typed will not be remembered: %v\n", trouble)
	}
	if err := loadAll(session, files); err != nil {
		return err
	}
	return e.run(session)
}

// run takes lines from the editor until the session ends.
func (e *editor) run(session *raspc.REPL) error {
	e.complete = session.Complete
	for !session.Done() {
		line, err := e.line(session.Prompt())
		switch {
		case err == errAbandoned:
			session.Abandon()
			continue
		case err == io.EOF:
			e.SetPrompt("") // else it would be drawn again below what End prints
			return session.End()
		case err == errLongLine:
			session.Abandon()
			fmt.Fprintln(e, err)
			continue
		case err != nil:
			return err
		}
		if err := session.Line(line); err != nil {
			return err
		}
	}
	return nil
}
