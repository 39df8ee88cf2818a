package raspc_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/fixtures/bad"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/internal/golden"
)

const pagesDir = "frontend/diag/explain"

// tooLarge are the wrong programs that no page can show.
var tooLarge = map[diag.Code]string{
	diag.NotUTF8:        "hit = tokens == \"\xe9\";\n",
	diag.SourceTooLarge: strings.Repeat("#", syntax.MaxSource+1),
	diag.NestingTooDeep: "a = " + strings.Repeat("(", 1000) + "1;\n",
}

// asked are the options with which programs of Tracr's get a code that asks for more.
var asked = map[diag.Code]raspc.Options{diag.ImportDomain: {MaxLen: 9}}

// programOf is the name of a page's program, by which it is known for what it is.
func programOf(p raspc.Page, which string) string {
	if p.Kind == diag.ImportError {
		return which + ".sop.json"
	}
	return which + ".rasp"
}

// TestPages checks each page: its wrong program gets the code and no other,
// what is printed of it is what stands on the page, and its right program
// compiles.
func TestPages(t *testing.T) {
	for _, p := range raspc.Pages() {
		t.Run(string(p.Code), func(t *testing.T) {
			t.Parallel()
			if p.Kind == diag.FileError {
				checkFilePage(t, p)
				return
			}
			wrong := p.Wrong + tooLarge[p.Code]
			if (p.Wrong == "") != (tooLarge[p.Code] != "") {
				t.Fatal("the page shows a program, or the test builds one: not both or neither")
			}
			list := wrongOnPage(t, p, wrong)
			if got := codesOf(list); !slices.Equal(got, []diag.Code{p.Code}) {
				t.Errorf("the wrong program gets %v, not %s:\n%v", got, p.Code, list)
			}
			checkRight(t, p)
			golden.Compare(t, filepath.Join(pagesDir, string(p.Code)+".txtar"), pageWith(t, p.Code, list))
		})
	}
}

// checkFilePage verifies the folder with the page's bad file: it gets the code,
// and what is printed of it is what stands on the page.
func checkFilePage(t *testing.T, p raspc.Page) {
	t.Helper()
	file, name, _ := strings.Cut(p.Case, "/")
	dir, err := bad.Lay(filepath.Join("fixtures", "bad"), t.TempDir(), bad.Case{File: file, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	var list diag.List
	if r, err := raspc.Verify(t.Context(), dir, raspc.VerifyOptions{}); !errors.As(err, &list) || list[0].Code != p.Code {
		t.Fatalf("%s gets %v, %v", p.Case, r, err)
	}
	page := pageWith(t, p.Code, list)
	golden.Compare(t, filepath.Join(pagesDir, string(p.Code)+".txtar"), strings.ReplaceAll(page, dir, "out"))
}

// TestPagesAreComplete compares the codes with the files.
func TestPagesAreComplete(t *testing.T) {
	files, err := os.ReadDir(pagesDir)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, f := range files {
		got = append(got, f.Name())
	}
	for _, info := range diag.Codes() {
		want = append(want, string(info.Code)+".txtar")
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %v, not a page for each of %v", pagesDir, got, want)
	}
	for _, p := range raspc.Pages() {
		if sentences := strings.Count(p.Text+" ", ". "); sentences < 2 || sentences > 6 {
			t.Errorf("%s: the text has %d sentences, not two to six", p.Code, sentences)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, code := range []string{"E0401", "e0401"} {
		if p, err := raspc.Explain(code); err != nil || p.Code != diag.Undefined || p.Title != "undefined variable" {
			t.Errorf("%s gives %s %q, %v", code, p.Code, p.Title, err)
		}
	}
	for code, help := range map[string]string{
		"E0441": "did you mean E0401? raspc explain lists all",
		"e041":  "did you mean E0401? raspc explain lists all",
		"W020":  "did you mean W0201? raspc explain lists all",
		"":      "raspc explain lists the codes",
		"names": "raspc explain lists the codes",
	} {
		_, err := raspc.Explain(code)
		var choice *raspc.ChoiceError
		if !errors.As(err, &choice) || choice.Help != help {
			t.Errorf("%q gives %v, not the help %q", code, err, help)
		}
	}
}

// wrongOnPage returns what is reported of a page's wrong program: the parser
// and the resolver see it alone, as its code tells, or the compiler, too.
func wrongOnPage(t *testing.T, p raspc.Page, text string) diag.List {
	t.Helper()
	o := asked[p.Code]
	o.Read = readLoaded(p)
	var list diag.List
	if p.Code == diag.NoRASPText {
		if _, err := raspc.ToRASP(programOf(p, "wrong"), text, o); !errors.As(err, &list) {
			t.Fatalf("the program has a text: %v", err)
		}
		return list
	}
	if p.Kind == diag.CompileError || p.Kind == diag.ImportError {
		_, err := raspc.Compile(programOf(p, "wrong"), text, o)
		if !errors.As(err, &list) {
			t.Fatalf("the wrong program compiles: %v", err)
		}
		return list
	}
	prog, err := raspc.Parse("wrong.rasp", text, o)
	if errors.As(err, &list) {
		return list
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.Input == "" {
		return prog.Warnings()
	}
	input, err := raspc.ParseInput(p.Input)
	if err != nil {
		t.Fatal(err)
	}
	out, err := prog.Run(input)
	if err != nil || out.Err == nil {
		t.Fatalf("the wrong program runs, error %v", err)
	}
	// As raspc run prints it.
	return diag.List{diag.New(out.Err.Code, diag.Span{}, "%s", out.Err.Message).WithNote("the program is undefined on this input")}
}

// checkRight compiles the right program, for a small domain where it has
// none.
func checkRight(t *testing.T, p raspc.Page) {
	t.Helper()
	o := asked[p.Code]
	o.Read = readLoaded(p)
	if rasp := p.Kind != diag.ImportError; rasp && !strings.Contains(p.Right, "#: vocab") {
		o.Vocab = `"abc"`
	}
	if rasp := p.Kind != diag.ImportError; rasp && !strings.Contains(p.Right, "#: max_len") {
		o.MaxLen = 3
	}
	m, err := raspc.Compile(programOf(p, "right"), p.Right, o)
	if err != nil {
		t.Errorf("the right program does not compile: %v", err)
		return
	}
	if slices.Contains(codesOf(m.Warnings()), p.Code) {
		t.Error("the right program still gets the code")
	}
}

// readLoaded reads the files that a page's programs load.
func readLoaded(p raspc.Page) func(string) (string, error) {
	return func(path string) (string, error) {
		if text, ok := p.Loaded[path]; ok {
			return text, nil
		}
		return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
}

// codesOf returns the distinct codes of a list, ascending.
func codesOf(l diag.List) []diag.Code {
	var codes []diag.Code
	for _, d := range l {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// pageWith is the text of a page's file in which the diagnostics are these.
func pageWith(t *testing.T, code diag.Code, list diag.List) string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join(pagesDir, string(code)+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := diag.WriteText(&printed, list, diag.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	isRight := func(f txtar.File) bool { return strings.HasPrefix(f.Name, "right.") }
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "diagnostic" })
	at := slices.IndexFunc(a.Files, isRight)
	if at < 0 {
		t.Fatal("the page does not say what is right")
	}
	a.Files = slices.Insert(a.Files, at, txtar.File{Name: "diagnostic", Data: []byte(printed.String())})
	return string(txtar.Format(a))
}

// The code of a diagnostic has a page, which says what it means and what to do.
func ExampleExplain() {
	page, err := raspc.Explain("w0203")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Title)
	fmt.Print(page.Wrong, page.Right)
	// Output:
	// comparison of a comparison
	// inner = 0 < indices < 3;
	// inner = 0 < indices and indices < 3;
}
