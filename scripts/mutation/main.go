// Command mutation damages exported files and counts which damages verification
// finds. scripts/mutate runs it and says how.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/raspc/raspc/internal/atomicfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := session{fixtures: "fixtures", samples: []int{10, 50, 500}, log: stderr}
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&s.seed, "seed", 1, "chooses the mutants")
	flags.IntVar(&s.count, "count", 5, "mutants of each class and file")
	flags.StringVar(&s.only, "only", "", "judge one mutant, PROGRAM/FORMAT/CLASS/INDEX, and say what becomes of it")
	flags.BoolVar(&s.list, "list", false, "say what becomes of each mutant")
	asJSON := flags.Bool("json", false, "print JSON instead of tables")
	save := flags.Bool("write", false, "put the tables into "+document)
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var err error
	if s.programs, err = chosen(flags.Args(), s.only); err != nil {
		fmt.Fprintln(stderr, "mutate:", err)
		return 2
	}
	if s.only != "" {
		s.log = stdout
	}
	r, err := s.run(ctx)
	if r != nil && s.only == "" {
		err = errors.Join(err, r.print(stdout, *asJSON))
		if err == nil && *save {
			err = r.save(document, strings.Join(append([]string{"scripts/mutate"}, args...), " "))
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "mutate:", err)
		return 1
	}
	return 0
}

// chosen returns the programs of some names, or those that a mutant is of; all
// where none is named.
func chosen(names []string, only string) ([]program, error) {
	if only != "" {
		name, _, _ := strings.Cut(only, "/")
		names = []string{name}
	}
	if len(names) == 0 {
		return programs, nil
	}
	var some []program
	for _, name := range names {
		i := slices.IndexFunc(programs, func(p program) bool { return p.name == name })
		if i < 0 {
			var known []string
			for _, p := range programs {
				known = append(known, p.name)
			}
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(known, ", "))
		}
		some = append(some, programs[i])
	}
	return some, nil
}

func (r *result) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(r)
	}
	var b bytes.Buffer
	r.write(&b)
	_, err := b.WriteTo(w)
	return err
}

// document has a place for the tables.
const (
	document = "docs/certificate.md"
	begin    = "<!-- mutants -->\n"
	end      = "<!-- /mutants -->\n"
)

// save puts the tables and the command that makes them between the marks of a
// document.
func (r *result) save(path, command string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, both := strings.Cut(rest, end)
	if !ok || !both {
		return fmt.Errorf("%s has no lines %s and %s", path, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s%s\n    %s\n\n", before, begin, command)
		r.write(&b)
		fmt.Fprintf(&b, "\n%s%s", end, after)
		_, err := b.WriteTo(w)
		return err
	})
}
