package tracr

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// pragmas writes the inputs of a program. Numbers of several kinds are read as the widest of
// them, which equals them.
func (w *writer) pragmas(s resolve.Settings) error {
	kind := value.KindString
	if s.Tokens.Value == sop.ReadAsIs {
		switch value.AnyType(s.Vocab.Value) {
		case value.Mixed:
			return diag.New(diag.NoRASPText, s.Vocab.At, "some tokens are strings and some are numbers, which RASP does not mix")
		case value.Floats:
			s.Tokens.Value, kind = sop.ReadFloat, value.KindFloat
		default:
			s.Tokens.Value, kind = sop.ReadInt, value.KindInt
		}
	}
	tokens := make([]string, len(s.Vocab.Value))
	for i, v := range s.Vocab.Value {
		if kind != value.KindString {
			v = value.Number(kind, v.Rat())
		}
		var problem string
		if tokens[i], problem = tokenText(v); problem != "" {
			return diag.New(diag.NoRASPText, s.Vocab.At, "the token %s %s", v.Repr(), problem)
		}
	}
	fmt.Fprintf(&w.b, "#: tokens  = %s\n#: vocab   = [%s]\n#: max_len = %d\n", s.TokenKind(), strings.Join(tokens, ", "), s.MaxLen.Value)
	if s.Causal.Value {
		w.b.WriteString("#: causal  = on\n")
	}
	w.b.WriteByte('\n')
	return nil
}

// tokenText writes a token as pragmas have it, where there are no divisions, or says why there
// is none.
func tokenText(v value.Value) (text, problem string) {
	switch {
	case v.IsString() && strings.ContainsAny(v.Text(), unquotable):
		return "", "has a quote or the end of a line, which no string of RASP's holds"
	case v.Kind() == value.KindFloat && !v.Rat().IsInt():
		digits, exact := v.Rat().Big().FloatPrec()
		if !exact {
			return "", "has no decimal digits that end, and RASP's tokens are written as decimals"
		}
		return v.Rat().Big().FloatString(digits), ""
	}
	return literalText(v), ""
}

// unquotable is what strings of RASP's cannot hold.
const unquotable = "\"\r\n"
