package syntax

import (
	"errors"

	"github.com/raspc/raspc/frontend/diag"
)

// ErrNotSame says that a safe fix would have changed a program: a bug of the
// fix, not of the program.
var ErrNotSame = errors.New("syntax: a safe fix changes the program")

// maxRounds bounds the rounds of Fix. Each adds a level of parentheses at
// most, and more than that nobody wants to read.
const maxRounds = 100

// Fixed is a program with the safe fixes made in it.
type Fixed struct {
	// Source is the text after the fixes; the source given to Fix where there are
	// none.
	Source *diag.Source
	// Done are the diagnostics whose fix was made, in the order in which that was
	// done. Their places are those of the text as it was then.
	Done diag.List
}

// Fix makes the safe fixes of what Parse reports of a source. Fixes that touch
// each other are made one after another, until none is left; what would grow
// beyond the parser's limits is left as it is.
//
// Each round is checked before the next: what the parser understood of the
// text must be the same tree, and the same pragmas. The error is ErrNotSame
// where it is not.
func Fix(src *diag.Source) (Fixed, error) {
	out := Fixed{Source: src}
	before, list := parseForFix(src)
	for range maxRounds {
		chosen, edits := choose(list)
		if len(chosen) == 0 {
			break
		}
		src = diag.NewSource(src.Name(), diag.Apply(src, edits))
		after, left := parseForFix(src)
		if beyondLimits(left) > beyondLimits(list) {
			break
		}
		if !sameReading(before, after, list) {
			return Fixed{}, ErrNotSame
		}
		out.Source, out.Done = src, append(out.Done, chosen...)
		before, list = after, left
	}
	return out, nil
}

func parseForFix(src *diag.Source) (*File, diag.List) {
	var report diag.Report
	return Parse(src, &report), report.List()
}

// choose picks safe fixes that can be made at once, because each lies behind
// the one before.
func choose(list diag.List) (chosen diag.List, edits []diag.Edit) {
	end := -1
	for _, d := range list {
		fix, ok := d.SafeFix()
		if !ok || fix.Span().Start <= end {
			continue
		}
		end = fix.Span().End
		chosen = append(chosen, d)
		edits = append(edits, fix.Edits...)
	}
	return chosen, edits
}

// beyondLimits counts what the parser found too deep or too large.
func beyondLimits(list diag.List) int {
	n := 0
	for _, d := range list {
		if d.Code == diag.NestingTooDeep || d.Code == diag.SourceTooLarge {
			n++
		}
	}
	return n
}

// sameReading compares what was understood of two texts. Where the parser gave
// up on the first, after too many errors, its last statement may be cut short,
// and the second goes on.
func sameReading(before, after *File, errs diag.List) bool {
	if len(before.Pragmas) != len(after.Pragmas) {
		return false
	}
	for i, p := range before.Pragmas {
		if p.Span().Text() != after.Pragmas[i].Span().Text() {
			return false
		}
	}
	if len(errs.Errors()) < maxErrors {
		return Same(before, after)
	}
	known := max(0, len(before.Stmts)-1)
	if len(after.Stmts) < known {
		return false
	}
	return Same(&File{Stmts: before.Stmts[:known]}, &File{Stmts: after.Stmts[:known]})
}
