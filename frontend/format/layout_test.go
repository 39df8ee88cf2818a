package format_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layouts are programs with their canonical layout.
var layouts = map[string]struct{ text, want string }{
	"blanks": {
		"a=  1 ;b , c=[ 1,2 ],-x;\tf( a,b ) [0] (c);d=a if b else c;\n",
		"a = 1;\nb, c = [1, 2], -x;\nf(a, b)[0](c);\nd = a if b else c;\n",
	},
	"every statement": {
		"def f(a,b){c=a;return c,b;} for i,j in l{a=i;} load\"p\"; draw (a,\"x\");\n" +
			"set  s-op   example [ 1 ]\nset example a\nshow selector  example\nexamples on\ns-op examples off\nfull seq display off\nquit()\nexit",
		"def f(a, b) {\n  c = a;\n  return c, b;\n}\nfor i, j in l { a = i; }\nload \"p\";\ndraw(a, \"x\");\n" +
			"set s-op example [1]\nset example a\nshow selector example\nexamples on\ns-op examples off\nfull seq display off\nquit()\nexit\n",
	},
	"every expression": {
		"x = round (indicator( a ))+len( l )*range(1,2)^zip( a,b );\n" +
			"y={ \"a\" :1,2:b };z = [i for i ,j in {k:v for k in l}] + [ ] + [{ }];\n" +
			"s=not select( a,b,!= )and+aggregate( s,v )==aggregate(s,v,0.50)or \"a\"in l;\n",
		"x = round(indicator(a)) + len(l) * range(1, 2) ^ zip(a, b);\n" +
			"y = {\"a\": 1, 2: b};\nz = [i for i, j in {k: v for k in l}] + [] + [{}];\n" +
			"s = not select(a, b, !=) and +aggregate(s, v) == aggregate(s, v, 0.50) or \"a\" in l;\n",
	},
	"literals keep their spelling": {
		"a = 007 + 1.50 + \"a\\  # b\";",
		"a = 007 + 1.50 + \"a\\  # b\";\n",
	},
	"lists of literals": {
		"a = [\n(1), -(2.5),- 3 ,\"x\"]; b = [\n-(a), 1];",
		"a = [\n  1, -2.5, -3, \"x\"\n];\nb = [\n  -a,\n  1\n];\n",
	},
	"nothing":            {" \n\n", ""},
	"line ends and mark": {"\uFEFFa;\r\n\r\n\r\rb;\r# c\r\n", "a;\n\nb;\n# c\n"},
	"blank lines": {
		"\n\n# top\n\n\n\na;\n\nb;\ndef f() {\n\n\n  a;\n\n\n  return b;\n\n}\n\n\n# end\n\n",
		"# top\n\na;\n\nb;\ndef f() {\n  a;\n\n  return b;\n}\n\n# end\n",
	},
	"comments": {
		"a; # one\nlonger; #two  \n\nb; # three\ndef f(x) {# four\n  # five\n y = x;  # six\n  return y; # seven\n # eight\n} # nine\n   # ten\n",
		"a;       # one\nlonger;  #two\n\nb;          # three\ndef f(x) {  # four\n  # five\n  y = x;     # six\n  return y;  # seven\n  # eight\n}  # nine\n# ten\n",
	},
	"pragmas keep their alignment": {
		"  #: vocab   = [1,  2]   # both\n#: max_len = 3\na; #: tokens = int\n",
		"#: vocab   = [1,  2]   # both\n#: max_len = 3\na;  #: tokens = int\n",
	},
	"comments inside": {
		"a = f(1,\n# two\n2\n# behind\n) + -\n# minus\nb\n;\nc = [\n# none\n];\nd = {1: 2,\n\n# three\n3: 4};\ne = b\n# and\nand c;\n",
		"a = f(\n  1,\n  # two\n  2\n  # behind\n)\n  # minus\n  + -b;\n# none\nc = [];\nd = {\n  1: 2,\n  # three\n  3: 4\n};\ne = b\n  # and\n  and c;\n",
	},
	"comments in headers": {
		"def f(a,\n# b\nb)\n# body\n{ return a; }\nfor\n# i\ni in l { a = i; }\n",
		"def f(\n  a,\n  # b\n  b\n  # body\n) {\n  return a;\n}\n# i\nfor i in l {\n  a = i;\n}\n",
	},
	"bodies on one line": {
		"def f(x) { return x; }\ndef g(x) {\n  return x; }\ndef h(x) { y = x; return y; }\nfor i in l { def k() { return i; } }\n" +
			"def wide(first_parameter, second_parameter) { return first_parameter + second_parameter + 12345678901; }\n",
		"def f(x) { return x; }\ndef g(x) {\n  return x;\n}\ndef h(x) {\n  y = x;\n  return y;\n}\nfor i in l {\n  def k() { return i; }\n}\n" +
			"def wide(first_parameter, second_parameter) {\n  return first_parameter + second_parameter + 12345678901;\n}\n",
	},
	"names that would be glued to their parenthesis": {
		"def zip  (range, len) { a = range\n(1.5); return (len)(a)[zip (1, 2)]; }\n",
		"def zip (range, len) {\n  a = range (1.5);\n  return len (a)[zip (1, 2)];\n}\n",
	},
	"parentheses that nobody needs": {
		"a = ((1)) + (f)((x)) + (-y) * (a[(0)]) - (b * c) % d;\nb = (a == 1) and (not c) and (d if e else f);\nc = (not (a)) if (x and y) else (z);\n" +
			"d = [(a), {(1): (2)}]; for i in (l) { (x); }\ndef f() { return (a), (b and c); }\n",
		"a = 1 + f(x) + -y * a[0] - b * c % d;\nb = a == 1 and not c and (d if e else f);\nc = not a if x and y else z;\n" +
			"d = [a, {1: 2}];\nfor i in l { x; }\ndef f() { return a, b and c; }\n",
	},
	"parentheses that RASP needs": {
		"a = -(2 ^ 3) + (a + b) * c - (d - e) + not (a == b);\nb = a or (b and c); c = a if b else (c if d else e);\nd = not (t in l) and (t in m); e = (-f)(x) + (a + b)[0] + 5 * (3 % 2);\nf = 2 ^ (3 ^ 2);\n",
		"a = -(2 ^ 3) + (a + b) * c - (d - e) + not (a == b);\nb = a or (b and c);\nc = a if b else (c if d else e);\nd = not (t in l) and (t in m);\ne = (-f)(x) + (a + b)[0] + 5 * (3 % 2);\nf = 2 ^ (3 ^ 2);\n",
	},
	"parentheses that guard against traps": {
		"a = (-2) ^ 2 + (2 ^ 3) ^ 2 + 5 % (3 * 2);\nb = (a or b) and c or ((d and e) or f); c = (not a) == b; d = (a < b) < c;\ne = (x if c else y) if d else z; f = (not t) in l; g = t in (l and u); h = x if (a if b else c) else y; i = -(not a); j = -(-a) + not (not a);\n",
		"a = (-2) ^ 2 + (2 ^ 3) ^ 2 + 5 % (3 * 2);\nb = (a or b) and c or ((d and e) or f);\nc = (not a) == b;\nd = (a < b) < c;\ne = (x if c else y) if d else z;\nf = (not t) in l;\ng = t in (l and u);\nh = x if (a if b else c) else y;\ni = -(not a);\nj = -(-a) + not not a;\n",
	},
}

// TestLayouts checks layouts that matter by themselves.
func TestLayouts(t *testing.T) {
	for name, tt := range layouts {
		t.Run(name, func(t *testing.T) {
			got, ok := check(t, tt.text)
			if !ok {
				t.Fatal("the program has errors")
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
