package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

// console is what a subcommand reads from and prints to.
type console struct {
	in       io.Reader
	out, err io.Writer
	stdout   io.Writer // what a file named - is; out may be something else
	terminal bool      // err is one
	colour   bool      // on err
	json     bool      // the subcommand was told --json
	fixable  string    // the program that --fix would change; empty if there is no such flag
	found    diag.List // what diagnose was given so far
}

func newConsole(in io.Reader, out, err io.Writer) *console {
	c := &console{in: in, out: out, err: err, stdout: out, terminal: isTerminal(err)}
	c.colour = c.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return c
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// action wraps what a subcommand does: it takes between least and most
// positional arguments.
func (c *console) action(least, most int, do func(*cli.Context) error) cli.ActionFunc {
	return func(ctx *cli.Context) error {
		c.json = ctx.Bool("json")
		switch n := ctx.NArg(); {
		case n < least:
			return misused(ctx, "%s needs %s", ctx.Command.Name, ctx.Command.ArgsUsage)
		case n > most:
			return misused(ctx, "%s has no use for %q", ctx.Command.Name, ctx.Args().Get(most))
		}
		return do(ctx)
	}
}

// misused is a usage error that points to the subcommand's help.
func misused(ctx *cli.Context, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), fmt.Sprintf("see raspc %s --help", ctx.Command.Name)}
}

// report prints an error and returns the exit code.
func (c *console) report(err error) int {
	code := exitCode(err)
	var list diag.List
	switch {
	case err == nil || errors.As(err, new(verdict)):
	case errors.As(err, &list):
		if err := c.diagnose(list, c.out); err != nil {
			return c.report(err)
		}
	case code == exitIO && errors.Is(err, syscall.EPIPE): // nobody listens any more
	default:
		c.complain(err)
	}
	return code
}

// each does something to every one of some files, reports what goes wrong, and
// returns the largest exit code. An interrupt ends it.
func (c *console) each(paths []string, do func(i int, path string) error) error {
	worst := exitHolds
	for i, path := range paths {
		err := do(i, path)
		if errors.Is(err, context.Canceled) {
			return err
		}
		worst = max(worst, c.report(err))
	}
	if worst != exitHolds {
		return verdict(worst)
	}
	return nil
}

// complain prints an error that is no diagnostic.
func (c *console) complain(err error) {
	bold, blue, reset := "", "", ""
	if c.colour {
		bold, blue, reset = "\x1b[1;31m", "\x1b[1;34m", "\x1b[0m"
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(c.err, "%serror%s: %v\n", bold, reset, err)
	if help := helpFor(err); help != "" {
		fmt.Fprintf(c.err, "  %s=%s help: %s\n", blue, reset, help)
	}
	if stack := stackOf(err); stack != nil && os.Getenv("RASPC_DEBUG") != "" {
		fmt.Fprintf(c.err, "\n%s", stack)
	}
}

func helpFor(err error) string {
	var usage *usageError
	var choice *raspc.ChoiceError
	var patch *raspc.PatchError
	switch {
	case errors.As(err, &usage):
		return usage.help
	case errors.As(err, &patch):
		return patch.Help
	case errors.As(err, &choice):
		return choice.Help
	case isNoExport(err):
		return "DIR is a folder that raspc export or raspc graft wrote, with raspc.json among its files"
	case exitCode(err) == exitInternal:
		return "this is a bug of raspc " + raspc.Version + ", not of your program; please report it with the program " +
			"and the command line (RASPC_DEBUG=1 in the environment adds details)"
	}
	return ""
}

// isNoExport reports a folder that is not there, or has no manifest.
func isNoExport(err error) bool {
	at, ok := errors.AsType[*fs.PathError](err)
	return ok && filepath.Base(at.Path) == "raspc.json" && errors.Is(err, fs.ErrNotExist)
}

func stackOf(err error) []byte {
	var crashed *crash
	var internal *raspc.InternalError
	switch {
	case errors.As(err, &crashed):
		return crashed.stack
	case errors.As(err, &internal):
		return internal.Stack
	}
	return nil
}

// diagnose prints diagnostics: for people on standard error, and with --json
// on the given writer.
func (c *console) diagnose(list diag.List, w io.Writer) error {
	c.found = append(c.found, list...)
	if c.json {
		return diag.WriteJSON(w, list, -1)
	}
	return diag.WriteText(c.err, list, diag.TextOptions{Colour: c.colour, Explain: c.terminal, Fixable: c.fixable})
}

// warn prints warnings. With --json they go to standard error too, so that
// standard output holds what was asked for and nothing else.
func (c *console) warn(list diag.List) error {
	if len(list) == 0 {
		return nil
	}
	return c.diagnose(list, c.err)
}

// printf prints to standard output.
func (c *console) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(c.out, format, args...)
	return err
}

// printJSON prints a value as one line of JSON.
func (c *console) printJSON(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = c.out.Write(append(line, '\n'))
	return err
}

// interruptible runs what must clean up after itself: the first interrupt
// cancels the context, the second ends the process.
func interruptible(ctx context.Context, do func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(ctx, interrupts()...)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return do(ctx)
}
