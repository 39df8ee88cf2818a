package value

import (
	"strings"
	"unicode/utf8"
)

// format is Python's "..." % v for one atom: the conversions s, r, d and i,
// without flags. %% is a percent sign.
func format(f string, v Value) (Value, error) {
	var out strings.Builder
	used := false
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			out.WriteByte(f[i])
			continue
		}
		i++
		if i == len(f) {
			return Value{}, Errorf(RuntimeError, "the format %q ends in a single %%", f)
		}
		if f[i] == '%' {
			out.WriteByte('%')
			continue
		}
		if used {
			return Value{}, Errorf(RuntimeError, "the format %q takes more than one value", f)
		}
		used = true
		verb, size := utf8.DecodeRuneInString(f[i:])
		s, err := convert(verb, v)
		if err != nil {
			return Value{}, err
		}
		out.WriteString(s)
		i += size - 1
	}
	if !used {
		return Value{}, Errorf(RuntimeError, "the format %q takes no value", f)
	}
	return text(out.String())
}

func convert(verb rune, v Value) (string, error) {
	switch verb {
	case 's':
		return v.Display(), nil
	case 'r':
		return v.Repr(), nil
	case 'd', 'i':
		if !v.IsNumber() {
			return "", Errorf(RuntimeError, "%%%c needs a number, not %s", verb, article(v))
		}
		n := v.num
		if n.Sign() < 0 {
			return n.Neg().Floor().Neg().String(), nil
		}
		return n.Floor().String(), nil
	}
	return "", Errorf(RuntimeError, "the format character %q is not one of s, r, d, i", verb)
}
