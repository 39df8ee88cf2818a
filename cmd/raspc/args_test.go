package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArrange(t *testing.T) {
	tests := map[string]string{
		"export a.rasp -o out":                        "export --o=out -- a.rasp",
		"export -o out a.rasp":                        "export --o=out -- a.rasp",
		"export --json a.rasp -o out":                 "export --json=true --o=out -- a.rasp",
		"export a.rasp --json=false -o=out":           "export --json=false --o=out -- a.rasp",
		"export - -o out":                             "export --o=out -- -",
		"export -- -o out":                            "export -- -o out",
		"export a --format onnx --format safetensors": "export --format=onnx --format=safetensors -- a",
		"check a --causal":                            "check --causal=on -- a",
		"check --causal a":                            "check --causal=on -- a",
		"check --causal off a":                        "check --causal=off -- a",
		"check a --causal=off":                        "check --causal=off -- a",
		"check a --causal --json":                     "check --causal=on --json=true -- a",
		"check a --vocab -2..1":                       "check --vocab=-2..1 -- a",
		"check a --vocab=--":                          "check --vocab=-- -- a",
		"check a --vocab=a=b":                         "check --vocab=a=b -- a",
		"run a --input -":                             "run --input=- -- a",
		"run a --patch x@0=1,2 --patch=y@*=a=b":       "run --patch=x@0=1,2 --patch=y@*=a=b -- a",
		"run a --nosuch --help":                       "! run has no flag --nosuch",
		"run --help --nosuch":                         "run --help --",
		"help run":                                    "run --help --",
		"help":                                        "--help",
		"--help":                                      "--help",
		"-h":                                          "-h",
		"--version run":                               "--version",
	}
	app := newApp(newConsole(strings.NewReader(""), io.Discard, io.Discard))
	for line, want := range tests {
		got, err := arrange(app, strings.Fields(line))
		text := strings.Join(got, " ")
		if err != nil {
			text = "! " + err.Error()
		}
		if diff := cmp.Diff(want, text); diff != "" {
			t.Errorf("%s:\n%s", line, diff)
		}
	}
}

func TestArrangeRefuses(t *testing.T) {
	tests := map[string]struct{ line, msg, help string }{
		"nothing":            {"", "no subcommand", "see raspc --help"},
		"unknown subcommand": {"exprot a", `unknown subcommand "exprot"`, "did you mean export?"},
		"far subcommand":     {"frobnicate", `unknown subcommand "frobnicate"`, "the subcommands are export, graft, verify, run, check, inspect, compile, fmt, import, explain, repl, lsp"},
		"flag first":         {"--json check a", "--json stands before the subcommand", "write the subcommand first: see raspc --help"},
		"misspelt flag":      {"check a --max-lne 3", "check has no flag --max-lne", "did you mean --max-len?"},
		"no flag at all":     {"export a --bogus", "export has no flag --bogus", "see raspc export --help"},
		"one dash":           {"check a -max-len 3", "check has no flag -max-len", "did you mean --max-len?"},
		"two dashes":         {"export a --o out", "export has no flag --o", "did you mean -o?"},
		"far flag":           {"check a --frobnicate", "check has no flag --frobnicate", "see raspc check --help"},
		"value left out":     {"check a --vocab", "--vocab needs a value", ""},
		"flag for a value":   {"check --vocab --json a", "--vocab needs a value, and --json looks like a flag", "write --vocab=--json if it is the value"},
		"twice":              {"check a --max-len 3 --max-len=4", "--max-len is given twice", ""},
		"causal twice":       {"check a --causal --causal off", "--causal is given twice", ""},
	}
	app := newApp(newConsole(strings.NewReader(""), io.Discard, io.Discard))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := arrange(app, strings.Fields(tt.line))
			var usage *usageError
			if !errors.As(err, &usage) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff([]string{tt.msg, tt.help}, []string{usage.msg, usage.help}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzArrange checks that no argument is lost: whatever is arranged without an
// error is a known flag or a positional argument.
func FuzzArrange(f *testing.F) {
	f.Add("export a.rasp -o out --json")
	f.Add("check --causal off -- -x --json")
	f.Add("run --input=- a --trace")
	app := newApp(newConsole(strings.NewReader(""), io.Discard, io.Discard))
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		got, err := arrange(app, args)
		if err != nil || len(got) < 2 || got[1] == "--help" || strings.HasPrefix(got[0], "-") {
			return
		}
		flags, positional := 0, 0
		for i, arg := range got[1:] {
			if arg == "--" {
				positional = len(got) - i - 2
				break
			}
			if name, _, hasValue := strings.Cut(arg, "="); !hasValue || app.Command(got[0]) == nil || len(name) < 3 {
				t.Fatalf("%q became %q", args, got)
			}
			flags++
		}
		// Each flag took one or two arguments, the terminator one.
		if left := len(args) - 1 - positional; left < flags || left > 2*flags+1 {
			t.Fatalf("%q became %q", args, got)
		}
	})
}

func TestVocabText(t *testing.T) {
	tests := map[string]string{
		"":           "",
		"0..9":       "0..9",
		"-2..1":      "-2..1",
		"1.5..2":     "1.5..2",
		"a..z":       "a..z",
		`["a", "b"]`: `["a", "b"]`,
		` [1]`:       ` [1]`,
		`"abc"`:      `"abc"`,
		"a,b,c":      `["a", "b", "c"]`,
		"the, cat":   `["the", "cat"]`,
		"x1,2":       `["x1", 2]`,
		"1,2,-3,0.5": "[1, 2, -3, 0.5]",
		"True,False": "[True, False]",
		"abc":        `"abc"`,
		"()[]":       `"()[]"`,
		"é日":         `"é日"`,
		"12":         "12",
		"-1.5":       "-1.5",
		"True":       "True",
		"a b":        "a b",
		"a, (":       "a, (",
		"a,,b":       "a,,b",
		"it's":       "it's",
		"inf":        `"inf"`,
		"[a":         "[a",
		"-":          `"-"`,
		"\tab":       "\tab",
		"a,\"b\"":    "a,\"b\"",
		",,,":        ",,,",
	}
	for text, want := range tests {
		if got := vocabText(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
