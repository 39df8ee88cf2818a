package values_test

import "testing"

// TestProgramsLookBack tells programs that mean the same under causal attention.
func TestProgramsLookBack(t *testing.T) {
	for text, want := range map[string]bool{
		"x = tokens;": true,
		"x = selector_width(select(indices, indices, <=));":                                            true,
		"x = selector_width(select(indices, indices, <));":                                             true,
		"x = aggregate(select(indices, indices - 1, ==), tokens);":                                     true,
		"x = aggregate(select(indices, 0, ==), tokens);":                                               true,
		"x = aggregate(select(indices, indices / 2, <=), indices);":                                    true,
		"x = selector_width(select(tokens, tokens, ==) and select(indices, indices, <));":              true,
		"x = selector_width(select(indices, indices, <) or select(indices, indices, ==));":             true,
		"x = selector_width(not select(indices, indices, >));":                                         true,
		"x = aggregate(select(indices, indices, <=), indices) * (indices + 1);":                        true,
		"h = selector_width(select(indices, indices, <=)); x = selector_width(select(indices, h, <));": false, // it is the position plus one, which is not known
		"x = length;": false,
		"x = selector_width(select(tokens, tokens, ==));":                                false,
		"x = aggregate(select(indices, 1, ==), tokens);":                                 false,
		"x = aggregate(select(indices, indices + 1, ==), tokens);":                       false,
		"x = selector_width(select(indices, indices, <=) or select(tokens, \"a\", ==));": false,
		"x = selector_width(not select(indices, indices, <));":                           false,
		"x = aggregate(select(indices, indices, <=), length);":                           false,
		"x = aggregate(select(indices, length - 1, ==), tokens);":                        false,
		"x = aggregate(full_s, indices) * length;":                                       false,
	} {
		p := parse(t, letters+text)
		if got := p.infer(t).LooksBack(); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
