package resolve_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// TestRunaway feeds programs that would not end, or not fit, without limits.
func TestRunaway(t *testing.T) {
	doubling := func(n int, stmt string) string { return strings.Repeat(stmt+"\n", n) }
	tests := map[string]struct {
		text string
		code diag.Code
	}{
		"recursion":          {"def f(x) { return f(x); } a = f(1);", diag.RecursionLimit},
		"mutual recursion":   {"def f(x) { return g(x); } def g(x) { return f(x)+1; } a = f(1);", diag.RecursionLimit},
		"recursion in loops": {"def f(x) { for i in [1] { y = f(x); } return y; } a = f(1);", diag.RecursionLimit},
		"wide recursion":     {"def f(n) { return 0 if n==0 else f(n-1)+f(n-1); } a = f(40);", diag.StepLimit},
		"recursion through high expressions": {
			"def f(x) { return f(x)" + strings.Repeat("+1", 3000) + "; } a = f(1);", diag.RecursionLimit,
		},
		"nested loops":      {"for i in range(1000000) { for j in range(1000) { a = j; } }", diag.StepLimit},
		"huge range":        {"a = range(10^30);", diag.SizeLimit},
		"range of ranges":   {"a = [range(1000000) for i in range(1000)];", diag.StepLimit},
		"tower":             {"a = 10^(10^10);", diag.SizeLimit},
		"squares":           {"a = 3;\n" + doubling(40, "a = a*a;"), diag.SizeLimit},
		"fractions":         {"a = 3/7;\n" + doubling(40, "a = a*a;"), diag.SizeLimit},
		"text repetition":   {"a = \"ab\"*10^12;", diag.SizeLimit},
		"text doubling":     {"a = \"ab\";\n" + doubling(40, "a = a+a;"), diag.SizeLimit},
		"list repetition":   {"a = [1]*10^12;", diag.SizeLimit},
		"list doubling":     {"a = [1];\n" + doubling(40, "a = a+a;"), diag.SizeLimit},
		"shared equality":   {"a = [1]; b = [1];\n" + doubling(60, "a = [a,a]; b = [b,b];") + "c = a == b;", diag.StepLimit},
		"shared formatting": {"a = [\"" + strings.Repeat("x", 1000) + "\"];\n" + doubling(60, "a = [a,a];") + "c = \"%s\" % a;", diag.SizeLimit},
		"deep list":         {"a = [1]; b = [1];\nfor i in range(100000) { a = [a]; b = [b]; } c = a == b;", diag.RecursionLimit},
		"deep formatting":   {"a = [1];\nfor i in range(100000) { a = [a]; } c = \"%s\" % a;", diag.RecursionLimit},
		"zip of many":       {"a = range(1000000); b = zip(a,a,a,a,a,a,a);", diag.SizeLimit},
		"graph":             {"a = indices;\nfor i in range(1000000) { a = a+i; }", diag.GraphLimit},
		"large tables":      {"a = range(1000000);\nfor i in range(1000) { b = (indices+i) in a; }", diag.StepLimit},
		"digits":            {"a = " + strings.Repeat("9", 500_000) + ";", diag.SizeLimit},
		"big numbers":       {"a = 3^40000; b = 0;\nfor i in range(1000000) { b = a*i+b; }", diag.StepLimit},
		"long texts":        {"a = \"ab\"*500000; b = 0;\nfor i in range(1000000) { b = a+\"x\"; }", diag.StepLimit},
		"string iteration":  {"a = \"ab\"*500000;\nfor i in range(1000000) { b = a[i]; }", diag.StepLimit},
		"dict keys":         {"d = {i:i for i in range(100000)};\nfor i in range(1000000) { for k in d { x = k; } }", diag.StepLimit},
		"encodings":         {"for i in range(1000000) { a = numerical(indices+i); }", diag.GraphLimit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			defer time.AfterFunc(time.Minute, func() { panic(name + " hangs") }).Stop()
			_, list := resolve.Run(diag.NewSource("t.rasp", tt.text), resolve.Options{})
			errs := list.Errors()
			if len(errs) == 0 || errs[0].Code != tt.code {
				t.Errorf("got %v, want %s", list, tt.code)
			}
			if len(errs) > 1 {
				t.Errorf("further errors: %v", errs[1:])
			}
		})
	}
}

// TestManyFailures: after so many failures a program does not go on, nor do the
// pragmas that speak of its names.
func TestManyFailures(t *testing.T) {
	const most = 50
	var pragmas strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&pragmas, "#: encode nosuch%d = numerical\n", i)
	}
	names := strings.Repeat("x = nosuch;\n", 10)
	tests := map[string]string{
		"statements":      strings.Repeat(names, 100),
		"in a loaded one": strings.Repeat("load \"bad\";\n", 1000),
		"pragmas":         pragmas.String() + "a = indices;",
		"a limit": "#: encode a = numerical\n#: output = a\nfor i in range(1000000) { for j in range(1000) { a = j; } }\n" +
			"a = indices;",
	}
	for name, text := range tests {
		read := func(string) (string, error) { return names, nil }
		_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{Read: read})
		want := map[string]int{"statements": most, "in a loaded one": 10, "pragmas": most, "a limit": 1}[name]
		if errs := list.Errors(); len(errs) != want {
			t.Errorf("%s: %d errors, want %d: %v", name, len(errs), want, errs)
		}
	}
}

// TestDeepScopes: names that are looked up through many scopes cost more than
// others.
func TestDeepScopes(t *testing.T) {
	const steps = 100_000
	program := func(depth int) string {
		var b strings.Builder
		b.WriteString("q = 1;\n")
		for i := range depth {
			fmt.Fprintf(&b, "def f%d() {\n", i)
		}
		b.WriteString("for i in range(10000) { q; q; }\n")
		for i := range depth {
			if i == 0 {
				b.WriteString("return 1; }\n")
			} else {
				fmt.Fprintf(&b, "return f%d(); }\n", depth-i)
			}
		}
		return b.String() + "a = f0();"
	}
	for depth, ok := range map[int]bool{1: true, 400: false} {
		_, list := resolve.RunWithin(steps, diag.NewSource("t.rasp", program(depth)), resolve.Options{})
		if list.HasErrors() == ok {
			t.Errorf("depth %d: %v", depth, list)
		}
	}
}

// TestLongTexts: messages do not repeat long texts in full.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("b", 10_000)
	for name, text := range map[string]string{
		"pattern": "#: vocab = \"ab\"\n#: inputs = \"" + strings.Repeat("(", 10_000) + "\"\na = tokens;",
		"string":  "a = -\"" + long + "\";",
		"name":    long[1:] + "c = 1;\na = " + long + ";",
	} {
		_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
		if errs := list.Errors(); len(errs) != 1 || len(errs[0].Message+errs[0].Help+strings.Join(errs[0].Notes, "")) > 400 {
			t.Errorf("%s: %.500v", name, list)
		}
	}
}

// TestLongLine: finding a place in a long line does not take the time to read
// the line.
func TestLongLine(t *testing.T) {
	defer time.AfterFunc(time.Minute, func() { panic("a loop behind a long text hangs") }).Stop()
	text := "\"" + strings.Repeat("x", 1_000_000) + "\"; for i in range(300000) { a = indices + 1; }"
	if _, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{}); list.HasErrors() {
		t.Error(list)
	}
}

// TestMaxSteps lowers the limit on steps, and does not raise it.
func TestMaxSteps(t *testing.T) {
	const text = "a = 0;\nfor i in range(1000) { a = a + i; }\nb = indices + a;"
	for steps, fits := range map[int]bool{0: true, 100: false, 100_000: true, 10_000_000: true} {
		_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{MaxSteps: steps})
		if list.HasErrors() == fits || !fits && list[0].Code != diag.StepLimit {
			t.Errorf("with %d steps it gives %v", steps, list)
		}
	}
	_, list := resolve.Run(diag.NewSource("t.rasp", strings.Replace(text, "1000", "1000000", 1)+"\nfor i in range(1000000) { a = 1; b = 2; c = 3; }"), resolve.Options{MaxSteps: 10_000_000})
	if !list.HasErrors() || list[0].Code != diag.StepLimit {
		t.Errorf("with more steps than usual it gives %v", list)
	}
}
