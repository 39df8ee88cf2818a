package diag

import (
	"embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// pages holds one txtar archive a code. Its comment is the text; the files are
//
//	wrong.rasp   a program that gets the code; left out where it would be too large
//	input        what wrong.rasp is run on, where only an input brings the code about
//	diagnostic   what is printed then, written by a test
//	right.rasp   the program without the mistake
//
// where programs of Tracr's end in .sop.json; or, for a code of model files,
//
//	case         the file of fixtures/bad that gets the code
//	wrong.txt    what is wrong with it
//	diagnostic   what is printed then
//	right.txt    the command or the line that puts it right
//
// and whatever else the programs load.
//
//go:embed explain/*.txtar
var pages embed.FS

// Page explains a code.
type Page struct {
	Info
	// Text says what the code means, a line for each paragraph, with empty lines
	// between them.
	Text string
	// Wrong is a program that gets the code, empty where it would be too large
	// to print; or what is wrong with a model file.
	Wrong string
	// Case is the file of the corpus fixtures/bad that is wrong so; empty where
	// Wrong is a program.
	Case string
	// Input is what Wrong has to be run on to get the code, in the form of a
	// command line; empty where reading or compiling it is enough.
	Input string
	// Diagnostic is what is printed of the wrong program.
	Diagnostic string
	// Right is the program without the mistake, or what puts a model file right.
	Right string
	// Loaded are the texts of the files that the programs load, by name.
	Loaded map[string]string
}

// Explain finds the page of a code. Every code of the table has one.
func Explain(c Code) (Page, bool) {
	info, ok := Lookup(c)
	if !ok {
		return Page{}, false
	}
	text, err := pages.ReadFile("explain/" + string(c) + ".txtar")
	if err != nil {
		return Page{}, false
	}
	return parsePage(info, text), true
}

// Severity returns the severity of the page's code.
func (p Page) Severity() Severity { return p.Code.severity() }

func parsePage(info Info, text []byte) Page {
	a := txtar.Parse(text)
	p := Page{Info: info, Text: unwrap(string(a.Comment)), Loaded: map[string]string{}}
	for _, f := range a.Files {
		data := string(f.Data)
		switch f.Name {
		case "case":
			p.Case = strings.TrimSpace(data)
		case "wrong.rasp", "wrong.sop.json", "wrong.txt":
			p.Wrong = data
		case "input":
			p.Input = strings.TrimSpace(data)
		case "diagnostic":
			p.Diagnostic = data
		case "right.rasp", "right.sop.json", "right.txt":
			p.Right = data
		default:
			p.Loaded[f.Name] = data
		}
	}
	return p
}

// unwrap makes a line of each paragraph.
func unwrap(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "\n\n")
}

// loaded returns the names of the loaded files, sorted.
func (p Page) loaded() []string { return slices.Sorted(maps.Keys(p.Loaded)) }

// MarshalJSON writes the page in the form of `raspc explain --json`.
func (p Page) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code       Code              `json:"code"`
		Title      string            `json:"title"`
		Severity   string            `json:"severity"`
		Kind       Kind              `json:"kind"`
		Text       string            `json:"text"`
		Wrong      string            `json:"wrong"`
		Input      string            `json:"input,omitempty"`
		Diagnostic string            `json:"diagnostic"`
		Right      string            `json:"right"`
		Loaded     map[string]string `json:"loaded,omitempty"`
	}{p.Code, p.Title, p.Severity().String(), p.Kind, p.Text, p.Wrong, p.Input, p.Diagnostic, p.Right, p.Loaded})
}
