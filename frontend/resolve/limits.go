package resolve

import (
	"errors"

	"github.com/raspc/raspc/frontend/diag"
)

// Limits. A program within them resolves in seconds at worst; real programs
// stay far below.
const (
	// maxSteps counts evaluated expressions, list elements made, pieces of long
	// strings and numbers, and scopes in which names are looked up.
	maxSteps = 5_000_000
	// maxCalls is the depth of function calls, maxDepth that of nested evaluations
	// over all calls; together they bound the stack.
	maxCalls = 1000
	maxDepth = 50_000
	// maxRenamings bounds the names for which a file is searched to rename them.
	maxRenamings = 50
	// maxItems is the length of a list.
	maxItems = 1_000_000
	// maxNodes is the size of the graph, or what one Exec of a session may add.
	maxNodes = 100_000
	// maxSessionNodes is the size of a session's graph.
	maxSessionNodes = 10 * maxNodes
	// maxFailures is how many statements may fail; what follows so many errors is
	// noise.
	maxFailures = 50
)

// errPoisoned says that a statement failed for a reason already reported.
var errPoisoned = errors.New("resolve: uses the result of a failed statement")

// charge counts work. Once the limit is passed every further charge fails, so that
// nothing after it can go on for long.
func (s *Session) charge(n int, at diag.Span) error {
	s.steps += n
	if s.steps > s.mostSteps || n > s.mostSteps {
		s.steps = s.mostSteps
		s.exhausted = true
		return diag.New(diag.StepLimit, s.place(at), "the program takes more than %d steps to resolve", s.mostSteps).
			WithHelp("loops and recursion run once, when the program is read: do they end?")
	}
	if s.graph.Len() > s.mostNodes {
		s.exhausted = true
		return diag.New(diag.GraphLimit, s.place(at), "the program builds more than %d s-ops and selectors", maxNodes)
	}
	return nil
}

// enter counts a level of nested evaluation; the caller must call leave.
func (s *Session) enter(at diag.Span) error {
	s.depth++
	if s.depth > maxDepth {
		return diag.New(diag.RecursionLimit, s.place(at), "calls, expressions and lists nest more than %d deep together", maxDepth)
	}
	return s.charge(1, at)
}

func (s *Session) leave() { s.depth-- }

func tooDeep(at diag.Span) error {
	return diag.New(diag.RecursionLimit, at, "functions call each other more than %d deep", maxCalls).
		WithHelp("a recursion must end: `x if n==0 else f(n-1)` with a plain condition evaluates one part only")
}
