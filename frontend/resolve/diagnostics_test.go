package resolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// marked cuts the expectations out of a test source: ` ### CODE CODE` at the end
// of a line says which diagnostics begin on it.
func marked(source string) (text string, want []string) {
	var lines []string
	for i, line := range strings.Split(source, "\n") {
		code, mark, _ := strings.Cut(line, " ### ")
		lines = append(lines, code)
		for _, c := range strings.Fields(mark) {
			want = append(want, fmt.Sprintf("%d %s", i+1, c))
		}
	}
	return strings.Join(lines, "\n"), want
}

func places(l diag.List) []string {
	var out []string
	for _, d := range l {
		out = append(out, fmt.Sprintf("%d %s", d.Primary.Pos().Line, d.Code))
	}
	return out
}

// TestDiagnostics checks what is reported on which line, and that one mistake
// leads to one report.
func TestDiagnostics(t *testing.T) {
	tests := map[string]string{
		"names": `
a = nosuch; ### E0401
b = a + 1;
c = d; ### E0401
tokens_str = 1; ### E0402
out = 1; ### E0402
length = 1; ### E0402
for full_s in [1] { x = 1; } ### E0402
range = 1; ### E0402
x, sort = 1, 2; ### E0402
y = x;
def get() { return 1; } ### E0402
def f(True) { return 1; } ### E0402
g = [indices for indices in [1]]; ### E0402
tokens = tokens_int;
select = 1;`,
		"shadowing the library": `
def f(max, min) { length = max; return length; } ### W0301 W0301 W0301
a = f(1, 2) + f(3, 4);
b = [count for count in [1]]; ### W0301`,
		"calls": `
def f(a, b) { return a + b; }
a = f(1); ### E0403
b = f(1, 2, 3); ### E0403
c = contains(tokens); ### E0403
d = tokens("a", "b"); ### E0403
e = 1(2); ### E0404
g = [f][0](1, 2);`,
		"errors inside functions": `
def f(x) {
  y = x - "a"; ### E0801
  return y;
}
a = f(1);
b = f(1);
c = sort(tokens, full_s); ### E0506
def g(x) { return shift(x, 1, tokens); } ### E0505
d = g(tokens);`,
		"selectors": `
s = select(tokens, tokens, ==);
a = s + 1; ### E0501
b = s == s; ### E0501
c = s and True; ### E0502
d = tokens or s; ### E0502
e = s and not s;
f = -s; ### E0801
g = round(s); ### E0501
h = indicator(s); ### E0503
i = 1 if s else 2; ### E0501
j = s if indices else 1; ### E0501
k = s[0]; ### E0511
l = select(s, 1, ==); ### E0506
m = aggregate(s, s); ### E0506
n = s in [1]; ### E0512
o = selector_width(tokens); ### E0504
p = {s: 1}; ### E0510`,
		"s-ops": `
a = [1] + tokens; ### E0801
b = tokens == [1]; ### W0303
c = tokens and [1];
d = indicator(3); ### E0503
e = tokens["x"]; ### E0603
f = tokens[indices]; ### E0603
g = tokens[1.0]; ### E0603
h = [1, [2]][indices]; ### E0514
i = {"a": tokens}[tokens]; ### E0514
j = tokens in {"a": 1}; ### E0512
k = tokens in [[1]]; ### E0512
l = "a" in "abc"; ### E0512
m = aggregate(full_s, tokens, tokens); ### E0505
n = aggregate(tokens, tokens); ### E0504
o = "%s" % tokens; ### E0805
p = [1] if tokens == "a" else 2; ### E0514
q = count(full_s, 1); ### E0501
r = tokens < [1]; ### E0801`,
		"applications": `
a = tokens("abc");
b = a + 1; ### E0518
c = -tokens("abc"); ### E0518
d = a[0]; ### E0518
e = [1][a]; ### E0518
f = select(a, 1, ==); ### E0518
g = 1 if a else 2; ### E0518
h = tokens(5); ### E0513
i = tokens(""); ### E0513
j = tokens([]); ### E0513
k = tokens([[1]]); ### E0513
l = full_s({"a": 1});
m = a in [1]; ### E0518`,
		"plain values": `
a = "a" - "b"; ### E0801
b = 1 / 0; ### E0802
c = 1 % 0; ### E0802
d = 0 ^ -1; ### E0802
e = 2 ^ 0.5; ### E0803
f = (-8) ^ 0.5; ### E0803
g = "%d" % "x"; ### E0805
h = "%s %s" % [1, 2]; ### E0805
i = [1] * 1.5; ### E0801
j = [1] + "a"; ### E0801
k = -"a"; ### E0801
l = round("a"); ### E0801
m = 1 < "a"; ### E0801
n = [1] < [2]; ### E0801
o = [1, 2][5]; ### E0601
p = "ab"[-3]; ### E0601
q = [1][0.0]; ### E0511
r = {"a": 1}["b"]; ### E0602
s = {"a": 1}[[1]]; ### E0511
t = 3[0]; ### E0511
u = {[1]: 2}; ### E0510
v = range("3"); ### E0507
w = range(1, 2, 3, 4); ### E0507
x = range(1, 5, 0); ### E0801
y = zip([1], [1, 2]); ### E0507
z = len("abc"); ### E0507`,
		"iteration": `
for c in "abc" { a = c; } ### E0508
for t in tokens { a = t; } ### E0508
for a, b in [[1, 2, 3]] { c = a; } ### E0509
for a, b in [1] { c = a; } ### E0509
for a, b in [{1: 2, 3: 4}] { c = a; } ### E0509
d = [x for x in 5]; ### E0508
e = [p for p, q in [indices]]; ### E0509
f, g = 1, 2, 3; ### E0509
h, i = 5; ### E0804
j, k = indices; ### E0804
l, m = {1: 2, 3: 4};
n, o = "xy";`,
		"console": `
draw(tokens); ### W0302
draw(full_s); ### E0515
draw(tokens, 5); ### E0513
set example 5 ### E0516
set example "" ### E0516
set example "ab"
show example
examples off
full seq display on
exit
a = nosuch;`,
		"unused functions are not run": `
def f(x) { return nosuch; }
def g(x) { return f(x); }`,
		"a loop that fails poisons its names": `
for i in [1, 0] { a = 1 / i; b = i; } ### E0802
c = a + b + i;`,
		"limits end the run": `
def f(x) { return f(x) + f(x); }
for i in range(1000000) { for j in range(1000) { a = i; } } ### E0902
b = nosuch;`,
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			text, want := marked(source)
			_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
			if d := cmp.Diff(want, places(list)); d != "" {
				t.Errorf("diagnostics differ (-want +got):\n%s", d)
				for _, d := range list {
					t.Log(d)
				}
			}
		})
	}
}

func TestMessages(t *testing.T) {
	tests := []struct{ text, message, help string }{
		{"a = tokns;", "undefined variable `tokns`", "did you mean `tokens`?"},
		{"a = true;", "undefined variable `true`", "the truth values are `True` and `False`"},
		{"a = select (tokens);", "undefined variable `select`", "write `select(` without a blank before the parenthesis"},
		{"f = 1; a = f(2);", "the int 1 cannot be called", ""},
		{"s = full_s; a = s + 1;", "`+` does not apply to selectors", "selectors are combined with `and`, `or` and `not`"},
		{"a = {\"x\":1, \"y\":2}[\"z\"];", "the key \"z\" is not in the dict", ""},
		{"t = tokens; a = t in t;", "the right side of `s-op in …` must be a list of atoms, got the s-op `t`", ""},
		{"a = 2^0.5;", "2 to the power 1/2 is not a rational number",
			"numbers are exact here; use a power whose result is a fraction, or a table such as {4: 2.0}[x]"},
	}
	for _, tt := range tests {
		_, list := resolve.Run(diag.NewSource("t.rasp", tt.text), resolve.Options{})
		if len(list) != 1 || list[0].Message != tt.message || list[0].Help != tt.help {
			t.Errorf("%q: got %v, help %q", tt.text, list, list[0].Help)
		}
	}
}

// TestCallTrace checks how an error inside a function is traced back.
func TestCallTrace(t *testing.T) {
	text := "def f(x) { return x - \"a\"; }\ndef g(x) { return f(x); }\na = g(1);\nb = max(1, \"a\");\n"
	_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"--> t.rasp:1:19", "---- in this call of `f`", "---- in this call of `g`",
		"--> t.rasp:4:5", "^^^^^^^^^^^", "note: in the library function `max`",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "<library>") {
		t.Errorf("shows library text:\n%s", b.String())
	}
}

// inputDependent are the codes that only an input can bring about; the
// interpreter reports them.
var inputDependent = []diag.Code{diag.MixedSequence, diag.MeanOfNonNums, diag.TokenParse}

// TestExamples runs the example of every code in the table.
func TestExamples(t *testing.T) {
	for _, info := range diag.Codes() {
		if info.Example == "" || info.Code >= "E1000" && info.Code < "W" || slices.Contains(inputDependent, info.Code) {
			continue
		}
		_, list := resolve.Run(diag.NewSource("example.rasp", info.Example), resolve.Options{Read: missing})
		found := slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Code == info.Code })
		if !found {
			t.Errorf("%s: %q gives %v", info.Code, info.Example, list)
		}
	}
}
