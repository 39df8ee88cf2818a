//go:build unix

// Package ci_test runs what build servers run.
package ci_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc"
)

// programs are the texts of what the tests check and export.
var programs = map[string]string{
	"good":  "#: vocab = \"ab\"\n#: max_len = 2\nsame = tokens;\n",
	"other": "#: vocab = \"ab\"\n#: max_len = 2\nsame = \"b\" if tokens == \"a\" else \"a\";\n",
	"never": "#: vocab = \"abc\"\n#: max_len = 61\n#: inputs = \"[ab]*a[ab]{40}c{20}\"\nsame = tokens;\n", // inputs that are not found
	"wrong": "#: vocab = \"ab\"\n#: max_len = 2\na = nosuch;\n",
}

var (
	binary string // raspc
	script string // raspc-ci
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "raspc-ci")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "raspc")
		if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/raspc").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s", err, out)
			return 1
		}
		if script, err = filepath.Abs("raspc-ci"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// workspace is a folder with programs, and with models of each kind.
func workspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs {
		write(t, filepath.Join(dir, "programs", name+".rasp"), text)
	}
	for folder, name := range map[string]string{
		"out/good": "good", "out/my model": "good", "out/damaged": "good", "out/different": "good", "out/other": "other", "out/undecided": "never",
	} {
		m, err := raspc.Compile(name+".rasp", programs[name], raspc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Export(filepath.Join(dir, folder), raspc.ExportOptions{Formats: []string{raspc.FormatONNX}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, "out/damaged/model.onnx"), 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "out/other/model.onnx"), filepath.Join(dir, "out/different/model.onnx")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// start runs a command in a folder, with no variables of these scripts but the given ones.
func start(t *testing.T, dir string, env []string, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RASPC_") && !strings.HasPrefix(v, "GITHUB_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestRun(t *testing.T) {
	dir := workspace(t)
	for name, tt := range map[string]struct {
		env  []string
		code int
		says string // a pattern of the output
	}{
		"good program":          {[]string{"RASPC_FILES=programs/good.rasp"}, 0, `check of the programs: holds\n.*1 programs, 0 folders: 0 failed, 0 undecided\n`},
		"wrong program":         {[]string{"RASPC_FILES=programs/*.rasp"}, 1, `(?s)== check of the programs\n.*error\[E0401\].*error: check of the programs: a program, or`},
		"exported and proved":   {[]string{"RASPC_FILES=programs/good.rasp\nprograms/other.rasp", "RASPC_EXPORT=true", "RASPC_CERTIFY=true"}, 0, `(?s)proved for every input.*export of programs/good.rasp: holds.*export of programs/other.rasp: holds`},
		"exported and not":      {[]string{"RASPC_FILES=programs/wrong.rasp", "RASPC_EXPORT=true"}, 1, `error: export of programs/wrong.rasp: a program, or`},
		"good folders":          {[]string{"RASPC_FOLDERS= out/go*d \r\n\n\tout/my model\n"}, 0, `(?s)verification of out/good: holds.*verification of out/my model: holds.*2 folders`},
		"folders below":         {[]string{"RASPC_FOLDERS=out/my*"}, 0, `verification of out/my model: holds`},
		"damaged folder":        {[]string{"RASPC_FOLDERS=out/damaged\nout/good"}, 1, `(?s)error\[E12.*error: verification of out/damaged: a program, or.*verification of out/good: holds.*1 failed`},
		"different folder":      {[]string{"RASPC_FOLDERS=out/damaged\nout/different\nout/undecided"}, 3, `(?s)error: verification of out/different: the files are not equivalent.*2 failed, 1 undecided`},
		"undecided":             {[]string{"RASPC_FOLDERS=out/undecided"}, 4, `error: verification of out/undecided: undecided\n`},
		"undecided and damaged": {[]string{"RASPC_FOLDERS=out/undecided\nout/damaged"}, 1, `1 failed, 1 undecided`},
		"damaged and undecided": {[]string{"RASPC_FOLDERS=out/damaged\nout/undecided"}, 1, `1 failed, 1 undecided`},
		"undecided is allowed":  {[]string{"RASPC_FOLDERS=out/undecided", "RASPC_ALLOW_UNDECIDED=true"}, 0, `warning: verification of out/undecided: undecided\n`},
		"nothing fits":          {[]string{"RASPC_FILES=programs/*.raps"}, 2, `^error: RASPC_FILES: nothing fits programs/\*.raps\n$`},
		"no such folder":        {[]string{"RASPC_FOLDERS=out/none"}, 2, `^error: RASPC_FOLDERS: there is no out/none\n$`},
		"nothing to be tested":  {nil, 2, `name nothing to be tested`},
		"no truth value":        {[]string{"RASPC_FILES=programs/good.rasp", "RASPC_CERTIFY=yes"}, 2, `RASPC_CERTIFY is true or false, not yes`},
		"no such binary":        {[]string{"RASPC_FILES=programs/good.rasp", "RASPC_BINARY=./none"}, 2, `RASPC_BINARY is ./none, which is no program`},
	} {
		code, out, errs := start(t, dir, append([]string{"RASPC_BINARY=" + binary}, tt.env...), script, "run")
		// What is said of a subject stands on two streams.
		if both := out + errs; code != tt.code || !regexp.MustCompile(tt.says).MatchString(both) && !regexp.MustCompile(tt.says).MatchString(errs+out) {
			t.Errorf("%s: exit code %d, want %d and %s\n%s", name, code, tt.code, tt.says, both)
		}
	}
}

// TestGitHub has what the action reads.
func TestGitHub(t *testing.T) {
	dir := workspace(t)
	outputs := filepath.Join(dir, "outputs")
	code, out, errs := start(t, dir, []string{"RASPC_BINARY=" + binary, "GITHUB_ACTIONS=true", "GITHUB_OUTPUT=" + outputs, "RASPC_SARIF=logs",
		"RASPC_FILES=programs/w*.rasp", "RASPC_FOLDERS=out/different\nout/undecided", "RASPC_ALLOW_UNDECIDED=true"}, script, "run")
	if code != 3 || !strings.Contains(errs, "::error::verification of out/different: ") || !strings.Contains(errs, "::warning::verification of out/undecided: ") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if got, want := read(t, outputs), "failed=2\nundecided=1\nexit-code=3\n"; got != want {
		t.Errorf("outputs %q, want %q", got, want)
	}
	for name, want := range map[string]string{"check": "E0401", "verify-1": "different", "verify-2": "undecided"} {
		if log := read(t, filepath.Join(dir, "logs", name+".sarif")); !strings.Contains(log, `"ruleId": "`+want+`"`) {
			t.Errorf("%s has no %s:\n%s", name, want, log)
		}
	}
}

// release writes what a release is, of a raspc that tells its version.
func release(t *testing.T, dir, version, sum string) {
	t.Helper()
	name := fmt.Sprintf("raspc_%s_%s_%s.tar.gz", version, runtime.GOOS, runtime.GOARCH)
	text := "#!/bin/sh\necho raspc version " + version + "\n"
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: "raspc", Mode: 0o755, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	if sum == "" {
		sum = fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
	}
	write(t, filepath.Join(dir, "v"+version, name), b.String())
	write(t, filepath.Join(dir, "v"+version, "checksums.txt"), strings.Repeat("0", 64)+"  other.tar.gz\n"+sum+"  "+name+"\n")
}

func TestInstall(t *testing.T) {
	releases := t.TempDir()
	release(t, releases, "9.9.9", "")
	release(t, releases, "9.9.8", strings.Repeat("a", 64))
	release(t, releases, "9.9.7", "")
	write(t, filepath.Join(releases, "v9.9.7", "checksums.txt"), "")
	for version, tt := range map[string]struct {
		code int
		says string
	}{
		"9.9.9":  {0, "raspc version 9.9.9"},
		"v9.9.9": {0, "raspc version 9.9.9"},
		"9.9.8":  {1, "is damaged: its SHA-256"},
		"9.9.7":  {1, "checksums.txt has no line on"},
		"9.9.6":  {2, "there is no release 9.9.6, and the source here is " + raspc.Version},
		"source": {0, "raspc version " + raspc.Version},
		"":       {0, "no release at"}, // that of the source, which is built
	} {
		dir := filepath.Join(t.TempDir(), "bin")
		code, out, errs := start(t, releases, []string{"RASPC_RELEASES=file://" + releases, "RASPC_VERSION=" + version}, script, "install", dir)
		if code != tt.code || !strings.Contains(errs, tt.says) {
			t.Errorf("%q: exit code %d\n%s%s", version, code, out, errs)
		}
		if want := filepath.Join(dir, "raspc"); code == 0 && out != want+"\n" {
			t.Errorf("%q: prints %q, not %s", version, out, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "raspc")); (err == nil) != (code == 0) {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// TestAction holds the action to the script: every input is used, every
// variable of the action is one of the script.
func TestAction(t *testing.T) {
	action, text := read(t, "action.yml"), read(t, script)
	declared := regexp.MustCompile(`(?m)^  ([a-z-]+):$`).FindAllStringSubmatch(action[strings.Index(action, "\ninputs:"):strings.Index(action, "\noutputs:")], -1)
	var names []string
	for _, m := range declared {
		names = append(names, m[1])
		if !strings.Contains(action, "inputs."+m[1]+" ") {
			t.Errorf("the input %s is not used", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(action, -1) {
		if !slices.Contains(names, m[1]) {
			t.Errorf("there is no input %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`RASPC_[A-Z_]+`).FindAllString(action, -1) {
		if !strings.Contains(text, "#   "+m+" ") {
			t.Errorf("the script does not know %s", m)
		}
	}
	for _, m := range regexp.MustCompile(`steps\.run\.outputs\.([a-z-]+)`).FindAllStringSubmatch(action, -1) {
		if !strings.Contains(text, "output "+m[1]+" ") {
			t.Errorf("the script has no output %s", m[1])
		}
	}
}
