package verify

import (
	"strings"
	"testing"

	"github.com/raspc/raspc/export/manifest"
)

func TestTokenizerFits(t *testing.T) {
	const right = `{"added_tokens":[{"id":2,"content":"<bos>"},{"id":3,"content":"<pad>"}],"model":{"vocab":{"a":0,"b":1}}}`
	tokens := manifest.Tokens{Vocab: []string{"a", "b"}, BOS: 2, PAD: 3}
	if err := tokenizerFits([]byte(right), tokens); err != nil {
		t.Error(err)
	}
	for name, c := range map[string][2]string{
		"exchanged":     {`"a":0,"b":1`, `"a":1,"b":0`},
		"one more":      {`"b":1`, `"b":1,"c":4`},
		"one less":      {`,"b":1`, ``},
		"other":         {`"b":1`, `"c":1`},
		"no special":    {`,{"id":3,"content":"<pad>"}`, ``},
		"wrong special": {`{"id":3`, `{"id":4`},
		"not JSON":      {`}}`, ``},
	} {
		if err := tokenizerFits([]byte(strings.Replace(right, c[0], c[1], 1)), tokens); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
