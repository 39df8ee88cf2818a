package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

// show writes the settings that are set, in a fixed order.
func show(s resolve.Settings) string {
	var parts []string
	add := func(set bool, format string, args ...any) {
		if set {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	var tokens []string
	for _, v := range s.Vocab.Value {
		tokens = append(tokens, v.Repr())
	}
	add(s.Tokens.Set, "tokens=%s", s.Tokens.Value)
	add(s.Vocab.Set, "vocab=%s", strings.Join(tokens, ","))
	add(s.MaxLen.Set, "max_len=%d", s.MaxLen.Value)
	add(s.BOS.Set, "bos=%s", s.BOS.Value.Repr())
	add(s.Causal.Set, "causal=%v", s.Causal.Value)
	add(s.Output.Set, "output=%s", s.Output.Value)
	add(s.Inputs.Set, "inputs=%s", s.Inputs.Value)
	return strings.Join(parts, " ")
}

func TestSettings(t *testing.T) {
	tests := []struct {
		pragmas, flags, want string
	}{
		{"", "", ""},
		{"tokens = int; vocab = 0..3", "", "tokens=tokens_int vocab=0,1,2,3"},
		{"tokens = int; vocab = -2..1", "", "tokens=tokens_int vocab=-2,-1,0,1"},
		{"tokens = float; vocab = [0, 0.5, -1.25]", "", "tokens=tokens_float vocab=0.0,0.5,-1.25"},
		{"tokens = bool; vocab = [True, False]", "", "tokens=tokens_bool vocab=True,False"},
		{"vocab = \"aé日\"", "", "vocab='a','é','日'"},
		{"vocab = [\"ab\", \"c\"]; bos = \"§\"", "", "vocab='ab','c' bos='§'"},
		{"max_len = 007", "", "max_len=7"},
		{"max_len = 65536; causal = on; output = a", "", "max_len=65536 causal=true output=a"},
		{"inputs = \"(a|b)*\"", "", `inputs=\A(?:(a|b)*)\z`},
		{"tokens = str; vocab = \"ab\"; max_len = 3", "vocab = [\"x\"]; max_len = 9; causal = off",
			"tokens=tokens_str vocab='x' max_len=9 causal=false"},
		{"vocab = 0..3", "tokens = int", "tokens=tokens_int vocab=0,1,2,3"},
	}
	for _, tt := range tests {
		opts := resolve.Options{}
		if tt.flags != "" {
			for _, f := range strings.Split(tt.flags, "; ") {
				opts.Overrides = append(opts.Overrides, resolve.Override{Flag: "--flag", Text: f})
			}
		}
		p, list := resolve.Run(diag.NewSource("t.rasp", pragmaLines(tt.pragmas)+"a = tokens;"), opts)
		if list.HasErrors() {
			t.Errorf("%q %q: %v", tt.pragmas, tt.flags, list)
			continue
		}
		if got := show(p.Settings); got != tt.want {
			t.Errorf("%q %q: %s, want %s", tt.pragmas, tt.flags, got, tt.want)
		}
	}
}

// pragmaLines turns "a = 1; b = 2" into pragma lines.
func pragmaLines(s string) string {
	if s == "" {
		return ""
	}
	return "#: " + strings.ReplaceAll(s, "; ", "\n#: ") + "\n"
}

func TestBadSettings(t *testing.T) {
	tests := map[string]diag.Code{
		"tokens = text":                      diag.BadPragmaValue,
		"tokens = \"int\"":                   diag.BadPragmaValue,
		"vocab = 3":                          diag.BadPragmaValue,
		"vocab = []":                         diag.BadPragmaValue,
		"vocab = \"\"":                       diag.BadPragmaValue,
		"vocab = [a]":                        diag.BadPragmaValue,
		"vocab = 5..2":                       diag.BadPragmaValue,
		"vocab = 0..70000":                   diag.BadPragmaValue,
		"vocab = 0..99999999999999999999999": diag.BadPragmaValue,
		"vocab = 1.5..2":                     diag.MalformedPragma,
		"vocab = \"aba\"":                    diag.RepeatedToken,
		"vocab = [1, 2, 1.0]":                diag.RepeatedToken,
		"vocab = [True, 1]":                  diag.RepeatedToken,
		"vocab = [\"a\", \"a\"]":             diag.RepeatedToken,
		"vocab = 0..9":                       diag.TokenKindClash,
		"vocab = [\"a\", 1]":                 diag.TokenKindClash,
		"tokens = int; vocab = \"01\"":       diag.TokenKindClash,
		"tokens = int; vocab = [1.0]":        diag.TokenKindClash,
		"tokens = bool; vocab = [0, 1]":      diag.TokenKindClash,
		"tokens = float; vocab = [True]":     diag.TokenKindClash,
		"tokens = int; bos = \"§\"":          diag.TokenKindClash,
		"max_len = 0":                        diag.BadMaxLen,
		"max_len = -3":                       diag.BadMaxLen,
		"max_len = 1000000000":               diag.BadMaxLen,
		"max_len = 99999999999999999999999":  diag.BadMaxLen,
		"max_len = 2.0":                      diag.BadPragmaValue,
		"max_len = many":                     diag.BadPragmaValue,
		"max_len = 1..3":                     diag.BadPragmaValue,
		"bos = [1]":                          diag.BadPragmaValue,
		"bos = x":                            diag.BadPragmaValue,
		"causal = yes":                       diag.BadPragmaValue,
		"output = \"a\"":                     diag.BadPragmaValue,
		"output = nosuch":                    diag.UnknownTarget,
		"output = n":                         diag.OutputNotSOp,
		"inputs = a":                         diag.BadPragmaValue,
		"inputs = \"a(b\"":                   diag.BadInputsPattern,
		"inputs = \"a)|(b\"":                 diag.BadInputsPattern,
		"inputs = \"\\Qab\"":                 diag.BadInputsPattern,
		"vocab = \"ab\"; max_len = 3; inputs = \"a{4}\"":            diag.NoInputs,
		"vocab = \"ab\"; max_len = 3; inputs = \"\"":                diag.NoInputs,
		"vocab = [\"a\", \"in\"]; max_len = 3; inputs = \"ain\"":    diag.NoInputs,
		"vocab = \"ab\"; max_len = 3; bos = \"§\"; inputs = \"a*\"": diag.NoInputs,
		"vocab = \"ab\"; max_len = 3; bos = 1; inputs = \"1\"":      diag.TokenKindClash,
		"max_len = 1; max_len = 1":                                  diag.RepeatedPragma,
		"vocabs = 1":                                                diag.UnknownPragma,
		"vocab":                                                     diag.MalformedPragma,
	}
	for pragmas, code := range tests {
		text := pragmaLines(pragmas) + "n = 3; a = tokens;"
		_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
		if len(list) != 1 || list[0].Code != code {
			t.Errorf("%q: %v, want %s", pragmas, list, code)
		}
	}
}

// TestOverrideErrors checks that a wrong flag is reported under its own name.
func TestOverrideErrors(t *testing.T) {
	opts := resolve.Options{Overrides: []resolve.Override{{Flag: "--max-len", Text: "max_len = 0"}}}
	_, list := resolve.Run(diag.NewSource("t.rasp", "a = tokens;"), opts)
	if len(list) != 1 || list[0].Primary.String() != "--max-len:1:11" {
		t.Errorf("%v", list)
	}
}

// TestTokensKind checks that `tokens` starts as the kind that is asked for and
// stays an ordinary variable.
func TestTokensKind(t *testing.T) {
	for kind, want := range map[string]string{"str": "tokens_str", "int": "tokens_int", "float": "tokens_float", "bool": "tokens_bool"} {
		p := run(t, "#: tokens = "+kind+"\na = tokens;\nb = tokens_asis;\n tokens = 1;")
		if got := p.Graph.Node(nodeOf(t, p, "a")).Read.String(); got != want {
			t.Errorf("%s: tokens reads %s", kind, got)
		}
		if v, _ := p.Eval("tokens"); v != (resolve.Atom{Value: value.IntOf(1)}) {
			t.Errorf("%s: tokens is %v", kind, v)
		}
	}
}
