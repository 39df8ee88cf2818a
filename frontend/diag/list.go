package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// List is a finished set of diagnostics. As an error it stands for all of them.
type List []Diagnostic

// Error gives the first error and the number of the others.
func (l List) Error() string {
	errs := l.Errors()
	switch len(errs) {
	case 0:
		return "no errors"
	case 1:
		return errs[0].Error()
	default:
		return fmt.Sprintf("%s (and %d more)", errs[0].Error(), len(errs)-1)
	}
}

// Err returns the list as an error if it holds an error, else nil.
func (l List) Err() error {
	if l.HasErrors() {
		return l
	}
	return nil
}

// HasErrors reports whether a diagnostic of severity Error is present.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Errors returns the diagnostics of severity Error, in order.
func (l List) Errors() List { return l.only(Error) }

// Warnings returns the diagnostics of severity Warning, in order.
func (l List) Warnings() List { return l.only(Warning) }

func (l List) only(s Severity) List {
	var out List
	for _, d := range l {
		if d.Severity == s {
			out = append(out, d)
		}
	}
	return out
}

// Sorted returns a copy in reading order: by file in the order in which files
// first appear, then position, then severity, then code. Diagnostics without a
// place come last.
func (l List) Sorted() List {
	rank := make(map[*Source]int)
	for _, d := range l {
		if _, seen := rank[d.Primary.Source]; !seen && !d.Primary.IsZero() {
			rank[d.Primary.Source] = len(rank)
		}
	}
	rank[nil] = len(rank)
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(rank[a.Primary.Source], rank[b.Primary.Source]),
			cmp.Compare(a.Primary.Start, b.Primary.Start),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return out
}

// Report collects diagnostics while a stage runs. The zero value is ready for
// use. It is not safe for concurrent use.
type Report struct {
	list List
	seen map[string]bool
}

// Add records a diagnostic. A second one with the same code, place and
// message is dropped: a function body that is evaluated at each call would
// otherwise repeat its warnings.
func (r *Report) Add(d Diagnostic) {
	key := fmt.Sprintf("%s\x00%p\x00%d\x00%d\x00%s", d.Code, d.Primary.Source, d.Primary.Start, d.Primary.End, d.Message)
	if r.seen[key] {
		return
	}
	if r.seen == nil {
		r.seen = make(map[string]bool)
	}
	r.seen[key] = true
	r.list = append(r.list, d)
}

// AddAll records each diagnostic of l.
func (r *Report) AddAll(l List) {
	for _, d := range l {
		r.Add(d)
	}
}

// HasErrors reports whether an error was recorded.
func (r *Report) HasErrors() bool { return r.list.HasErrors() }

// NumErrors counts the errors recorded.
func (r *Report) NumErrors() int { return len(r.list.Errors()) }

// List returns what was recorded, in reading order.
func (r *Report) List() List { return r.list.Sorted() }
