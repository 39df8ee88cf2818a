package raspc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/value"
)

// Value is a token, or an element of an output: an exact number, a string or a
// boolean.
type Value = value.Value

// ReadProgram reads the text of a program. It stops a little behind the
// longest text that is accepted, so that an endless one ends in a diagnostic.
func ReadProgram(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, tracr.MaxFile+1))
	return string(text), err
}

// Program is a program that the reference interpreter can run.
type Program struct {
	resolved  *resolve.Program
	plain     traced
	warnings  diag.List
	patchable func() *patchable // made when it is first needed
}

// traced is a graph with what can be asked of it.
type traced struct {
	graph  *sop.Graph
	eval   *interp.Evaluator
	output named
	named  []named
}

// named is an s-op or selector that a trace shows.
type named struct {
	name string
	id   sop.ID
}

// trace prepares to evaluate what the program names, and other nodes.
func trace(g *sop.Graph, causal bool, output named, others ...sop.ID) traced {
	t := traced{graph: g, output: output}
	roots := append([]sop.ID{output.id}, others...)
	for _, id := range g.Reachable(output.id) {
		for _, name := range g.Names(id) {
			t.named = append(t.named, named{name, id})
			roots = append(roots, id)
		}
	}
	t.eval = interp.New(g, causal, roots...)
	return t
}

// Parse reads a program for running. It needs no vocabulary and no maximum
// length; where the program has them, inputs are held to them.
func Parse(name, text string, o Options) (*Program, error) {
	p, src := o.pipeline(), diag.NewSource(name, text)
	resolved, list := tracr.Resolve(src, resolve.Options{Read: p.Read, Overrides: p.Overrides})
	if err := list.Err(); err != nil {
		return nil, err
	}
	if resolved.Output == nil {
		return nil, diag.List{diag.New(diag.NoOutput, diag.Span{}, "the program computes no s-op")}
	}
	prog := &Program{resolved: resolved, warnings: list}
	prog.plain = trace(resolved.Graph, resolved.Settings.Causal.Value, named{resolved.Output.Name, resolved.Output.ID})
	prog.patchable = sync.OnceValue(func() *patchable { return newPatchable(resolved, src, p) })
	return prog, nil
}

// Warnings returns what the program's author should look at.
func (p *Program) Warnings() diag.List { return p.warnings }

// Outcome is the result of a program, or of a model, on one input. Exactly one
// of Output, Matrix and Err is set.
type Outcome struct {
	Name   string
	Input  []value.Value
	Output []value.Value
	Matrix [][]bool // of a selector: row = query, column = key
	Err    *UndefinedError
	// Intervention says what was patched; nil where nothing was.
	Intervention *Intervention
}

// UndefinedError says that a program has no meaning on an input.
type UndefinedError struct {
	Code    diag.Code
	Message string
}

func (e *UndefinedError) Error() string { return string(e.Code) + ": " + e.Message }

// Run evaluates the program's output on one input, which it holds to the
// vocabulary and the maximum length, under patches. The error is an InputError or
// a PatchError.
func (p *Program) Run(input []value.Value, patches ...Patch) (*Outcome, error) {
	all, err := p.run(input, patches, func(t traced) []named { return []named{t.output} })
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// Trace evaluates every named s-op and selector that the output depends on, in
// the order of the program.
func (p *Program) Trace(input []value.Value, patches ...Patch) ([]Outcome, error) {
	return p.run(input, patches, func(t traced) []named { return t.named })
}

func (p *Program) run(input []value.Value, patches []Patch, wanted func(traced) []named) ([]Outcome, error) {
	input, err := p.admit(input)
	if err != nil {
		return nil, err
	}
	t, done := p.plain, (*Intervention)(nil)
	var r *interp.Result
	if len(patches) == 0 {
		r, err = t.eval.Run(input)
	} else {
		t = p.patchable().traced
		r, done, err = p.patchable().run(input, patches)
	}
	var outcomes []Outcome
	for _, n := range wanted(t) {
		o := Outcome{Name: n.name, Input: input, Intervention: done}
		var refused *PatchError
		switch u, undefined := err.(*interp.Undefined); {
		case undefined:
			o.Err = &UndefinedError{codeOf(t.graph, u), u.Error()}
		case errors.As(err, &refused):
			return nil, refused
		case err != nil:
			return nil, &InputError{err.Error()}
		case t.graph.Node(n.id).Selector() && len(input) > maxMatrix:
			return nil, &InputError{fmt.Sprintf("%s is a selector, and its matrix for an input of length %d is too large to show: "+
				"try a shorter one, of at most %d", n.name, len(input), maxMatrix)}
		case t.graph.Node(n.id).Selector():
			o.Matrix = cells(r.Matrix(n.id))
		default:
			o.Output = r.Sequence(n.id)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// codeOf gives an operator's error the code that the same error has in scalar
// code; averaging and reading tokens, which have none there, have their own.
func codeOf(g *sop.Graph, u *interp.Undefined) diag.Code {
	switch u.Err.Kind {
	case value.TypeError:
		return diag.MixedSequence
	case value.ValueError:
		return diag.IndexRange
	}
	switch g.Node(u.Node).Op {
	case sop.Aggregate:
		return diag.MeanOfNonNums
	case sop.Tokens:
		return diag.TokenParse
	}
	return diag.OperandTypes
}

// maxMatrix is the length of the longest input for which matrices are shown; one
// has 67 million cells then.
const maxMatrix = 1 << 13

func cells(m *interp.Matrix) [][]bool {
	rows := make([][]bool, m.Size())
	for q := range rows {
		rows[q] = make([]bool, m.Size())
		for k := range rows[q] {
			rows[q][k] = m.At(q, k)
		}
	}
	return rows
}

// InputError says that an input is not one of a program's.
type InputError struct{ Msg string }

func (e *InputError) Error() string { return e.Msg }

// admit holds an input to the program's settings. A token is found in the
// vocabulary by value, or by its spelling.
func (p *Program) admit(input []value.Value) ([]value.Value, error) {
	s := p.resolved.Settings
	return admit(input, s.Alphabet(), s.MaxLen.Value, s.Accept())
}

// admit maps an input to the tokens of a vocabulary, which may be empty for
// any, and checks its length against maxLen, which may be 0 for any.
func admit(input, vocab []value.Value, maxLen int, accept func([]value.Value) bool) ([]value.Value, error) {
	if len(input) == 0 || maxLen > 0 && len(input) > maxLen {
		return nil, &InputError{fmt.Sprintf("the input has %d tokens; the program takes 1 to %s", len(input), limit(maxLen))}
	}
	if len(vocab) == 0 {
		return input, nil
	}
	tokens := make([]value.Value, len(input))
	for i, v := range input {
		token, ok := find(vocab, v)
		if !ok {
			return nil, &InputError{fmt.Sprintf("the token %s at position %d is not in the vocabulary", v.Repr(), i)}
		}
		tokens[i] = token
	}
	if accept != nil && !accept(tokens) {
		return nil, &InputError{"the program is not meant for this input: see its bos and inputs pragmas"}
	}
	return tokens, nil
}

func limit(maxLen int) string {
	if maxLen == 0 {
		return "any number"
	}
	return fmt.Sprint(maxLen)
}

func find(vocab []value.Value, v value.Value) (value.Value, bool) {
	for _, t := range vocab {
		if value.Equal(t, v) {
			return t, true
		}
	}
	for _, t := range vocab {
		if t.Display() == v.Display() {
			return t, true
		}
	}
	if n, ok := value.ParseRat(v.Text()); ok && v.IsString() {
		for _, t := range vocab {
			if t.IsNumber() && t.Rat().Equal(n) {
				return t, true
			}
		}
	}
	return v, false
}

// ParseInput reads an input as it is written on a command line: a JSON array
// of atoms, a JSON string for its characters, or bare text, whose characters
// are the tokens, or its words where it has blanks.
func ParseInput(text string) ([]value.Value, error) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "[") && !strings.HasPrefix(trimmed, `"`) {
		if words := strings.Fields(text); len(words) > 1 {
			return strs(words), nil
		}
		return characters(text), nil
	}
	return ParseJSONInput([]byte(trimmed))
}

// ParseJSONInput reads an input that is a JSON array of atoms, or a JSON
// string for its characters.
func ParseJSONInput(line []byte) ([]value.Value, error) {
	var raw []json.RawMessage
	if bytes.HasPrefix(line, []byte(`"`)) {
		var s string
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, &InputError{fmt.Sprintf("the input is not JSON: %v", err)}
		}
		return characters(s), nil
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, &InputError{fmt.Sprintf("the input is neither a JSON array nor a JSON string: %v", err)}
	}
	tokens := make([]value.Value, len(raw))
	for i, r := range raw {
		v, err := value.ParseJSON(r)
		if err != nil {
			return nil, &InputError{fmt.Sprintf("token %d of the input: %v", i, err)}
		}
		tokens[i] = v
	}
	return tokens, nil
}

func characters(s string) []value.Value {
	var tokens []value.Value
	for _, r := range s {
		tokens = append(tokens, value.Str(string(r)))
	}
	return tokens
}

func strs(words []string) []value.Value {
	tokens := make([]value.Value, len(words))
	for i, w := range words {
		tokens[i] = value.Str(w)
	}
	return tokens
}
