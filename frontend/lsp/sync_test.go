package lsp_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

// TestTyping types a program character by character, with the help that editors
// ask for in between. In the end the server has the program that was typed.
func TestTyping(t *testing.T) {
	const program = "#: tokens = int\n#: vocab = 0..9\n#: max_len = 5\n" +
		"# How many tokens are smaller.\ndef rank(x, by) {\n  before = select(by, by, <);\n  return selector_width(before);\n}\n" +
		"a = \"😀\"; # 😀\r\nplace = rank(tokens, tokens);\n"
	checked := make(chan string, len(program))
	e := start(t, lsp.Options{Check: func(_, text string, _ func(string) (string, error)) (diag.List, error) {
		checked <- text
		return nil, nil
	}})
	e.open("a.rasp", "")
	var typed strings.Builder
	version := 1
	for _, r := range program {
		here := end(typed.String())
		version++
		e.edit("a.rasp", version, object{"range": span{here, here}, "text": string(r)})
		typed.WriteRune(r)
		here = end(typed.String())
		for _, method := range []string{"textDocument/completion", "textDocument/signatureHelp", "textDocument/hover", "textDocument/documentHighlight"} {
			e.call(method, at("a.rasp", here), nil)
		}
		e.call("textDocument/documentSymbol", object{"textDocument": object{"uri": uri("a.rasp")}}, nil)
	}
	compare(t, "the diagnostics", []string{}, codes(e.diagnostics("a.rasp", version)))
	var last string
	for len(checked) > 0 {
		last = <-checked
	}
	compare(t, "the text", program, last)
	const want = "```rasp\nplace = rank(tokens, tokens);\n```\n\ns-op of ints, "
	if got := e.hover("a.rasp", position{9, 2}); !strings.HasPrefix(got, want) {
		t.Errorf("the hover is %q", got)
	}
}

// end is the position behind a text.
func end(text string) position {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	last := lines[len(lines)-1]
	return position{len(lines) - 1, len(utf16.Encode([]rune(last)))}
}
