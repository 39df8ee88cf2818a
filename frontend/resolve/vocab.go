package resolve

import (
	"slices"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// vocab reads a list, a range, or a string for its characters.
func (r *settingsReader) vocab(p *syntax.Pragma) {
	var tokens []value.Value
	var places []diag.Span
	ok := false
	switch v := p.Value.(type) {
	case *syntax.List:
		tokens, places, ok = r.vocabList(p, v)
	case *syntax.Interval:
		tokens, ok = r.vocabRange(p, v)
	case *syntax.String:
		tokens, ok = characters(v.Value), true
	default:
		r.bad(p, "`vocab` takes a list [\"a\", \"b\"], a range 0..9, or a string for its characters")
	}
	if !ok {
		return
	}
	if len(tokens) == 0 || len(tokens) > MaxVocab {
		r.bad(p, "a vocabulary has 1 to %d tokens, not %d", MaxVocab, len(tokens))
		return
	}
	if r.distinct(p, tokens, places) {
		set(&r.out.Vocab, tokens, p.Value.Span())
	}
}

func (r *settingsReader) vocabList(p *syntax.Pragma, list *syntax.List) ([]value.Value, []diag.Span, bool) {
	var tokens []value.Value
	var places []diag.Span
	for _, x := range list.Items {
		v, ok := literal(x)
		if !ok {
			r.report.Add(diag.New(diag.BadPragmaValue, x.Span(), "not a token: a token is a number, \"text\", True or False"))
			return nil, nil, false
		}
		tokens = append(tokens, v)
		places = append(places, x.Span())
	}
	return tokens, places, true
}

func (r *settingsReader) vocabRange(p *syntax.Pragma, iv *syntax.Interval) ([]value.Value, bool) {
	lo, okLo := literal(iv.Lo)
	hi, okHi := literal(iv.Hi)
	if !okLo || !okHi || value.Compare(lo, hi) > 0 {
		r.bad(p, "a range goes from a smaller integer to a larger one")
		return nil, false
	}
	size, ok := hi.Rat().Sub(lo.Rat()).Int64()
	first, fits := lo.Rat().Int64()
	if !ok || !fits || size >= MaxVocab {
		r.bad(p, "a vocabulary has 1 to %d tokens", MaxVocab)
		return nil, false
	}
	tokens := make([]value.Value, size+1)
	for i := range tokens {
		tokens[i] = value.Number(value.KindInt, value.Int(first).Add(value.Int(int64(i))))
	}
	return tokens, true
}

// distinct reports tokens that are equal; places is nil where they have none of
// their own.
func (r *settingsReader) distinct(p *syntax.Pragma, tokens []value.Value, places []diag.Span) bool {
	first := map[value.Key]int{}
	for i, v := range tokens {
		j, again := first[v.Key()]
		if !again {
			first[v.Key()] = i
			continue
		}
		if places == nil {
			r.report.Add(diag.New(diag.RepeatedToken, p.Value.Span(), "the vocabulary holds %s twice", quote(v)))
			return false
		}
		d := diag.New(diag.RepeatedToken, places[i], "the vocabulary holds %s twice", quote(v)).WithLabel(places[j], "first here")
		if tokens[j].Kind() != v.Kind() {
			d = d.WithNote("True, 1 and 1.0 are equal in RASP")
		}
		r.report.Add(d)
		return false
	}
	return true
}

// checkVocab compares the kinds of the vocabulary and the declared BOS with the
// kind as which tokens are read, brings numbers to that kind, and reports whether all
// are of it.
func (r *settingsReader) checkVocab() (ok bool) {
	want := r.out.Tokens.Value
	r.out.Vocab.Value = slices.Clone(r.out.Vocab.Value)
	for i, v := range r.out.Vocab.Value {
		token, ok := asToken(v, want)
		if !ok {
			r.clash(v, r.out.Vocab.At, want)
			return false
		}
		r.out.Vocab.Value[i] = token
	}
	if r.out.BOS.Set {
		token, ok := asToken(r.out.BOS.Value, want)
		if !ok {
			r.clash(r.out.BOS.Value, r.out.BOS.At, want)
			return false
		}
		r.out.BOS.Value = token
	}
	return true
}

// asToken returns v as a token of the kind that a reading yields.
func asToken(v value.Value, as sop.Read) (value.Value, bool) {
	switch as {
	case sop.ReadAsIs:
		return v, true
	case sop.ReadInt:
		return v, v.Kind() == value.KindInt
	case sop.ReadBool:
		return v, v.Kind() == value.KindBool
	case sop.ReadFloat:
		if v.Kind() == value.KindInt || v.Kind() == value.KindFloat {
			return value.Number(value.KindFloat, v.Rat()), true
		}
		return v, false
	}
	return v, v.IsString()
}

func (r *settingsReader) clash(v value.Value, at diag.Span, want sop.Read) {
	d := diag.New(diag.TokenKindClash, at, "the token %s is %s, but `tokens` are read as %s", quote(v), article(v.Kind()), kindWord(want))
	word := map[value.Kind]string{value.KindString: "str", value.KindInt: "int", value.KindFloat: "float", value.KindBool: "bool"}[v.Kind()]
	if r.out.Tokens.Set {
		d = d.WithLabel(r.out.Tokens.At, "set here")
	}
	d = d.WithHelp("add `#: tokens = %s`, or write the tokens as %s", word, kindWord(want))
	switch line := "#: tokens = " + word; {
	case r.out.Tokens.Set && !isFlag(r.out.Tokens.At):
		d = d.WithEdit("write `"+line+"`", r.out.Tokens.At, word)
	case !r.out.Tokens.Set && !isFlag(at):
		d = d.WithFix(diag.Fix{Title: "add the line `" + line + "`", Edits: []diag.Edit{diag.NewLine(at, line)}})
	}
	r.report.Add(d)
}

func article(k value.Kind) string {
	if k == value.KindInt {
		return "an int"
	}
	return "a " + k.String()
}
