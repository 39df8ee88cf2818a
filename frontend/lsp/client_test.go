package lsp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sourcegraph/jsonrpc2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

// editor is the other end of a session. Its framing of messages is that of the
// library, so that the server's own meets another one.
type editor struct {
	t    *testing.T
	conn *jsonrpc2.Conn
	// published receives the diagnostics, log what the user is told.
	published chan publication
	log       chan string
	// ended gives what Serve returned.
	ended chan error
}

type publication struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type diagnostic struct {
	Range              span   `json:"range"`
	Severity           int    `json:"severity"`
	Code               string `json:"code"`
	Source             string `json:"source"`
	Message            string `json:"message"`
	RelatedInformation []struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	} `json:"relatedInformation"`
	Data struct {
		Explain string `json:"explain"`
	} `json:"data"`
}

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type location struct {
	URI   string `json:"uri"`
	Range span   `json:"range"`
}

type edit struct {
	Range   span   `json:"range"`
	NewText string `json:"newText"`
}

// String gives line:column-line:column, from 0.
func (s span) String() string {
	return fmt.Sprintf("%d:%d-%d:%d", s.Start.Line, s.Start.Character, s.End.Line, s.End.Character)
}

type object = map[string]any

// files are a file system, by path.
type files map[string]string

func (f files) read(path string) (string, error) {
	text, ok := f[path]
	if !ok {
		return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return text, nil
}

// connect starts a server. Options that are zero are those of tests: no delay,
// and files that are none.
func connect(t *testing.T, o lsp.Options) *editor {
	t.Helper()
	if o.Read == nil {
		o.Read = files{}.read
	}
	if o.Delay == 0 {
		o.Delay = -1
	}
	if o.Budget == 0 {
		o.Budget = time.Minute // more than any test takes
	}
	toServer, fromEditor := io.Pipe()
	toEditor, fromServer := io.Pipe()
	e := &editor{
		t: t, published: make(chan publication, 10_000), log: make(chan string, 100), ended: make(chan error, 1),
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		e.ended <- lsp.Serve(ctx, toServer, fromServer, o)
		fromServer.Close()
	}()
	ends := struct {
		io.Reader
		io.WriteCloser
	}{toEditor, fromEditor}
	stream := jsonrpc2.NewBufferedStream(ends, jsonrpc2.VSCodeObjectCodec{})
	e.conn = jsonrpc2.NewConn(ctx, stream, jsonrpc2.HandlerWithError(e.handle))
	t.Cleanup(func() {
		e.conn.Close()
		stop()
	})
	return e
}

// start begins a session of a client with all capabilities.
func start(t *testing.T, o lsp.Options) *editor {
	t.Helper()
	e := connect(t, o)
	e.call("initialize", object{"capabilities": object{
		"workspace": object{"workspaceEdit": object{"documentChanges": true}},
		"textDocument": object{
			"publishDiagnostics": object{"relatedInformation": true},
			"hover":              object{"contentFormat": []string{"markdown", "plaintext"}},
		},
	}}, nil)
	e.notify("initialized", object{})
	return e
}

func (e *editor) handle(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
	switch req.Method {
	case "textDocument/publishDiagnostics":
		var p publication
		if err := json.Unmarshal(*req.Params, &p); err != nil {
			return nil, err
		}
		e.published <- p
	case "window/logMessage":
		e.log <- string(*req.Params)
	}
	return nil, nil
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(e.t.Context(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

// call sends a request that must succeed.
func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	if err := e.conn.Call(e.t.Context(), method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

// refused sends a request that must fail, and returns the error.
func (e *editor) refused(method string, params any) *jsonrpc2.Error {
	e.t.Helper()
	err := e.conn.Call(e.t.Context(), method, params, nil)
	var own *jsonrpc2.Error
	if !errors.As(err, &own) {
		e.t.Fatalf("%s: %v, which is no refusal", method, err)
	}
	return own
}

const folder = "file:///project/"

// open opens a document; its name is relative to the folder /project, or a URI.
func (e *editor) open(name, text string) {
	e.t.Helper()
	e.notify("textDocument/didOpen", object{"textDocument": object{
		"uri": uri(name), "languageId": "rasp", "version": 1, "text": text,
	}})
}

func uri(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	return folder + name
}

// change replaces the text of a document.
func (e *editor) change(name string, version int, text string) {
	e.t.Helper()
	e.edit(name, version, object{"text": text})
}

func (e *editor) edit(name string, version int, changes ...object) {
	e.t.Helper()
	e.notify("textDocument/didChange", object{
		"textDocument": object{"uri": uri(name), "version": version}, "contentChanges": changes,
	})
}

// diagnostics waits for those of a version.
func (e *editor) diagnostics(name string, version int) []diagnostic {
	e.t.Helper()
	for {
		p := e.next()
		if p.URI == uri(name) && p.Version != nil && *p.Version == version {
			return p.Diagnostics
		}
	}
}

func (e *editor) next() publication {
	e.t.Helper()
	select {
	case p := <-e.published:
		return p
	case err := <-e.ended:
		e.t.Fatalf("the server ended: %v", err)
	}
	return publication{}
}

// codes lists diagnostics as "CODE line:column-line:column".
func codes(list []diagnostic) []string {
	all := []string{}
	for _, d := range list {
		all = append(all, d.Code+" "+d.Range.String())
	}
	return all
}

// at is a request's parameters about a place in a document.
func at(name string, p position) object {
	return object{"textDocument": object{"uri": uri(name)}, "position": p}
}

// marked takes the mark | out of a text and returns where it was.
func marked(t *testing.T, text string) (string, position) {
	t.Helper()
	before, after, ok := strings.Cut(text, "|")
	if !ok || strings.Contains(after, "|") {
		t.Fatalf("%q has not one mark", text)
	}
	line := strings.Count(before, "\n")
	return before + after, position{line, len(before) - strings.LastIndex(before, "\n") - 1}
}

// compare fails where two things differ.
func compare(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// compiles is a Check that finds nothing, or what a program asks for with a
// comment "# find CODE".
func compiles(name, text string, _ func(string) (string, error)) (diag.List, error) {
	if _, code, ok := strings.Cut(text, "# find "); ok {
		src := diag.NewSource(name, text)
		return diag.List{diag.New(diag.Code(code[:5]), diag.Span{Source: src, Start: 0, End: 1}, "found")}, nil
	}
	return nil, nil
}

// safeBuffer keeps what is written until it is read: a check that is under way
// when the session ends may still write.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
