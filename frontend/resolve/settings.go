package resolve

import (
	"regexp"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/pattern"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// Setting is a value that a program or flag may set.
type Setting[T any] struct {
	Value T
	Set   bool
	// At is the pragma's value, or the flag's text.
	At diag.Span
}

// Settings are what a program says beside its statements.
type Settings struct {
	// Tokens is how `tokens` reads the input; ReadStr unless set.
	Tokens Setting[sop.Read]
	// Vocab are the tokens of inputs, distinct and of the kind that Tokens asks for.
	Vocab Setting[[]value.Value]
	// MaxLen is the length of the longest input, 1 … MaxMaxLen.
	MaxLen Setting[int]
	// BOS is the token that the program itself expects at position 0.
	BOS Setting[value.Value]
	// Causal says that selectors see only keys at or before the query.
	Causal Setting[bool]
	// Output is the name of the s-op to compile.
	Output Setting[string]
	// Inputs matches the text of the inputs for which the program is meant, from
	// their first to their last character; Accept says what that text is.
	Inputs Setting[*regexp.Regexp]
}

// Limits of settings.
const (
	// MaxMaxLen is the longest input that can be asked for.
	MaxMaxLen = 1 << 16
	// MaxVocab is the largest vocabulary.
	MaxVocab = 1 << 16
)

// settingsReader fills Settings from pragmas.
type settingsReader struct {
	report *diag.Report
	out    Settings
	// seen holds the pragmas of one origin by key, to find repetitions.
	seen map[string]*syntax.Pragma
}

// readSettings merges the pragmas of a file with the overrides, which win, and
// checks them against each other.
func (s *Session) readSettings(pragmas []*syntax.Pragma) Settings {
	r := &settingsReader{report: s.report, seen: map[string]*syntax.Pragma{}}
	for _, p := range pragmas {
		r.read(p)
	}
	r.seen = map[string]*syntax.Pragma{}
	r.override(s.opts.Overrides)
	if r.checkVocab() {
		r.checkInputs()
	}
	return r.out
}

// Override applies settings from outside to those of a program that has no
// pragmas.
func (s Settings) Override(overrides []Override, report *diag.Report) Settings {
	r := &settingsReader{report: report, out: s, seen: map[string]*syntax.Pragma{}}
	r.override(overrides)
	r.checkVocab()
	return r.out
}

func (r *settingsReader) override(overrides []Override) {
	for _, o := range overrides {
		if p := syntax.ParsePragma(diag.NewSource(o.Flag, o.Text), r.report); p != nil {
			r.read(p)
		}
	}
}

// read takes one pragma.
func (r *settingsReader) read(p *syntax.Pragma) {
	key := p.Key.Name
	if p.Target != nil {
		key += " " + p.Target.Name
	}
	if first, again := r.seen[key]; again {
		r.report.Add(diag.New(diag.RepeatedPragma, p.Span(), "`%s` is set twice", key).WithLabel(first.Span(), "first here"))
		return
	}
	r.seen[key] = p
	switch p.Key.Name {
	case "tokens":
		r.tokens(p)
	case "vocab":
		r.vocab(p)
	case "max_len":
		r.maxLen(p)
	case "bos":
		r.bos(p)
	case "causal":
		r.causal(p)
	case "output":
		r.output(p)
	case "inputs":
		r.inputs(p)
	case "encode":
		if w := pragmaWord(p); w != numericalName && w != categoricalName {
			r.bad(p, "an s-op is encoded `%s` or `%s`", numericalName, categoricalName)
		}
	case "assume":
		if p.Claim.Name != "one_hot" {
			r.report.Add(diag.New(diag.BadPragmaValue, p.Claim.Span(), "only `one_hot` can be assumed, not `%s`", p.Claim.Name))
		}
	}
}

// bad reports a value that does not suit its pragma.
func (r *settingsReader) bad(p *syntax.Pragma, format string, args ...any) {
	r.report.Add(diag.New(diag.BadPragmaValue, p.Value.Span(), format, args...))
}

// pragmaWord returns the value of a pragma if it is a word, else "".
func pragmaWord(p *syntax.Pragma) string {
	if w, ok := p.Value.(*syntax.Ident); ok {
		return w.Name
	}
	return ""
}

func set[T any](to *Setting[T], v T, at diag.Span) { *to = Setting[T]{Value: v, Set: true, At: at} }

var tokenKinds = map[string]sop.Read{
	"str": sop.ReadStr, "int": sop.ReadInt, "float": sop.ReadFloat, "bool": sop.ReadBool,
}

// kindWord is the word of a reading in pragmas.
func kindWord(r sop.Read) string {
	for word, read := range tokenKinds {
		if read == r {
			return word
		}
	}
	return "any"
}

func (r *settingsReader) tokens(p *syntax.Pragma) {
	kind, ok := tokenKinds[pragmaWord(p)]
	if !ok {
		r.bad(p, "tokens are read as str, int, float or bool")
		return
	}
	set(&r.out.Tokens, kind, p.Value.Span())
}

func (r *settingsReader) maxLen(p *syntax.Pragma) {
	n, ok := r.integer(p)
	if !ok {
		return
	}
	if n < 1 || n > MaxMaxLen {
		r.report.Add(diag.New(diag.BadMaxLen, p.Value.Span(), "`max_len` must be from 1 to %d", MaxMaxLen))
		return
	}
	set(&r.out.MaxLen, int(n), p.Value.Span())
}

// integer reads an integer value; numbers beyond int64 come back as -1 or 0, which
// no setting accepts.
func (r *settingsReader) integer(p *syntax.Pragma) (int64, bool) {
	x, ok := p.Value.(syntax.Expr)
	if ok {
		if v, isAtom := literal(x); isAtom && v.Kind() == value.KindInt {
			n, fits := v.Rat().Int64()
			if !fits {
				return -1, true
			}
			return n, true
		}
	}
	r.bad(p, "`%s` takes an integer", p.Key.Name)
	return 0, false
}

func (r *settingsReader) bos(p *syntax.Pragma) {
	x, ok := p.Value.(syntax.Expr)
	if ok {
		if v, isAtom := literal(x); isAtom {
			set(&r.out.BOS, v, p.Value.Span())
			return
		}
	}
	r.bad(p, "`bos` takes one token, such as \"§\" or 0")
}

func (r *settingsReader) causal(p *syntax.Pragma) {
	switch pragmaWord(p) {
	case "on":
		set(&r.out.Causal, true, p.Value.Span())
	case "off":
		set(&r.out.Causal, false, p.Value.Span())
	default:
		r.bad(p, "`causal` is on or off")
	}
}

func (r *settingsReader) output(p *syntax.Pragma) {
	if w := pragmaWord(p); w != "" {
		set(&r.out.Output, w, p.Value.Span())
		return
	}
	r.bad(p, "`output` takes the name of an s-op")
}

// What makes a pattern match whole inputs.
const wholeBefore, wholeAfter = `\A(?:`, `)\z`

func (r *settingsReader) inputs(p *syntax.Pragma) {
	text, ok := p.Value.(*syntax.String)
	if !ok {
		r.bad(p, "`inputs` takes a regular expression in quotes")
		return
	}
	// The text must be right by itself: "a)|(b" becomes so only inside the group that
	// makes it match whole inputs.
	_, err := regexp.Compile(text.Value)
	var re *regexp.Regexp
	if err == nil {
		re, err = regexp.Compile(wholeBefore + text.Value + wholeAfter)
	}
	if err != nil {
		r.report.Add(diag.New(diag.BadInputsPattern, p.Value.Span(), "not a regular expression").WithNote("%s", cut(err.Error(), 200)))
		return
	}
	set(&r.out.Inputs, re, p.Value.Span())
}

// checkInputs refuses a pattern without any input.
func (r *settingsReader) checkInputs() {
	s := r.out
	if !s.Inputs.Set || !s.Vocab.Set || !s.MaxLen.Set || !pattern.Empty(s.InputSpec()) {
		return
	}
	r.report.Add(diag.New(diag.NoInputs, s.Inputs.At, "no input of up to %s matches the pattern", diag.Plural(s.MaxLen.Value, "token")).
		WithLabel(s.Vocab.At, "the tokens").
		WithHelp("an input's tokens are matched from the first to the last%s; `max_len` bounds their number", blanks(s.InputSpec().Sep)))
}

// blanks says how tokens are written for a pattern.
func blanks(sep string) string {
	if sep == "" {
		return ", without blanks between them"
	}
	return ", with a blank between two"
}

// literal reads an atom written in a pragma: a number, a string, True or False.
func literal(x syntax.Expr) (value.Value, bool) {
	switch x := x.(type) {
	case *syntax.String:
		return value.Str(x.Value), true
	case *syntax.Int:
		return numberLiteral(x.Text, value.KindInt)
	case *syntax.Float:
		return numberLiteral(x.Text, value.KindFloat)
	case *syntax.Unary:
		v, ok := literal(x.X)
		if !ok {
			return v, false
		}
		negated, err := value.Neg(v)
		return negated, err == nil
	case *syntax.Ident:
		switch x.Name {
		case "True", "False":
			return value.Bool(x.Name == "True"), true
		}
	}
	return value.Value{}, false
}

func numberLiteral(text string, k value.Kind) (value.Value, bool) {
	r, ok := value.ParseRat(text)
	if !ok {
		return value.Value{}, false
	}
	return value.Number(k, r), true
}
