package verify

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/internal/version"
)

// WriteText writes the report for people. Its last line is the verdict.
func (r *Report) WriteText(w io.Writer) error {
	p := &printer{w: w}
	p.linef("compared with %s", r.Program)
	if r.MadeBy != "" && r.MadeBy != version.Version {
		p.linef("made by raspc %s, verified by raspc %s", plain(r.MadeBy), version.Version)
	}
	for _, f := range r.Files {
		p.linef("%s (%s): %s", f.File, f.Runner, f.summary())
	}
	for _, a := range r.Assumptions {
		p.linef("assumed of %s: %s (%s on %d inputs)", a.SOp, a.Claim, a.Discharged, a.Inputs)
	}
	if c := r.Certificate; c != nil {
		for _, f := range c.Files {
			p.linef("%s: %s", f.File, f.summary(c.MaxLen))
		}
		for _, a := range c.Assumptions {
			p.linef("the proof takes of %s: %s (%s)", a.SOp, a.Claim, a.Discharged)
		}
	}
	if d := r.FirstDifference; d != nil {
		p.linef("%s", d.text())
		if d.Departure != nil {
			p.linef("%s", d.Departure)
		}
	}
	for i := range r.Distances {
		r.Distances[i].writeText(p)
	}
	p.linef("%s", r.verdict())
	return p.err
}

// WriteHistograms writes, for each file, how its margins or errors are spread.
func (r *Report) WriteHistograms(w io.Writer) error {
	p := &printer{w: w}
	for _, f := range r.Files {
		what := "margins"
		if f.MaxAbsError != nil {
			what = "errors"
		}
		p.linef("%s of %s: %s", what, f.File, spelled(f.Histogram))
	}
	return p.err
}

func (f FileReport) summary() string {
	var parts []string
	parts = append(parts, fmt.Sprintf("%s, %s", diag.Plural(f.Inputs, "input"), f.coverage()))
	if f.Undefined > 0 {
		parts = append(parts, fmt.Sprintf("%d more on which the program is undefined%s", f.Undefined, reasons(f.UndefinedBy)))
	}
	switch {
	case f.WorstMargin != nil:
		parts = append(parts, fmt.Sprintf("worst margin %.3g", *f.WorstMargin))
	case f.MaxAbsError != nil:
		parts = append(parts, fmt.Sprintf("largest error %.2g", *f.MaxAbsError))
	}
	if f.Weak > 0 {
		parts = append(parts, f.weak())
	}
	return strings.Join(parts, ", ")
}

func (f FileReport) coverage() string {
	switch {
	case f.every():
		return fmt.Sprintf("every one up to length %d", f.MaxLen)
	case f.ExhaustiveTo == 0:
		return fmt.Sprintf("of lengths up to %d of %d", f.Longest, f.MaxLen)
	case f.Longest <= f.ExhaustiveTo:
		return fmt.Sprintf("every one up to length %d of %d", f.ExhaustiveTo, f.MaxLen)
	}
	return fmt.Sprintf("every one up to length %d and some up to %d of %d", f.ExhaustiveTo, f.Longest, f.MaxLen)
}

// text says where and how a file differs.
func (d *Difference) text() string {
	if d.Stream {
		return fmt.Sprintf("%s differs on %s at position %d: %s is %s, the columns of the circuit hold something else",
			d.File, values(d.Input), d.Position, plain(d.SOp), d.Expected.Repr())
	}
	return fmt.Sprintf("%s differs on %s at position %d: %s is %s, the file says %s",
		d.File, values(d.Input), d.Position, d.SOp, d.Expected.Repr(), d.got())
}

// short is text without the file and the s-op.
func (d *Difference) short() string {
	if d.Stream {
		return fmt.Sprintf("%s at position %d: %s", values(d.Input), d.Position, d.Departure)
	}
	return fmt.Sprintf("%s at position %d: expected %s, got %s", values(d.Input), d.Position, d.Expected.Repr(), d.got())
}

// plain escapes what could disturb a terminal in a text that a file chose.
func plain(s string) string {
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

func (d *Difference) got() string {
	if d.Got == nil {
		return "something that is not a number"
	}
	if d.Got.Kind() == value.KindFloat {
		return fmt.Sprintf("%g", d.Got.Rat().Float64())
	}
	return d.Got.Repr()
}

func values(vs []value.Value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.Repr()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// enumerated lists names as a sentence does, with the verb that follows.
func enumerated(names []string) (list, verb string) {
	switch last := len(names) - 1; {
	case last > 0:
		return strings.Join(names[:last], ", ") + " and " + names[last], "are"
	case last == 0:
		return names[0], "is"
	}
	return "", "is"
}

// verdict is the closing line: what was decided, and how far it goes.
func (r *Report) verdict() string {
	var names []string
	for _, f := range r.Files {
		if r.Result != Different || f.Difference != nil {
			names = append(names, f.File)
		}
	}
	files, are := enumerated(names)
	if r.Circuit {
		return r.circuitVerdict(files)
	}
	switch r.Result {
	case Different:
		return fmt.Sprintf("different: %s %s not equivalent to the program", files, are)
	case Undecided:
		if c := r.Certificate; c != nil && !c.Proved() {
			files, are = c.open()
			return fmt.Sprintf("undecided: %s %s not proved, and no input shows a difference (docs/certificate.md says what stops proofs)", files, are)
		}
		return fmt.Sprintf("undecided: %s %s not shown to be equivalent to the program: %s", files, are, r.open())
	}
	if r.Certificate != nil {
		return fmt.Sprintf("equivalent: %s %s proved to be equivalent to the program on every input of up to %d", files, are, r.Certificate.MaxLen)
	}
	return fmt.Sprintf("equivalent: %s %s equivalent to the program on %s", files, are, r.scope())
}

// circuitVerdict is the verdict on hosts of a circuit.
func (r *Report) circuitVerdict(files string) string {
	switch r.Result {
	case Different:
		return fmt.Sprintf("different: the circuit in %s does not hold the program's s-ops", files)
	case Equivalent:
		return fmt.Sprintf("equivalent: the circuit in %s is proved to hold the program's s-ops on every input of up to %d", files, r.Certificate.MaxLen)
	}
	files, _ = r.Certificate.open()
	return fmt.Sprintf("undecided: the circuit in %s is not proved, and no input shows a difference (docs/certificate.md says what stops proofs)", files)
}

// open is what the runs leave open, of the first file of which they do.
func (r *Report) open() string {
	for _, f := range r.Files {
		if why := f.open(); why != "" {
			return why
		}
	}
	return ""
}

// scope says which inputs were tried: of all files the same.
func (r *Report) scope() string {
	if len(r.Files) == 0 {
		return "no input"
	}
	return r.Files[0].scope()
}

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) linef(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
