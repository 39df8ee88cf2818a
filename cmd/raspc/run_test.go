package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
)

// program writes a program into a file of its own.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.rasp")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ran gives the exit code of a command line and what it printed.
func ran(stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, stdin, &out, &err)
	return code, out.String(), err.String()
}

// TestTooLargeToRun: inputs that would take too much memory are refused, and the
// line that they stand in is named.
func TestTooLargeToRun(t *testing.T) {
	const first = "[\"a\"]\n"
	long := `"` + strings.Repeat("a", 100_000) + "\"\n"
	width, before := "a = selector_width(select(tokens, tokens, ==));", "a = select(indices, indices, <);"
	tests := map[string]struct{ program, inputs, want string }{
		"a matrix":       {width, first + long, "error: <stdin>:2: the program takes more than 1024 MiB of memory on this input of length 100000"},
		"a shown matrix": {before, first + `"` + strings.Repeat("a", 10_000) + `"`, "error: <stdin>:2: a is a selector, and its matrix for an input of length 10000 is too large"},
		"a line":         {width, first + strings.Repeat("a", 17<<20), "error: <stdin>:2: an input has more than 16 MiB"},
	}
	for name, tt := range tests {
		code, stdout, stderr := ran(strings.NewReader(tt.inputs), "run", program(t, tt.program), "--inputs", "-")
		if code != exitWrong || !strings.HasPrefix(stderr, tt.want) || stdout == "" {
			t.Errorf("%s: exit code %d, %.100q, %.200q", name, code, stdout, stderr)
		}
	}
}

// turns hands out one line at a time, and looks at what is printed in between.
type turns struct {
	t     *testing.T
	lines []string
	out   *bytes.Buffer
}

func (r *turns) Read(p []byte) (int, error) {
	if len(r.lines) == 0 {
		return 0, io.EOF
	}
	want := 2 - len(r.lines)
	if got := strings.Count(r.out.String(), "\n"); got != want {
		r.t.Errorf("%d outcomes are printed after %d inputs", got, want)
	}
	n := copy(p, r.lines[0])
	r.lines = r.lines[1:]
	return n, nil
}

// TestInputsStream: an outcome is printed before the next input is read.
func TestInputsStream(t *testing.T) {
	var out bytes.Buffer
	in := &turns{t, []string{"[\"a\"]\n", "[\"b\"]\n"}, &out}
	if code := run([]string{"run", program(t, "a = tokens;"), "--inputs", "-"}, in, &out, io.Discard); code != exitHolds {
		t.Errorf("exit code %d", code)
	}
	if want := "[a] (strings)\n[b] (strings)\n"; out.String() != want {
		t.Errorf("printed %q", out.String())
	}
}

// FuzzInputs runs lines of inputs together and one by one: each outcome is that of
// its line alone, up to the first line that is no input.
func FuzzInputs(f *testing.F) {
	for _, text := range syntaxtest.Files(f) {
		f.Add(text, "[3, 1, 2]\n\n\"aba\"\n[true, 0.5]")
	}
	f.Add("a = 1 / (indices - 1);", "\"a\"\n[\"a\", \"b\"]\r\n\"\\u00e9\" \n[]\n\"a\"")
	f.Add("a = select(tokens, tokens, ==);", "\"ab\"\n{}\n\"b\"")
	f.Fuzz(func(t *testing.T, text, inputs string) {
		if len(inputs) > 500 || strings.Contains(text, "load") || strings.Contains(text, "for") || strings.Contains(text, "000") {
			return // it may take its time
		}
		path := program(t, text)
		code, stdout, stderr := ran(strings.NewReader(inputs), "run", path, "--inputs", "-")
		if code == exitInternal || code == exitIO {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		alone := ""
		for line := range strings.Lines(inputs) {
			one, out, _ := ran(strings.NewReader(line), "run", path, "--inputs", "-")
			alone += out
			if one != exitHolds {
				if one != code {
					t.Fatalf("exit code %d, and %d for %q alone", code, one, line)
				}
				break
			}
		}
		if stdout != alone {
			t.Fatalf("together %q, one by one %q", stdout, alone)
		}
	})
}
