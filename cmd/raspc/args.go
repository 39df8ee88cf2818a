package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/raspc/raspc/frontend/diag"
)

// arrange puts a command line into the one order that the cli package reads
// whole: the subcommand, its flags as --name=value, a "--", the positional
// arguments. The package itself stops reading flags at the first positional
// argument, and a flag that is dropped in silence makes a wrong model; for the
// same reason a flag that is unknown, or given twice, is an error.
func arrange(app *cli.App, args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, &usageError{"no subcommand", "see raspc --help"}
	}
	switch args[0] {
	case "--help", "-h", "--version", "-v":
		return args[:1], nil
	case "help":
		if len(args) == 1 {
			return []string{"--help"}, nil
		}
		args = []string{args[1], "--help"}
	}
	cmd := app.Command(args[0])
	if cmd == nil {
		return nil, unknownCommand(app, args[0])
	}
	a := &arranger{cmd: cmd, rest: args[1:], seen: map[string]bool{}}
	if err := a.read(); err != nil {
		return nil, err
	}
	return slices.Concat([]string{cmd.Name}, a.flags, []string{"--"}, a.positional), nil
}

func unknownCommand(app *cli.App, word string) error {
	if strings.HasPrefix(word, "-") {
		return &usageError{fmt.Sprintf("%s stands before the subcommand", word), "write the subcommand first: see raspc --help"}
	}
	var names []string
	for _, c := range app.Commands {
		names = append(names, c.Name)
	}
	return &usageError{fmt.Sprintf("unknown subcommand %q", word), hint(word, names, "the subcommands are "+strings.Join(names, ", "))}
}

// hint proposes a name, or says something else where none is near.
func hint(word string, names []string, otherwise string) string {
	if near := diag.Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return otherwise
}

// hintOfFlag is hint without the dashes, which make all flags alike.
func hintOfFlag(written string, flags []string, otherwise string) string {
	whole := map[string]string{}
	var names []string
	for _, flag := range flags {
		name := strings.TrimLeft(flag, "-")
		whole[name] = flag
		names = append(names, name)
	}
	bare := strings.TrimLeft(written, "-")
	near := diag.Nearest(bare, names)
	if slices.Contains(names, bare) {
		near = bare // with other dashes
	}
	if near == "" {
		return otherwise
	}
	return fmt.Sprintf("did you mean %s?", whole[near])
}

// arranger sorts the arguments of one subcommand.
type arranger struct {
	cmd        *cli.Command
	rest       []string
	flags      []string // each --name=value
	positional []string
	seen       map[string]bool
}

func (a *arranger) read() error {
	for len(a.rest) > 0 {
		arg := a.rest[0]
		a.rest = a.rest[1:]
		switch {
		case arg == "--":
			a.positional = append(a.positional, a.rest...)
			return nil
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			a.positional = append(a.positional, arg)
		case arg == "--help" || arg == "-h":
			a.flags, a.positional = []string{"--help"}, nil
			return nil
		default:
			if err := a.flag(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

// flag takes one flag and the value that belongs to it.
func (a *arranger) flag(arg string) error {
	written, value, hasValue := strings.Cut(arg, "=")
	f := a.find(written)
	if f == nil {
		return &usageError{fmt.Sprintf("%s has no flag %s", a.cmd.Name, written),
			hintOfFlag(written, spellings(a.cmd), fmt.Sprintf("see raspc %s --help", a.cmd.Name))}
	}
	name := f.Names()[0]
	if a.seen[name] {
		return &usageError{written + " is given twice", ""}
	}
	a.seen[name] = !several(f)
	if !hasValue {
		var err error
		if value, err = a.value(written, f); err != nil {
			return err
		}
	}
	a.flags = append(a.flags, "--"+name+"="+value)
	return nil
}

// several reports whether a flag may be given more than once.
func several(f cli.Flag) bool {
	switch f.(type) {
	case *cli.StringSliceFlag, *cli.GenericFlag:
		return true
	}
	return false
}

// value returns the value of a flag without an equals sign.
func (a *arranger) value(written string, f cli.Flag) (string, error) {
	next := ""
	if len(a.rest) > 0 {
		next = a.rest[0]
	}
	if _, isBool := f.(*cli.BoolFlag); isBool {
		return "true", nil
	}
	if f.Names()[0] == causalFlag && next != "on" && next != "off" {
		return "on", nil
	}
	if len(a.rest) == 0 {
		return "", &usageError{written + " needs a value", ""}
	}
	if strings.HasPrefix(next, "--") {
		return "", &usageError{fmt.Sprintf("%s needs a value, and %s looks like a flag", written, next),
			fmt.Sprintf("write %s=%s if it is the value", written, next)}
	}
	a.rest = a.rest[1:]
	return next, nil
}

// find returns the flag that is written so, or nil.
func (a *arranger) find(written string) cli.Flag {
	for _, f := range a.cmd.Flags {
		for _, name := range f.Names() {
			if written == spelling(name) {
				return f
			}
		}
	}
	return nil
}

// spelling is a flag's name with its dashes.
func spelling(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func spellings(cmd *cli.Command) []string {
	all := []string{"--help"}
	for _, f := range cmd.Flags {
		for _, name := range f.Names() {
			all = append(all, spelling(name))
		}
	}
	return all
}
