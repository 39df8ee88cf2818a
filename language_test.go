package raspc_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/value"
)

// example is a program of docs/language.md with its claims: the lines that
// begin with #>.
//
//	#> NAME(INPUT) -> OUTPUT   what an s-op or selector gives; a matrix follows on
//	                           further lines, indented
//	#> EXPRESSION = VALUE      a plain value of the program
//	#> error CODE              what is reported; warnings likewise
type example struct {
	line   int
	text   string
	claims []string
	loads  map[string]string // the files that stand before it on the page
}

// TestLanguage checks every claim of docs/language.md, and that programs with
// vocabulary and length compile.
func TestLanguage(t *testing.T) {
	all := examples(t, "docs/language.md")
	if len(all) == 0 {
		t.Fatal("no examples were found")
	}
	for _, e := range all {
		t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			if len(e.claims) == 0 {
				t.Fatal("the program claims nothing")
			}
			reported := e.reported(t)
			var claimed []diag.Code
			for _, c := range e.claims {
				kind, code, _ := strings.Cut(c, " ")
				switch {
				case kind == "error" || kind == "warning":
					claimed = append(claimed, diag.Code(code))
				case strings.Contains(c, ") ->"):
					e.checkRun(t, c)
				default:
					e.checkValue(t, c)
				}
			}
			slices.Sort(claimed)
			if got := codesOf(reported); !slices.Equal(got, claimed) {
				t.Errorf("reported is %v, not %v:\n%v", got, claimed, reported)
			}
		})
	}
}

// TestCodesInDocs checks that the codes on the pages are codes.
func TestCodesInDocs(t *testing.T) {
	for _, path := range []string{"docs/language.md", "docs/cli.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(`\b[EW][0-9]{4}\b`).FindAllString(string(text), -1) {
			if _, ok := diag.Lookup(diag.Code(code)); !ok {
				t.Errorf("%s names the code %s, which there is not", path, code)
			}
		}
	}
}

// examples reads the blocks of a page that are fenced as rasp. A block with a
// file's name behind that word is a file for the programs below it.
func examples(t *testing.T, path string) []example {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	files := map[string]string{}
	var block []string
	info, open := "", 0
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case open == 0 && strings.HasPrefix(line, "```"):
			info, open, block = strings.TrimPrefix(line, "```"), i+1, nil
		case open > 0 && line == "```":
			program := strings.Join(block, "\n") + "\n"
			if name, ok := strings.CutPrefix(info, "rasp "); ok {
				files[name] = program
			} else if info == "rasp" {
				all = append(all, example{open, program, claimsIn(block), files})
			}
			open = 0
		case open > 0:
			block = append(block, line)
		}
	}
	if open > 0 {
		t.Fatalf("%s:%d: the block is not closed", path, open)
	}
	return all
}

// claimsIn collects the claims of a program; the lines of a matrix are joined to
// the claim before them.
func claimsIn(block []string) []string {
	var claims []string
	for _, line := range block {
		claim, ok := strings.CutPrefix(line, "#>")
		if !ok {
			continue
		}
		if row, indented := strings.CutPrefix(claim, "     "); indented && len(claims) > 0 {
			claims[len(claims)-1] += "\n" + row
			continue
		}
		claims = append(claims, strings.TrimSpace(claim))
	}
	return claims
}

func (e example) options() raspc.Options {
	return raspc.Options{Check: true, Read: readLoaded(raspc.Page{Loaded: e.loads})}
}

// reported compiles the program where it says for which inputs, else resolves
// it alone.
func (e example) reported(t *testing.T) diag.List {
	t.Helper()
	if !strings.Contains(e.text, "#: vocab") || !strings.Contains(e.text, "#: max_len") {
		_, list := e.resolve()
		return list
	}
	m, err := raspc.Compile("example.rasp", e.text, e.options())
	var list diag.List
	switch {
	case errors.As(err, &list):
		return list
	case err != nil:
		t.Fatal(err)
	}
	return m.Warnings()
}

func (e example) resolve() (*resolve.Program, diag.List) {
	return resolve.Run(diag.NewSource("example.rasp", e.text), resolve.Options{Read: e.options().Read})
}

// checkRun checks a claim NAME(INPUT) -> OUTPUT.
func (e example) checkRun(t *testing.T, claim string) {
	t.Helper()
	call, want, _ := strings.Cut(claim, ") ->")
	name, in, _ := strings.Cut(call, "(")
	o := e.options()
	o.Output = name
	p, err := raspc.Parse("example.rasp", e.text, o)
	if err != nil {
		t.Errorf("%s: %v", claim, err)
		return
	}
	input, err := raspc.ParseInput(in)
	if err != nil {
		t.Errorf("%s: %v", claim, err)
		return
	}
	out, err := p.Run(input)
	if err != nil {
		t.Errorf("%s: %v", claim, err)
		return
	}
	if got := trimmed(out.String()); got != trimmed(strings.TrimPrefix(want, " ")) {
		t.Errorf("%s: got\n%s", claim, got)
	}
}

// trimmed takes the blanks from the ends of lines, and an empty first line.
func trimmed(s string) string {
	lines := strings.Split(strings.TrimPrefix(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// checkValue checks a claim EXPRESSION = VALUE.
func (e example) checkValue(t *testing.T, claim string) {
	t.Helper()
	i := strings.LastIndex(claim, " = ")
	if i < 0 {
		t.Errorf("no claim: %s", claim)
		return
	}
	p, _ := e.resolve()
	got, list := p.Eval("(" + claim[:i] + ") == " + claim[i+len(" = "):])
	if list.HasErrors() {
		t.Errorf("%s: %v", claim, list)
		return
	}
	if atom, ok := got.(resolve.Atom); !ok || !value.Equal(atom.Value, value.Bool(true)) {
		t.Errorf("%s: got %v", claim, got)
	}
}
