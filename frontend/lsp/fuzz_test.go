package lsp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

// frame puts a header before a message.
func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// FuzzServer sends bytes behind the beginning of a session. Whatever they are,
// the server writes messages and nothing else, and none of them tells of a crash.
func FuzzServer(f *testing.F) {
	f.Add("Content-Length: 3\r\n\r\n{}}")
	f.Add(frame(`{"jsonrpc":"2.0","id":3,"method":"shutdown"}`) + frame(`{"jsonrpc":"2.0","method":"exit"}`))
	f.Add(frame(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a.rasp","version":2},` +
		`"contentChanges":[{"range":{"start":{"line":-1,"character":9},"end":{"line":0,"character":-4}},"text":"x"},{"text":"y"}]}}`))
	f.Add(frame(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{}}}`))
	for _, method := range methods {
		f.Add(frame(`{"jsonrpc":"2.0","id":"a","method":"` + method + `","params":{"textDocument":{"uri":"file:///a.rasp"},` +
			`"position":{"line":1,"character":4},"range":{"start":{"line":0},"end":{"line":9}},"context":{"only":[""]}}}`))
	}
	f.Fuzz(func(t *testing.T, text string) {
		begin := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`) +
			frame(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.rasp","version":1,"text":"x = 1;\ny = x"}}}`)
		var out safeBuffer
		err := lsp.Serve(t.Context(), strings.NewReader(begin+text), &out, lsp.Options{Delay: -1, Read: files{}.read})
		if err != nil && !errors.Is(err, lsp.ErrNoShutdown) {
			t.Fatalf("%q: %v", text, err)
		}
		noCrash(t, text, out.bytes())
	})
}

var methods = []string{
	"textDocument/hover", "textDocument/definition", "textDocument/references", "textDocument/documentHighlight",
	"textDocument/documentSymbol", "textDocument/completion", "textDocument/signatureHelp", "textDocument/formatting",
	"textDocument/codeAction",
}

// FuzzQuestions asks everything about any text at any place.
func FuzzQuestions(f *testing.F) {
	for _, info := range diag.Codes() {
		f.Add(info.Example, 1, 3)
	}
	f.Add("#: output = x\ndef f(a, b) {\n  c = [i for i in a];\n  return f(a, c);\n}\nload \"l\"; x = f(tokens, 😀", 3, 9)
	f.Fuzz(func(t *testing.T, text string, line, column int) {
		if len(text) > 2000 { // many long loops would take their time one after the other
			return
		}
		message := func(id int, method string, params any) string {
			m := object{"jsonrpc": "2.0", "method": method, "params": params}
			if id > 0 {
				m["id"] = id
			}
			body, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return frame(string(body))
		}
		id := object{"uri": uri("a.rasp")}
		here := position{line, column}
		in := message(1, "initialize", object{"capabilities": object{}})
		in += message(0, "textDocument/didOpen", object{"textDocument": object{"uri": uri("a.rasp"), "text": text}})
		for i, method := range methods {
			in += message(2+i, method, object{"textDocument": id, "position": here, "range": span{here, here}})
		}
		in += message(99, "shutdown", nil) + message(0, "exit", nil)
		var out safeBuffer
		read := files{"/project/l.rasp": text}.read
		if err := lsp.Serve(t.Context(), strings.NewReader(in), &out, lsp.Options{Delay: -1, Read: read, Budget: time.Minute}); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		noCrash(t, text, out.bytes())
		for i := range methods {
			if !bytes.Contains(out.bytes(), fmt.Appendf(nil, `"id":%d,`, 2+i)) {
				t.Fatalf("%q: %s is not answered", text, methods[i])
			}
		}
	})
}

// noCrash reads what a server wrote.
func noCrash(t *testing.T, text string, out []byte) {
	for len(out) > 0 {
		var length int
		if _, err := fmt.Sscanf(string(out), "Content-Length: %d\r\n\r\n", &length); err != nil {
			t.Fatalf("%q: the server writes %q", text, out)
		}
		_, body, _ := bytes.Cut(out, []byte("\r\n\r\n"))
		if len(body) < length || !json.Valid(body[:length]) {
			t.Fatalf("%q: the server writes %q", text, out)
		}
		if bytes.Contains(body[:length], []byte("internal error")) || bytes.Contains(body[:length], []byte("bug of raspc")) {
			t.Fatalf("%q: %s", text, body[:length])
		}
		out = body[length:]
	}
}
