package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
)

// marked cuts the expectations out of a test source: ` ### CODE CODE` at the end
// of a line says which diagnostics begin on it.
func marked(source string) (text string, want []string) {
	var lines []string
	for i, line := range strings.Split(source, "\n") {
		code, mark, found := strings.Cut(line, " ### ")
		lines = append(lines, code)
		if !found {
			continue
		}
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
	slices.SortStableFunc(out, func(a, b string) int {
		var x, y int
		fmt.Sscan(a, &x)
		fmt.Sscan(b, &y)
		return x - y
	})
	return out
}

// TestDiagnostics checks what is reported, on which line, and that reading goes
// on behind it.
func TestDiagnostics(t *testing.T) {
	tests := map[string]string{
		"several errors a run": `
a = 1 ### E0201
b = (2; ### E0204
c = 3;
d = [1,,2]; ### E0203
e = 'x'; ### E0101
f = 1 2; ### E0202
g = 4 ### E0201`,
		"errors inside bodies": `
def f(x) {
  y = x + ; ### E0203
  z = {"a":1; ### E0204
  w = 1;
  return w ### E0201
}
def g { return 1 + ; } ### E0202 E0203
for i [1] { a = ); } ### E0202 E0203
h = 1 + ; ### E0203`,
		"missing semicolon before a brace": `
def f(x) { return x } ### E0201
for i in [1] { a = i } ### E0201
b = 2;`,
		"foreign blocks are skipped whole": `
if True { ### E0210
  a = 1 2 3;
}
while True { a = ; } ### E0210
b = 1 2; ### E0202`,
		"foreign words are names where they can be": `
print = 1;
a = print + 1;
while(a);`,
		"names": `
def in(x) { return x; } ### E0209
def f(x, on) { return x; } ### E0209
def g(x, x) { return x; } ### E0405
for 1 in [1] { a = 1; } ### E0202
a[0] = 1; ### E0202
f(a) = 1; ### E0202
a, b; ### E0202`,
		"returns": `
return 3; ### E0206
def f(x) { return x; y = 1; } ### E0206
def g(x) { for i in x { return i; } return x; } ### E0206
def h(x) { return x; return x; } ### E0206
def k(x) { y = x; } ### E0206`,
		"console statements": `
examples on; ### E0208
set example "a" + ; ### E0203
def f(x) { show example return x; } ### E0207
set = 1; ### E0209
; ### E0208
full seq display maybe ### E0202
b = 1;
a = 1;; ### E0208`,
		"braces": `
} ### E0202
a = {1:2, 3}; ### E0202
b = {1:2; ### E0204
def f(x) { return x;
 ### E0204`,
		"comments behind code": `
a = 1; # fine
# fine
a = [1, # not here ### E0205
2];
a = [1,
# an own line is fine
2]; # fine
def f(x) { # fine
  # fine
  y = x; # fine
  return y; # fine
} # fine
for i in [1] { # fine
  a = i; # fine
} # fine
set example "a" # fine
a = 1 # forgotten: ### E0201
b = 2;`,
		"pragmas": `
#: tokens = int
#: vocab = [-1, 2.5, "a", True]
#: vocab = 0..9
#: vocab = "abc" # with a comment
#: encode x = numerical
#: assume one_hot s
#: vocabulary = 3 ### E0301
#: max_len 7 ### E0302
#: max_len = ### E0302
#: max_len = 7 8 ### E0302
#: vocab = [1, ### E0302
#: vocab = 0..x ### E0302
#: assume ### E0302
#: vocab = [1,] ### E0212
#: vocab = 'ab' ### E0101
a = 1; #: max_len = 7 ### W0102`,
		"traps": `
a = not x == 1; ### W0201
a = not (x == 1);
a = (not x) == 1;
a = x or y and z; ### W0202
a = x and y or z;
a = x or (y and z);
a = 0 < x < 3; ### W0203
a = (0 < x) < 3;
a = not x in l; ### W0204
a = not (x in l);
a = 1 if x else 2 if y else 3; ### W0205
a = 1 if x else (2 if y else 3);
a = x in l and y; ### W0206
a = (x in l) and y;
a = x == y in l; ### W0206
a = x != y; ### W0101
a = select(x, y, !=);`,
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			text, want := marked(source)
			_, list := parse(text)
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
		{"#: vocba = 3\n", "unknown pragma `vocba`", "did you mean `vocab`?"},
		{"a = 1 not in [1];", "RASP has no `not in`", "write `not (x in l)`"},
		{"a = not b == c;", "`not` binds tighter than `==`", "write `not (b == c)`"},
		{"a = x or y and z;", "`and` does not bind tighter than `or`", "write `x or (y and z)`, or the parentheses that are meant"},
		{"a = 1 if p else 2 if q else 3;", "chained conditionals associate to the left", "write `1 if p else (2 if q else 3)`"},
		{"a = .5;", "a float needs digits before the point", "write `0.5`"},
		{"a = “x”;", "strings are not written so", "strings are written with plain double quotes: \"…\""},
	}
	for _, tt := range tests {
		_, list := parse(tt.text)
		if len(list) == 0 {
			t.Errorf("%q: no diagnostics", tt.text)
			continue
		}
		if d := list[0]; d.Message != tt.message || d.Help != tt.help {
			t.Errorf("%q: got %q, help %q", tt.text, d.Message, d.Help)
		}
	}
}

func TestLimits(t *testing.T) {
	tests := map[string]struct {
		text string
		code diag.Code
	}{
		"parentheses":   {"a = " + strings.Repeat("(", 100_000) + "1;", diag.NestingTooDeep},
		"prefixes":      {"a = " + strings.Repeat("not ", 100_000) + "1;", diag.NestingTooDeep},
		"brackets":      {strings.Repeat("[", 100_000), diag.NestingTooDeep},
		"calls":         {strings.Repeat("f(", 100_000), diag.NestingTooDeep},
		"blocks":        {strings.Repeat("for i in l {", 50_000), diag.NestingTooDeep},
		"conditionals":  {"a = " + strings.Repeat("1 if ", 100_000) + ";", diag.NestingTooDeep},
		"chain":         {"a = 1" + strings.Repeat("+1", 100_000) + ";", diag.NestingTooDeep},
		"indexings":     {"a = b" + strings.Repeat("[0]", 100_000) + ";", diag.NestingTooDeep},
		"too large":     {strings.Repeat("#", MaxSource+1), diag.SourceTooLarge},
		"invalid UTF-8": {"a = \"\xff\";", diag.NotUTF8},
	}
	for name, tt := range tests {
		_, list := parse(tt.text)
		if len(list) == 0 || list[0].Code != tt.code {
			t.Errorf("%s: got %v, want %s first", name, list, tt.code)
		}
	}
	if _, list := parse(strings.Repeat("a = ;\n", 10_000)); len(list) > maxErrors {
		t.Errorf("%d errors reported, want at most %d", len(list), maxErrors)
	}
	if _, list := parse("a = 1" + strings.Repeat("+1", 3000) + ";"); list.HasErrors() {
		t.Errorf("a chain of 3000 operators is refused: %v", list)
	}
}

// TestSizeLimitPlace keeps the error about a large file from quoting the file.
func TestSizeLimitPlace(t *testing.T) {
	var b strings.Builder
	_, list := parse(strings.Repeat("x", MaxSource+1))
	if err := diag.WriteText(&b, list, diag.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 500 {
		t.Errorf("rendering has %d bytes", b.Len())
	}
}
