package syntax

// recover skips from a failed statement, which began at token from, to where
// the next one can begin: behind a `;`, behind the `}` of a block that the
// statement opened, before the `}` of the body that it stands in, or before a
// line that plainly begins a statement.
func (p *parser) recover(from int, inBody bool) {
	p.failed = false
	// Braces before the error belong to dictionaries, which hold no `;`; those after
	// it may be blocks, which do.
	dicts, blocks := p.openBraces(from), 0
	for {
		t := p.tokens[p.i]
		switch {
		case t.kind == tokEOF:
			return
		case p.i > from && blocks == 0 && t.fresh && p.plainStart():
			return
		case t.kind == tokSemi && blocks == 0:
			p.i++
			return
		case t.kind == tokLBrace:
			blocks++
		case t.kind == tokRBrace && blocks > 0:
			blocks--
			if blocks == 0 && p.tokens[p.i+1].fresh {
				p.i++
				return
			}
		case t.kind == tokRBrace && dicts > 0:
			dicts--
		case t.kind == tokRBrace && inBody:
			return
		}
		p.i++
	}
}

// openBraces counts the braces opened and not closed from a token to here.
func (p *parser) openBraces(from int) int {
	open := 0
	for _, t := range p.tokens[from:p.i] {
		switch t.kind {
		case tokLBrace:
			open++
		case tokRBrace:
			open = max(0, open-1)
		}
	}
	return open
}

// plainStart reports whether the current token begins a statement beyond doubt.
func (p *parser) plainStart() bool {
	return p.beginsKeywordStatement() || p.startsAssignment()
}
