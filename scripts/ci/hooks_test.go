//go:build unix

package ci_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hook is an entry of pre-commit-hooks.yaml.
type hook struct {
	keys  []string
	entry string
	files *regexp.Regexp
}

// hooks reads the file, which keeps to a plain part of YAML: a list of
// mappings of a key to one line, or behind >- to several.
func hooks(t *testing.T) map[string]hook {
	t.Helper()
	all := map[string]hook{}
	var id, key string
	for line := range strings.Lines(read(t, "pre-commit-hooks.yaml")) {
		line = strings.TrimRight(line, "\n")
		m := regexp.MustCompile(`^(- |  )([a-z_]+): (.+)$`).FindStringSubmatch(line)
		h := all[id]
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case m == nil && strings.HasPrefix(line, "    ") && key == "entry":
			h.entry = strings.TrimPrefix(h.entry+" "+strings.TrimSpace(line), ">- ")
		case m == nil || strings.HasPrefix(m[3], `"`) || strings.Contains(m[3], ": ") || strings.Contains(m[3], " #"):
			t.Fatalf("not understood: %s", line)
		default:
			key = m[2]
			h.keys = append(h.keys, key)
			switch key {
			case "id":
				id, h = m[3], hook{keys: []string{key}}
			case "entry":
				h.entry = m[3]
			case "files":
				h.files = regexp.MustCompile(m[3])
			}
		}
		all[id] = h
	}
	return all
}

func TestHooks(t *testing.T) {
	dir := workspace(t)
	bin := "PATH=" + filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH")
	all := hooks(t)
	if len(all) != 3 {
		t.Fatalf("%d hooks", len(all))
	}
	for name, h := range all {
		for _, key := range []string{"id", "name", "description", "entry", "language", "files"} {
			if !slices.Contains(h.keys, key) {
				t.Errorf("%s has no %s", name, key)
			}
		}
	}
	unformatted := filepath.Join(dir, "programs/wide.rasp")
	write(t, unformatted, "#: vocab = \"ab\"\n#: max_len = 2\nx   =   tokens;\n")
	for _, tt := range []struct {
		hook  string
		files []string
		code  int
		says  string
	}{
		{"raspc-check", []string{"programs/good.rasp", "programs/other.rasp"}, 0, "== programs/other.rasp =="},
		{"raspc-check", []string{"programs/wrong.rasp", "programs/good.rasp"}, 1, "error[E0401]"},
		{"raspc-fmt", []string{"programs/good.rasp", "programs/wide.rasp"}, 0, ""},
		{"raspc-verify", []string{"out/good/model.onnx", "out/good/raspc.json", "out/my model/model.onnx"}, 0, "equivalent: model.onnx"},
		{"raspc-verify", []string{"out/good/raspc.json", "out/damaged/model.onnx"}, 1, "error[E12"},
		{"raspc-verify", []string{"out/different/model.onnx", "out/good/model.onnx"}, 3, "different: model.onnx"},
		{"raspc-verify", []string{"programs/model.onnx"}, 0, ""}, // no export
	} {
		h := all[tt.hook]
		for _, f := range tt.files {
			if !h.files.MatchString(f) {
				t.Errorf("%s is not for %s", tt.hook, f)
			}
		}
		// The tool splits the entry as a shell does, and puts the files behind it.
		code, out, errs := start(t, dir, []string{bin}, "sh", append([]string{"-c", h.entry + ` "$@"`, "sh"}, tt.files...)...)
		if code != tt.code || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s of %q: exit code %d\n%s%s", tt.hook, tt.files, code, out, errs)
		}
	}
	if got := read(t, unformatted); !strings.HasSuffix(got, "\nx = tokens;\n") {
		t.Errorf("not formatted:\n%s", got)
	}
}

// TestHookFiles tells files of models from others.
func TestHookFiles(t *testing.T) {
	files := hooks(t)["raspc-verify"].files
	for name, want := range map[string]bool{
		"raspc.json": true, "out/model.onnx.data": true, "out/config.json": true, "out/model-00001-of-00002.safetensors": true,
		"out/model.safetensors.index.json": true, "out/notraspc.json": false, "a.rasp": false, "onnx": false,
	} {
		if files.MatchString(name) != want {
			t.Errorf("%s: %t", name, !want)
		}
	}
}
