package format

import (
	"strings"

	"github.com/raspc/raspc/frontend/syntax"
)

// printer lays out one file.
type printer struct {
	src   string
	notes []note // those not yet printed
	slots []*slot
	out   lines

	depth int // of nested bodies
	// end is where in the source the last printed thing ends.
	end int
	// first says that the body has printed nothing yet.
	first bool
}

func printFile(f *syntax.File) string {
	p := &printer{src: f.Source.Text(), notes: notes(f), first: true}
	p.statements(f.Stmts)
	p.comments(len(p.src))
	return p.out.String()
}

func (p *printer) statements(all []syntax.Stmt) {
	for _, s := range all {
		if p.out.full() {
			return
		}
		p.comments(s.Span().Start)
		p.statement(s)
	}
}

// comments prints the comments before a place.
func (p *printer) comments(before int) {
	for len(p.notes) > 0 && p.notes[0].at.Start < before {
		n := p.notes[0]
		p.notes = p.notes[1:]
		if n.own {
			p.gap(n.at.Start)
			p.line(n.text)
		} else {
			p.out.comment(n.text)
		}
		p.end = n.at.End
	}
}

// gap prints an empty line if the source has one or more between the last
// printed thing and a place; not where a body begins.
func (p *printer) gap(to int) {
	if !p.first && lineEnds(p.src[p.end:to]) > 1 {
		p.out.add(0, "")
	}
	p.first = false
}

// lineEnds counts LF, CR and CR LF.
func lineEnds(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// emit prints what stands between two places of the source. A comment inside
// goes to the last slot before it, or on top where there is none.
func (p *printer) emit(start, end int, d doc) {
	p.gap(start)
	slots := p.slots
	p.slots = nil
	var last *slot
	for len(p.notes) > 0 && p.notes[0].at.Start < end {
		n := p.notes[0]
		p.notes = p.notes[1:]
		for len(slots) > 0 && slots[0].after <= n.at.Start {
			last, slots = slots[0], slots[1:]
		}
		if last == nil {
			p.line(n.text)
		} else {
			last.comments = append(last.comments, n.text)
		}
	}
	whole := &group{body: d}
	settle(whole)
	for line := range strings.SplitSeq(render(whole, indent*p.depth), "\n") {
		p.out.add(p.depth, line)
	}
	p.end = end
}

// line prints a line of the current body.
func (p *printer) line(code string) {
	p.out.add(p.depth, strings.Repeat(" ", indent*p.depth)+code)
}

// find returns the place of the next c, which only blanks, comments and
// brackets separate from the given one.
func (p *printer) find(c byte, from int) int {
	for from = p.skip(from); p.src[from] != c; from = p.skip(from + 1) {
	}
	return from
}

// skip returns the place of the next token.
func (p *printer) skip(from int) int {
	for strings.IndexByte(" \t\r\n#", p.src[from]) >= 0 {
		if p.src[from] == '#' {
			from += strings.IndexAny(p.src[from:], "\r\n")
		} else {
			from++
		}
	}
	return from
}
