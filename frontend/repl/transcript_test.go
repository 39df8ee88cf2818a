package repl_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/raspc/raspc/frontend/repl"
)

// files lets sessions load the files of a test.
type files map[string]string

func (f files) read(path string) (string, error) {
	if text, ok := f[filepath.ToSlash(path)]; ok {
		return text, nil
	}
	return "", fs.ErrNotExist
}

// converse pipes text into a session and returns what it prints.
func converse(t testing.TB, o repl.Options, stdin string) string {
	t.Helper()
	var out bytes.Buffer
	o.Out = &out
	if o.Read == nil {
		o.Read = files{}.read
	}
	if err := repl.New(o).Run(strings.NewReader(stdin)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// different lists the transcripts in which this console differs on purpose.
var different = map[string]struct {
	why string
	// theirs is replaced by ours, once each.
	theirs, ours []string
}{
	"values": {
		why:    "an atom in a dict keeps its key",
		theirs: []string{"\t\t\t    value:  1\n"},
		ours:   []string{"\t\t\t \"a\" :    value:  1\n"},
	},
	"multiline_paren_plus": {
		why: "a statement may be broken anywhere",
		theirs: []string{
			">> \t!! antlr exception: missing ')' at '+' \t-- ignoring input\n",
			">> \t!! antlr exception: extraneous input ')' expecting ';' \t-- ignoring input\n",
		},
		ours: []string{">> ", "..     value: x =  3\n"},
	},
	"func_display": {
		why:    "the library is a text of its own, with its own names of parameters",
		theirs: []string{"sort(seq, key)"},
		ours:   []string{"sort(v, key)"},
	},
	"error_recovery": {
		why:    "the parser has words of its own",
		theirs: []string{"antlr exception: missing ')' at ','"},
		ours:   []string{"syntax error: RASP has no tuples"},
	},
	"load_errors": {
		why: "the parser has words of its own",
		theirs: []string{"antlr exception: extraneous input ',' expecting {'(', '{', 'aggregate(', '[', 'not', '-', '+', 'round', " +
			"'indicator', 'select(', 'range(', 'zip(', 'len(', Float, PosInt, String, ID}"},
		ours: []string{"syntax error: expected an expression, found `,`"},
	},
	"load_missing_semicolon": {
		why: "a missing `;` is reported where it is missing, and the statement counts",
		theirs: []string{
			">>     value: a =  1\n>>",
			">> \t\t!!ignoring input:\n\t Error: Undefined variable: b\n",
			">> \t\t!!ignoring input:\n\t Error: Undefined variable: c\n",
		},
		ours: []string{
			">> \t!! syntax error: missing `;` \t-- ignoring input\n    value: a =  1\n    value: b =  2\n    value: c =  3\n>>",
			">>     value: b =  2\n",
			">>     value: c =  3\n",
		},
	},
}

// TestTranscripts compares with sessions of the reference console, byte for byte.
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "transcripts", "*.txtar"))
	if err != nil || len(paths) != 21 {
		t.Fatalf("%d transcripts, want 21: %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f := files{}
			for _, file := range archive.Files {
				f[file.Name] = string(file.Data)
			}
			want := f["stdout"]
			d := different[name]
			for i, theirs := range d.theirs {
				if strings.Count(want, theirs) != 1 {
					t.Fatalf("%q stands %d times in the transcript", theirs, strings.Count(want, theirs))
				}
				want = strings.Replace(want, theirs, d.ours[i], 1)
			}
			got := converse(t, repl.Options{Read: f.read}, f["stdin"])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
