package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sourcegraph/jsonrpc2"
)

// TestLanguageServer is an editor that starts raspc, on a program which loads
// another and cannot be compiled, and mends it.
func TestLanguageServer(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lib.rasp"), []byte("prices = {\"a\": 1, \"b\": 2};\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "main.rasp")
	uri := "file://" + filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		uri = "file:///" + filepath.ToSlash(path)
	}
	cmd := exec.Command("raspc", "lsp")
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	type published struct {
		Version     int
		Diagnostics []struct{ Code, Message string }
	}
	diagnostics := make(chan published, 10)
	editor := jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(ends{out, in}, jsonrpc2.VSCodeObjectCodec{}),
		jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
			var p published
			err := json.Unmarshal(*req.Params, &p)
			diagnostics <- p
			return nil, err
		}))
	notify := func(method string, params any) {
		t.Helper()
		if err := editor.Notify(t.Context(), method, params); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
	}
	call := func(method string, params, result any) {
		t.Helper()
		if err := editor.Call(t.Context(), method, params, result); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
	}
	type object = map[string]any
	id := object{"uri": uri}

	call("initialize", object{"capabilities": object{}}, nil)
	notify("initialized", object{})
	notify("textDocument/didOpen", object{"textDocument": object{
		"uri": uri, "version": 1, "languageId": "rasp",
		"text": "#: vocab = \"abc\"\n#: max_len = 3\nload \"lib\";\nprice=prices[tokens];\n",
	}})
	if p := <-diagnostics; p.Version != 1 || len(p.Diagnostics) != 1 || p.Diagnostics[0].Code != "E1004" {
		t.Errorf("the program has the diagnostics %+v", p)
	}
	notify("textDocument/didChange", object{
		"textDocument": object{"uri": uri, "version": 2},
		"contentChanges": []object{{"text": "b😀", "range": object{
			"start": object{"line": 0, "character": 13}, "end": object{"line": 0, "character": 15},
		}}, {"text": "", "range": object{
			"start": object{"line": 0, "character": 14}, "end": object{"line": 0, "character": 16},
		}}},
	})
	for p := range diagnostics {
		if p.Version == 2 {
			if len(p.Diagnostics) > 0 {
				t.Errorf("mended, the program has the diagnostics %+v", p)
			}
			break
		}
	}
	var hover struct{ Contents struct{ Value string } }
	call("textDocument/hover", object{"textDocument": id, "position": object{"line": 3, "character": 2}}, &hover)
	want := "```rasp\nprice=prices[tokens];\n```\n\ns-op of ints, 2 values: 1, 2"
	if diff := cmp.Diff(want, hover.Contents.Value); diff != "" {
		t.Errorf("the hover (-want +got):\n%s", diff)
	}
	var edits []struct{ NewText string }
	call("textDocument/formatting", object{"textDocument": id}, &edits)
	if len(edits) != 1 || edits[0].NewText != "price = prices[tokens];\n" {
		t.Errorf("it is formatted by %+v", edits)
	}
	call("shutdown", nil, nil)
	notify("exit", nil)
	if err := cmd.Wait(); err != nil {
		t.Errorf("raspc lsp ends with %v", err)
	}
}

// ends are the pipes of a process.
type ends struct {
	io.Reader
	io.WriteCloser
}

// TestLanguageServerIsLeft closes the pipe in the middle of a session.
func TestLanguageServerIsLeft(t *testing.T) {
	const begin = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`
	cmd := exec.Command("raspc", "lsp")
	cmd.Stdin = strings.NewReader("Content-Length: 75\r\n\r\n" + begin)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitWrong || !strings.HasPrefix(string(exit.Stderr), "error: the client left ") {
		t.Errorf("it ends with %v, %s", err, exit.Stderr)
	}
	if !strings.Contains(string(out), `"serverInfo":{"name":"raspc","version":`) {
		t.Errorf("it answers %s", out)
	}
}
