package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
)

func TestExitCodes(t *testing.T) {
	at := func(name string) diag.Diagnostic {
		return diag.New(diag.BadMaxLen, diag.Span{Source: diag.NewSource(name, "x"), End: 1}, "wrong")
	}
	warning := diag.New(diag.ShadowsLibrary, diag.Span{}, "odd")
	full := &fs.PathError{Op: "write", Path: "model.onnx", Err: syscall.ENOSPC}
	tests := map[string]struct {
		err  error
		want int
	}{
		"nothing":              {nil, exitHolds},
		"a program":            {diag.List{at("a.rasp")}, exitWrong},
		"a flag":               {diag.List{at("--max-len")}, exitUsage},
		"a flag and a warning": {diag.List{warning, at("--max-len")}, exitUsage},
		"a flag and a program": {diag.List{at("--max-len"), at("a.rasp")}, exitWrong},
		"nowhere":              {diag.List{diag.New(diag.NoOutput, diag.Span{}, "none")}, exitWrong},
		"an input":             {fmt.Errorf("line 3: %w", &raspc.InputError{Msg: "too long"}), exitWrong},
		"a model file":         {errors.New("model.onnx: truncated"), exitWrong},
		"the command line":     {&usageError{"no", ""}, exitUsage},
		"a choice":             {&raspc.ChoiceError{Err: errors.New("no such opset")}, exitUsage},
		"different":            {verdict(exitDifferent), exitDifferent},
		"undecided":            {verdict(exitUndecided), exitUndecided},
		"a stage":              {&raspc.InternalError{Stage: "layout", Err: full}, exitInternal},
		"a panic":              {&crash{errors.New("index out of range"), nil}, exitInternal},
		"an interrupt":         {fmt.Errorf("export: %w", context.Canceled), exitInterrupted},
		"a full disk":          {fmt.Errorf("onnx: %w", full), exitIO},
		"no such file":         {&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, exitIO},
		"a closed pipe":        {&fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}, exitIO},
	}
	for name, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", name, got, tt.want)
		}
	}
}

// panicking breaks while the program is read.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("the reader broke") }

func TestPanicIsReported(t *testing.T) {
	for debug, shown := range map[string]bool{"": false, "1": true} {
		t.Setenv("RASPC_DEBUG", debug)
		var stderr bytes.Buffer
		if code := run([]string{"check", "-"}, panicking{}, io.Discard, &stderr); code != exitInternal {
			t.Errorf("exit code %d", code)
		}
		text := stderr.String()
		if !strings.HasPrefix(text, "error: internal error: the reader broke\n  = help: this is a bug of raspc "+raspc.Version) {
			t.Errorf("reported as %q", text)
		}
		if got := strings.Contains(text, "panicking.Read"); got != shown {
			t.Errorf("RASPC_DEBUG=%q: the stack is shown: %t", debug, got)
		}
	}
}

func TestInternalErrorIsReported(t *testing.T) {
	t.Setenv("RASPC_DEBUG", "1")
	var stderr bytes.Buffer
	con := newConsole(nil, io.Discard, &stderr)
	err := &raspc.InternalError{Stage: "layout", Program: "a.rasp", Err: errors.New("two heads in one slot"), Stack: []byte("goroutine 1")}
	if code := con.report(err); code != exitInternal {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"stage layout", "a.rasp", "two heads in one slot", "please report it", "goroutine 1"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %q", want, stderr.String())
		}
	}
}

// closed is a pipe that nobody reads.
type closed struct{}

func (closed) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
}

func TestClosedPipeIsQuiet(t *testing.T) {
	for _, args := range []string{"run - --input ab", "compile - --dump ast", "check - --vocab ab --max-len 2"} {
		var stderr bytes.Buffer
		code := run(strings.Fields(args), strings.NewReader("a = tokens;"), closed{}, &stderr)
		if code != exitIO || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, %q", args, code, stderr.String())
		}
	}
}

func TestAmount(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 84832: "84.8 kB", 999_949: "999.9 kB", 999_960: "1.0 MB",
		2_500_000_000: "2.5 GB", 4_000_000_000_000: "4000.0 GB",
	} {
		if got := amount(bytes); got != want {
			t.Errorf("%d bytes are %s, want %s", bytes, got, want)
		}
	}
}
