package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc"
)

// press runs a session on a terminal of 80 columns on which keys are pressed, and
// returns what appears and the lines remembered.
func press(t *testing.T, keys string) (screen string, remembered []string) {
	t.Helper()
	var out bytes.Buffer
	past := &history{}
	e := newEditor(strings.NewReader(keys), &out, past, func() (int, int) { return 80, 24 })
	if err := e.run(raspc.NewREPL(raspc.REPLOptions{Out: e, Terminal: true})); err != nil {
		t.Fatal(err)
	}
	e.close()
	return out.String(), past.lines
}

func TestKeys(t *testing.T) {
	const ctrlD = "\x04"
	for name, tt := range map[string]struct {
		keys, screen string
		remembered   []string
	}{
		"Ctrl-D ends":                      {"1;\r" + ctrlD + "2;\r", "    value: out =  1\r\n", []string{"1;"}},
		"Ctrl-C drops the line":            {"1 + nosuch\x032;\r" + ctrlD, "^C\r\n>> 2;\r\n    value: out =  2\r\n", []string{"2;"}},
		"wherever the cursor is":           {"nosuch\x1b[D\x1b[D\x032;\r" + ctrlD, "    value: out =  2\r\n", []string{"2;"}},
		"Ctrl-C drops the whole statement": {"x = (1 +\r\x032;\r" + ctrlD, "    value: out =  2\r\n", []string{"x = (1 +", "2;"}},
		"arrows recall":                    {"1;\r2;\r\x1b[A\x1b[A\r" + ctrlD, "    value: out =  2\r\n>> 2;", []string{"1;", "2;", "1;"}},
		"Tab completes a name":             {"tokens_i\t;\r" + ctrlD, "s-op: tokens_int\r\n", []string{"tokens_int;"}},
		"within a line":                    {"(len);\x1b[D\x1b[D\tgth\x1b[F\r" + ctrlD, "", []string{"(length);"}},
		"Tab shows what there is":          {"tokens_\t\x03" + ctrlD, "tokens_asis  tokens_bool  tokens_float  tokens_int  tokens_str\r\n", nil},
		"Tab indents":                      {"def f(x) {\r\treturn x; }\r" + ctrlD, "console function: f(x)\r\n", []string{"def f(x) {", "  return x; }"}},
		"no name begins so":                {"é?\t\x03" + ctrlD, "^C", nil},
		"pasted text is not completed":     {"\x1b[200~1\t;\r2;\r\x1b[201~" + ctrlD, "    value: out =  2\r\n", []string{"1\t;", "2;"}},
		"long lines are refused":           {strings.Repeat("1", 5000) + ";\r2;\r" + ctrlD, "a line of 4096 characters and more cannot be typed", []string{"2;"}},
		"exit ends":                        {"exit\r1;\r", "exit\r\n", []string{"exit"}},
		"an unfinished statement is said":  {"x = 1\r" + ctrlD, "error[E0201]: missing `;`\r\n", []string{"x = 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			screen, remembered := press(t, tt.keys)
			if !strings.Contains(screen, tt.screen) || strings.Contains(screen, "E0401") {
				t.Errorf("%q is not on the screen %q", tt.screen, screen)
			}
			if diff := cmp.Diff(tt.remembered, remembered); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSmallBuffer reads Ctrl-C where the keys that stand for it do not fit.
func TestSmallBuffer(t *testing.T) {
	r := &interruptReader{in: strings.NewReader("a\x03b")}
	var got []byte
	buf := make([]byte, 2)
	for {
		n, err := r.Read(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		}
	}
	if want := "a\x05\x15^C\rb"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "raspc", "history")
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a;", "  ", "b;", "b;", abandoned, "a;"} {
		h.Add(line)
	}
	again, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a;", "b;", "a;"}; !slices.Equal(h.lines, want) || !slices.Equal(again.lines, want) {
		t.Errorf("%q, read again %q", h.lines, again.lines)
	}
	if h.Len() != 3 || h.At(0) != "a;" || h.At(1) != "b;" {
		t.Errorf("%d lines, the last %q, before it %q", h.Len(), h.At(0), h.At(1))
	}
}

// TestHistoryIsBounded fills it: in one session, and before it.
func TestHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 * maxHistory {
		h.Add(fmt.Sprint(i))
	}
	lines := func() []string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	if n := len(lines()); n > 2*maxHistory || h.Len() > 2*maxHistory || h.At(0) != "4999" {
		t.Errorf("%d lines in the file, %d in memory, the last %s", n, h.Len(), h.At(0))
	}
	if h, err = openHistory(path); err != nil || h.Len() != maxHistory || len(lines()) != maxHistory || h.At(0) != "4999" {
		t.Errorf("%v, %d lines, in the file %d", err, h.Len(), len(lines()))
	}
	long := strings.Repeat(strings.Repeat("x", 4000)+"\n", 1000) + "last\n"
	if err := os.WriteFile(path, []byte(long), 0o644); err != nil {
		t.Fatal(err)
	}
	h, err = openHistory(path)
	info, stat := os.Stat(path)
	if err != nil || stat != nil || info.Size() > maxHistoryBytes || info.Mode().Perm() != 0o600 || h.At(0) != "last" || len(h.At(h.Len()-1)) != 4000 {
		t.Errorf("%v %v: %d bytes, mode %v, the last line %q", err, stat, info.Size(), info.Mode(), h.At(0))
	}
}

// TestHistoryFails has no place for the lines: they are kept in memory.
func TestHistoryFails(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", dir, filepath.Join(blocked, "history")} {
		h, err := openHistory(path)
		if err == nil {
			t.Errorf("%q: no error", path)
		}
		if h.Add("1;"); h.Len() != 1 {
			t.Errorf("%q: %d lines", path, h.Len())
		}
	}
	h, err := openHistory(filepath.Join(dir, "gone", "history"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h.Add("1;")
		h.Add("2;")
	}
	if h.Len() != 4 {
		t.Errorf("%d lines", h.Len())
	}
}

func TestHistoryFile(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", filepath.FromSlash("/state"))
	if got := historyFile(); !strings.HasPrefix(got, filepath.FromSlash("/state/raspc")) {
		t.Errorf("%q", got)
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("HOME", filepath.FromSlash("/home/me"))
	if got := historyFile(); strings.HasPrefix(got, "relative") || !filepath.IsAbs(got) {
		t.Errorf("%q", got)
	}
}
