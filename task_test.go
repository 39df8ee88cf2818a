package raspc_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc"
)

// TestTasks refuses programs and choices with which no text could go on.
func TestTasks(t *testing.T) {
	const letters = "#: vocab = \"abc\"\n#: max_len = 4\n"
	const numbers = "#: tokens = int\n#: vocab = 0..3\n#: max_len = 4\n"
	next := raspc.ExportOptions{Task: raspc.TaskCausalLM}
	ends := func(text string) raspc.ExportOptions {
		return raspc.ExportOptions{Task: raspc.TaskCausalLM, EOS: text}
	}
	for name, c := range map[string]struct {
		text       string
		o          raspc.ExportOptions
		want, help string
	}{
		"unknown task":     {letters + "x = tokens;", raspc.ExportOptions{Task: "fill-mask"}, `"fill-mask"`, ""},
		"end without task": {letters + "x = tokens;", raspc.ExportOptions{EOS: "a"}, "only where the task", ""},
		"mobilebert":       {letters + "x = tokens;", raspc.ExportOptions{Task: raspc.TaskCausalLM, Arch: "mobilebert"}, "mobilebert", "gpt2"},
		"unknown arch":     {letters + "x = tokens;", raspc.ExportOptions{Task: raspc.TaskCausalLM, Arch: "opt"}, `"opt" is none of`, ""},
		"bert":             {letters + "x = tokens;", raspc.ExportOptions{Task: raspc.TaskCausalLM, Arch: "bert"}, "bert", "gpt2"},
		"looks ahead":      {reverse, next, "look ahead", "--causal on"},
		"no token":         {letters + "x = tokens if indices > 0 else \"?\";", next, "'?', which is no token", "--eos ?"},
		"a number":         {letters + "x = indices;", next, "which are no tokens", "--eos takes one of them"},
		"another kind":     {numbers + "x = tokens == 1;", next, "of the kind bool", ""},
		"the first token":  {letters + "#: bos = \"§\"\nx = aggregate(select(indices, 0, ==), tokens);", next, "'§', with which every input begins", ""},
		"no such end":      {letters + "x = tokens;", ends("."), `no text ends with "."`, "'a', 'b', 'c'"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			_, err := compile(t, c.text, raspc.Options{}).Export(dir, c.o)
			var choice *raspc.ChoiceError
			if !errors.As(err, &choice) || !strings.Contains(err.Error(), c.want) || !strings.Contains(choice.Help, c.help) {
				t.Errorf("error is %v", err)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("the folder is there, %v", err)
			}
		})
	}
}
