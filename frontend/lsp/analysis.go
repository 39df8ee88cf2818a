package lsp

import (
	"context"
	"sync"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// analysis is what running a program's whole statements tells of its names.
type analysis struct {
	view    *view
	program *resolve.Program
	// bound are the values of names by the place that bound them.
	bound map[place]resolve.Value

	mu sync.Mutex
	// facts are what was found out of s-ops and selectors.
	facts map[sop.ID]*future[string]
}

// place is the beginning of a name in a file.
type place struct {
	file   string
	offset int
}

func placeOf(at diag.Span) place { return place{at.Source.Name(), at.Start} }

// analysis waits for the analysis; nil where there is none in time.
func (v *view) analysis(ctx context.Context) *analysis {
	a, _ := v.analysed().wait(ctx)
	return a
}

func (v *view) newAnalysis() *future[*analysis] { return async(v.server, "analysis", v.run) }

func (v *view) run() *analysis {
	a := &analysis{view: v, bound: map[place]resolve.Value{}, facts: map[sop.ID]*future[string]{}}
	src := diag.NewSource(v.src.Name(), v.wholeStatements())
	a.program, _ = resolve.Run(src, resolve.Options{Read: v.reader(), Console: listener(a.bound)})
	for _, b := range a.program.Bindings {
		a.bound[placeOf(b.At)] = b.Value
	}
	return a
}

// listener takes note of what statements bind.
type listener map[place]resolve.Value

// Ran notes the values of names.
func (l listener) Ran(st syntax.Stmt, _ bool, gave []resolve.Binding) {
	if _, shown := st.(*syntax.ExprStmt); shown {
		return
	}
	for _, b := range gave {
		if b.Value != nil {
			l[placeOf(b.At)] = b.Value
		}
	}
}

// Failed does nothing: diagnostics come from a run of their own.
func (listener) Failed(diag.Diagnostic) {}

// SetExample does nothing.
func (listener) SetExample(syntax.Scope, resolve.Value, []value.Value) {}

// Draw does nothing.
func (listener) Draw(resolve.SOp, []value.Value) {}

// wholeStatements returns the text with blanks in the place of statements that
// have syntax errors. All else keeps its offset.
func (v *view) wholeStatements() string {
	p := v.parsed()
	if len(p.errors) == 0 {
		return v.src.Text()
	}
	text := []byte(v.src.Text())
	kept := make([]byte, len(text), len(text)+1)
	for i, c := range text {
		if kept[i] = ' '; c == '\n' || c == '\r' {
			kept[i] = c
		}
	}
	for _, pragma := range p.file.Pragmas {
		at := pragma.Span()
		copy(kept[at.Start:at.End], text[at.Start:at.End])
	}
	for _, st := range p.file.Stmts {
		at := st.Span()
		errors := within(p.errors, at)
		unended := len(errors) == 1 && errors[0].Code == diag.MissingSemicolon && errors[0].Primary.Start == at.End
		if len(errors) > 0 && !unended {
			continue
		}
		copy(kept[at.Start:at.End], text[at.Start:at.End])
		switch {
		case unended && at.End < len(kept):
			kept[at.End] = ';'
		case unended:
			kept = append(kept, ';')
		}
	}
	return string(kept)
}

// within returns the diagnostics in a span or at its end.
func within(list diag.List, at diag.Span) diag.List {
	var inside diag.List
	for _, d := range list {
		if at.Start <= d.Primary.Start && d.Primary.Start <= at.End {
			inside = append(inside, d)
		}
	}
	return inside
}

// library returns the value of a name of the library, nil where it has none.
func (a *analysis) library(name string) resolve.Value {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, _ := a.program.Eval(name)
	return v
}
