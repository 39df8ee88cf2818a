// Package internal_test keeps the import policy of the module.
package internal_test

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"
)

// policyText says which package of the module may import which. Test files
// are free. The package raspc is the façade in the root folder.
//
// Lines with "only" and "never" narrow what the order permits: the packages on
// their left import nothing else, or not these. x/... is x and all below it.
const policyText = `
# The stages from left to right. A package may import what stands left of it.
internal/version < internal/atomicfile < internal/staged
	< frontend/sarif < frontend/diag < frontend/value < frontend/syntax < frontend/format < frontend/sop < frontend/pattern < frontend/resolve
	< frontend/interp < frontend/batch < frontend/repl < frontend/tracr < frontend/simplify < frontend/values < frontend/generate < frontend/lsp
	< craft < craft/lower < craft/squeeze
	< backend/decoder < backend/circuit < backend/schedule < backend/layout < backend/disguise < backend/pipeline
	< verify/fault < verify/strictjson < export/manifest < export/artifact < export/tensor < export/safetensors
	< export/onnx/onnxpb < export/onnx < export/spelling < export/card < export/stock < export/hf < export/graft < export/transformerlens < export/gguf < export/graph
	< verify/onnxrun < verify/hfrun/stfile < verify/hfrun/ggfile < verify/binary32 < verify/network < verify/sparse < verify/hfrun < verify/certify < verify/host < verify < page
	< raspc < cmd/raspc

# Right of everything, so that no package ships them: what only tests import or run.
	< internal/golden < fixtures/bad < frontend/sop/soptest < frontend/syntax/syntaxtest < craft/crafttest < scripts/editor/tokens < scripts/states < scripts/web/cases < scripts/mutation

# The oracle is small enough to be read in full: a graph and its values.
frontend/sop/... only frontend/value frontend/sop
frontend/interp  only frontend/value frontend/sop
frontend/batch   only frontend/value frontend/sop frontend/interp

# The grammar does not know what programs mean.
frontend/syntax/... only frontend/diag

# The verifier reads files and asks the oracle. It computes value sets itself
# and sees no compiler, so that a compiler bug cannot hide itself.
verify/...  only internal/version frontend/... export/manifest export/onnx/onnxpb verify/...
verify/...  never frontend/values
export/manifest export/graph export/onnx/onnxpb  never craft/... backend/... frontend/values

# The command has no logic of its own.
cmd/raspc        only raspc frontend/diag
`

func TestImportPolicy(t *testing.T) {
	p, err := parsePolicy(policyText)
	if err != nil {
		t.Fatal(err)
	}
	imports, err := readImports(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(imports["frontend/interp"]) == 0 {
		t.Error("the imports of frontend/interp were not found")
	}
	for _, problem := range p.check(imports) {
		t.Error(problem)
	}
}

// policy is the parsed text.
type policy struct {
	order []string
	rules []rule
}

type rule struct {
	from []string // patterns of the packages that it binds
	only bool     // else never
	to   []string // patterns of the packages that those may (not) import
}

func parsePolicy(text string) (*policy, error) {
	p := &policy{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range []string{"only", "never"} {
			if from, to, ok := strings.Cut(line, " "+word+" "); ok {
				p.rules = append(p.rules, rule{strings.Fields(from), word == "only", strings.Fields(to)})
				line = ""
			}
		}
		for name := range strings.SplitSeq(line, "<") {
			if name = strings.TrimSpace(name); name != "" {
				p.order = append(p.order, name)
			}
		}
	}
	return p, p.problem()
}

// problem refuses a package that stands twice, and a pattern that fits none.
func (p *policy) problem() error {
	for i, name := range p.order {
		if slices.Contains(p.order[:i], name) || strings.ContainsAny(name, " \t") || strings.HasSuffix(name, "...") {
			return fmt.Errorf("policy: %q stands twice, or is not one package", name)
		}
	}
	for _, r := range p.rules {
		for _, pattern := range slices.Concat(r.from, r.to) {
			if !slices.ContainsFunc(p.order, func(name string) bool { return fits(name, pattern) }) {
				return fmt.Errorf("policy: no package fits %q", pattern)
			}
		}
	}
	return nil
}

func fits(name string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		folder, ok := strings.CutSuffix(pattern, "/...")
		return name == pattern || ok && (name == folder || strings.HasPrefix(name, folder+"/"))
	})
}

// check returns what is wrong with the imports of each package, in order.
func (p *policy) check(imports map[string][]string) []string {
	var problems []string
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		if !slices.Contains(p.order, from) {
			problems = append(problems, from+" is not in the import policy")
			continue
		}
		for _, to := range imports[from] {
			if why := p.forbids(from, to); why != "" {
				problems = append(problems, fmt.Sprintf("%s imports %s: %s", from, to, why))
			}
		}
	}
	return problems
}

// forbids says why one package may not import another, or "".
func (p *policy) forbids(from, to string) string {
	if i := slices.Index(p.order, to); i < 0 || i >= slices.Index(p.order, from) {
		return "it does not stand left of it"
	}
	for _, r := range p.rules {
		if fits(from, r.from...) && fits(to, r.to...) != r.only {
			return "a rule of its own forbids it"
		}
	}
	return ""
}

// readImports returns, for each package of a module, the packages of the
// module that its code imports, for whatever platform, tests aside. A folder with
// a go.mod of its own is another module.
func readImports(module fs.FS) (map[string][]string, error) {
	mod, err := fs.ReadFile(module, "go.mod")
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	root := strings.TrimPrefix(first, "module ")
	imports := map[string][]string{}
	err = fs.WalkDir(module, ".", func(file string, d fs.DirEntry, err error) error {
		switch name := path.Base(file); {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (name == "testdata" || strings.ContainsAny(name[:1], "._")):
			return fs.SkipDir
		case d.IsDir() && file != "." && isModule(module, file):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		found, err := importsOf(module, file, root)
		pkg := cmp.Or(strings.TrimPrefix(path.Dir(file), "."), path.Base(root))
		imports[pkg] = append(imports[pkg], found...)
		return err
	})
	for pkg, found := range imports {
		slices.Sort(found)
		imports[pkg] = slices.Compact(found)
	}
	return imports, err
}

func isModule(tree fs.FS, folder string) bool {
	_, err := fs.Stat(tree, path.Join(folder, "go.mod"))
	return err == nil
}

func importsOf(module fs.FS, file, root string) ([]string, error) {
	source, err := fs.ReadFile(module, file)
	if err != nil {
		return nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if name == root {
			found = append(found, path.Base(root))
		} else if inside, ok := strings.CutPrefix(name, root+"/"); ok {
			found = append(found, inside)
		}
	}
	return found, nil
}

// TestCheckerFindsViolations shows each way to break the policy.
func TestCheckerFindsViolations(t *testing.T) {
	p, err := parsePolicy(policyText)
	if err != nil {
		t.Fatal(err)
	}
	got := p.check(map[string][]string{
		"backend/decoder":  {"backend/layout"},
		"backend/layout":   {"backend/decoder", "backend/layout", "craft", "frontend/values", "internal/version"},
		"cmd/raspc":        {"frontend/diag", "internal/version", "raspc"},
		"frontend/interp":  {"frontend/resolve", "frontend/sop", "frontend/value"},
		"frontend/resolve": {"craft", "frontend/sop", "frontend/unknown"},
		"raspc":            {"backend/pipeline", "internal/golden", "verify"},
		"utils":            {},
		"verify":           {"backend/decoder", "export/manifest", "frontend/interp", "frontend/values", "verify/onnxrun"},
		"verify/onnxrun":   {"craft/lower", "export/onnx", "export/onnx/onnxpb"},
	})
	want := []string{
		"backend/decoder imports backend/layout: it does not stand left of it",
		"backend/layout imports backend/layout: it does not stand left of it",
		"cmd/raspc imports internal/version: a rule of its own forbids it",
		"frontend/interp imports frontend/resolve: a rule of its own forbids it",
		"frontend/resolve imports craft: it does not stand left of it",
		"frontend/resolve imports frontend/unknown: it does not stand left of it",
		"raspc imports internal/golden: it does not stand left of it",
		"utils is not in the import policy",
		"verify imports backend/decoder: a rule of its own forbids it",
		"verify imports frontend/values: a rule of its own forbids it",
		"verify/onnxrun imports craft/lower: a rule of its own forbids it",
		"verify/onnxrun imports export/onnx: a rule of its own forbids it",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}

// TestFrontendStandsAlone restates, apart from the order, what no frontend
// package may import.
func TestFrontendStandsAlone(t *testing.T) {
	p, err := parsePolicy(policyText)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range p.order {
		for _, to := range p.order {
			later := fits(to, "craft/...", "backend/...", "export/...", "verify/...", "raspc", "cmd/...")
			if fits(from, "frontend/...") && later && p.forbids(from, to) == "" {
				t.Errorf("%s may import %s", from, to)
			}
		}
	}
}

func TestPolicyRefusesMistakes(t *testing.T) {
	for _, text := range []string{"a < b < a", "a < b\nc only a", "a < b\na never x/...", "a b < c", "a < b/..."} {
		if _, err := parsePolicy(text); err == nil {
			t.Errorf("%q is a policy", text)
		}
	}
}

func TestReadImports(t *testing.T) {
	code := func(name string, imports ...string) *fstest.MapFile {
		text := "//go:build plan9\n\npackage " + name + "\n"
		for _, i := range imports {
			text += "import _ " + strconv.Quote(i) + "\n"
		}
		return &fstest.MapFile{Data: []byte(text)}
	}
	got, err := readImports(fstest.MapFS{
		"go.mod":             {Data: []byte("module example.com/m\n\ngo 1.26\n")},
		"m.go":               code("m", "fmt", "example.com/m/a", "example.com/mother/x"),
		"a/a.go":             code("a", "example.com/m/b"),
		"a/a2.go":            code("a", "example.com/m/b", "example.com/m/a/b"),
		"a/a_test.go":        code("a_test", "example.com/m"),
		"cmd/m/main.go":      code("main", "example.com/m"),
		"a/testdata/x.go":    code("x", "example.com/m/none"),
		".hidden/x.go":       code("x", "example.com/m/none"),
		"only/tests_test.go": code("only", "example.com/m/none"),
		"b/plain.go":         code("b"),
		"b/notes.txt":        {Data: []byte("no code")},
		"cmd/other/go.mod":   {Data: []byte("module example.com/m/cmd/other\n")},
		"cmd/other/main.go":  code("main", "example.com/m/none"),
		"cmd/other/x/x.go":   code("x", "example.com/m/none"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"m": {"a"}, "a": {"a/b", "b"}, "cmd/m": {"m"}, "b": nil}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the imports differ (-want +got):\n%s", diff)
	}
	if _, err := readImports(fstest.MapFS{"go.mod": {Data: []byte("module m\n")}, "a/a.go": {Data: []byte("pack")}}); err == nil {
		t.Error("a file that does not parse is passed over")
	}
}
