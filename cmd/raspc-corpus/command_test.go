package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asProcess is this command as a process of its own.
func asProcess(args ...string) (c *exec.Cmd, stderr *bytes.Buffer) {
	c, stderr = exec.Command(os.Args[0], args...), &bytes.Buffer{}
	c.Env = append(os.Environ(), commandVariable+"=1")
	c.Stderr = stderr
	return c, stderr
}

// TestErrorsOfTheSystem: one line says what the system says, and nothing is tried again.
func TestErrorsOfTheSystem(t *testing.T) {
	for _, more := range [][]string{nil, {"--processes", "1"}} {
		args := append([]string{"--count", "5", "-o", filepath.Join(t.TempDir(), "out")}, more...)
		parsed, err := parse(args, io.Discard)
		if err == nil {
			_, err = parsed.options.Begin(parsed.dir)
		}
		if err == nil { // where there should be a folder
			err = os.WriteFile(filepath.Join(parsed.dir, ".work"), nil, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		c, stderr := asProcess(args...)
		_ = c.Run()
		text := stderr.String()
		if code := c.ProcessState.ExitCode(); code != exitIO || strings.Count(text, "\n") != 1 || !strings.Contains(text, ".work: not a directory") {
			t.Errorf("%q: exit code %d: %s", more, code, text)
		}
	}
}

// TestEqualRunsAtOnce: each ends well, and the dataset is that of one.
func TestEqualRunsAtOnce(t *testing.T) {
	alone, both := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "out")
	args := []string{"--count", "70", "-o"}
	c, stderr := asProcess(append(args, alone)...)
	if err := c.Run(); err != nil || stderr.Len() > 0 {
		t.Fatal(err, stderr) // an engine that is well says nothing
	}
	first, text1 := asProcess(append(args, both)...)
	second, text2 := asProcess(append(args, both)...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	err2, err1 := second.Run(), first.Wait()
	if err1 != nil || err2 != nil {
		t.Fatalf("%v: %s\n%v: %s", err1, text1, err2, text2)
	}
	if !maps.Equal(read(t, both), read(t, alone)) {
		t.Error("the dataset is another one")
	}
}

func TestLastCause(t *testing.T) {
	for text, want := range map[string]string{
		"job failed:\nDataSource[x]\n\tcaused by:\nDoFn[UID:10] failed:\nno space left\n": "no space left",
		"no space left":                  "no space left",
		"a\n" + strings.Repeat("é", 300): strings.Repeat("é", 200) + "…",
	} {
		if got := lastCause(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
