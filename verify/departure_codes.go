package verify

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// code is what a column holds for a value of its s-op. It is not known where the
// manifest's label does not say: long lists of values are cut.
type code func(v value.Value) (x float64, known bool)

// number is the code of a column that holds the number itself.
func number(v value.Value) (float64, bool) {
	if !v.IsNumber() {
		return 0, false
	}
	return v.Rat().Float64(), true
}

// listedNumbers returns the numbers of the values that the manifest lists of a variable;
// nil where it lists none, as those of old versions.
func listedNumbers(v manifest.Variable) map[value.Key]int {
	if v.Part != "" || len(v.Values) == 0 {
		return nil
	}
	numbers := map[value.Key]int{}
	for i, a := range v.Values {
		x, err := a.Value()
		if err != nil {
			return nil
		}
		numbers[x.Key()] = i
	}
	return numbers
}

// listedCode returns the code of a column by what the manifest lists of it, which is
// exact where its label may be cut; nil where it lists nothing.
func listedCode(v manifest.Variable, c manifest.Column, numbers map[value.Key]int) code {
	switch {
	case numbers == nil:
		return nil
	case v.Encoding == "digits" && c.Digit != nil && v.Base > 0:
		return func(x value.Value) (float64, bool) {
			i, ok := numbers[x.Key()]
			if *c.Digit > 0 {
				return float64(i / v.Base), ok
			}
			return float64(i % v.Base), ok
		}
	case len(c.On) > 0:
		return func(x value.Value) (float64, bool) {
			i, ok := numbers[x.Key()]
			return indicator(c.On.Has(i)), ok
		}
	}
	return nil
}

// codeOf returns the code of a column of an encoding by its label in the manifest;
// nil where that says nothing.
func codeOf(encoding, label string, digits []value.Value) code {
	switch encoding {
	case "numeric":
		return number
	case "marks":
		return markCode(label)
	case "digits":
		return digitCode(label, digits)
	}
	l, ok := parseLabel(label)
	if !ok {
		return nil
	}
	switch encoding {
	case "categorical":
		return func(v value.Value) (float64, bool) { return indicator(l.compare(v) == 0), true }
	case "steps":
		return func(v value.Value) (float64, bool) { return indicator(l.compare(v) >= 0), true }
	}
	return nil
}

// markCode is 1 in a set of values, which is written as {1 2 3}, or as
// {1 2 … 24 more} where it is long.
func markCode(text string) code {
	inner, ok := strings.CutSuffix(strings.TrimPrefix(text, "{"), "}")
	listed, rest, cut := strings.Cut(inner, " … ")
	cut = cut && strings.HasSuffix(rest, " more")
	if !ok || strings.ContainsAny(listed, `'"`) { // strings may hold spaces
		return nil
	}
	var set []label
	for _, word := range strings.Fields(listed) {
		l, ok := parseLabel(word)
		if !ok {
			return nil
		}
		set = append(set, l)
	}
	return func(v value.Value) (float64, bool) {
		for _, l := range set {
			if l.compare(v) == 0 {
				return 1, true
			}
		}
		return 0, !cut
	}
}

// oneDigit is how many labels are held by a single digit; of more there are two,
// to the smallest base that suffices.
const oneDigit = 128

// digitCode is a digit of the value's number among the output's labels.
func digitCode(text string, labels []value.Value) code {
	base := len(labels)
	if base == 0 {
		return nil
	}
	if base > oneDigit {
		base = int(math.Ceil(math.Sqrt(float64(len(labels)))))
	}
	digit := func(i int) int { return i % base }
	switch text {
	case "digit 0":
	case "digit 1":
		digit = func(i int) int { return i / base }
	default:
		return nil
	}
	return func(v value.Value) (float64, bool) {
		for i, l := range labels {
			if value.Equal(l, v) {
				return float64(digit(i)), true
			}
		}
		return 0, false
	}
}

func indicator(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// label is a value as the manifest spells it.
type label struct {
	text   string // of a string
	number float64
	string bool
}

// parseLabel reads a value that is spelled as Python's repr does. What stands for
// several values, such as '0 or 1', is none.
func parseLabel(s string) (label, bool) {
	switch {
	case s == "True":
		return label{number: 1}, true
	case s == "False":
		return label{}, true
	case len(s) > 1 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0]:
		inner := s[1 : len(s)-1]
		if s[0] == '\'' {
			inner = strings.ReplaceAll(strings.ReplaceAll(inner, `\'`, `'`), `"`, `\"`)
		}
		text, err := strconv.Unquote(`"` + inner + `"`)
		return label{text: text, string: true}, err == nil && !strings.Contains(text, " or ")
	}
	x, err := strconv.ParseFloat(s, 64)
	return label{number: x}, err == nil
}

// compare compares a value with the label's, in the order of values.
func (l label) compare(v value.Value) int {
	switch {
	case !v.IsString() && !v.IsNumber():
		return 1 // None and tuples come last
	case l.string && v.IsString():
		return strings.Compare(v.Text(), l.text)
	case l.string:
		return -1
	case v.IsString():
		return 1
	}
	return cmp.Compare(v.Rat().Float64(), l.number)
}
