package lsp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

func TestSessionEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(*editor)
		want error
	}{
		"as it should": {func(e *editor) {
			e.call("shutdown", nil, nil)
			e.notify("exit", nil)
		}, nil},
		"without shutdown":   {func(e *editor) { e.notify("exit", nil) }, lsp.ErrNoShutdown},
		"the editor is gone": {func(e *editor) { e.conn.Close() }, lsp.ErrNoShutdown},
		"the editor is gone after shutdown": {func(e *editor) {
			e.call("shutdown", nil, nil)
			e.conn.Close()
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, lsp.Options{})
			e.open("a.rasp", "x = tokens;")
			tt.end(e)
			if err := <-e.ended; !errors.Is(err, tt.want) {
				t.Errorf("it ends with %v, not %v", err, tt.want)
			}
		})
	}
}

func TestNoSession(t *testing.T) {
	var out safeBuffer
	if err := lsp.Serve(t.Context(), strings.NewReader(""), &out, lsp.Options{}); err != nil || len(out.bytes()) > 0 {
		t.Errorf("nothing is answered with %q, %v", out.bytes(), err)
	}
	if err := lsp.Serve(t.Context(), strings.NewReader("Hello"), &out, lsp.Options{}); !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, lsp.ErrNoShutdown) {
		t.Errorf("what is no message ends with %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, _ := io.Pipe()
	ended := make(chan error)
	go func() { ended <- lsp.Serve(ctx, in, io.Discard, lsp.Options{}) }()
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}

func TestLifecycle(t *testing.T) {
	e := connect(t, lsp.Options{Version: "1.2.3"})
	code := func(method string) int64 { return e.refused(method, at("a.rasp", position{})).Code }
	e.open("a.rasp", "x = ;") // too early: passed over
	if got := code("textDocument/hover"); got != -32002 {
		t.Errorf("before initialize: %d", got)
	}
	var result struct {
		ServerInfo struct{ Name, Version string }
	}
	e.call("initialize", object{"capabilities": object{}}, &result)
	if result.ServerInfo.Name != "raspc" || result.ServerInfo.Version != "1.2.3" {
		t.Errorf("the server is %+v", result.ServerInfo)
	}
	for method, want := range map[string]int64{
		"initialize": jsonrpc2.CodeInvalidRequest, "textDocument/nosuch": jsonrpc2.CodeMethodNotFound,
		"textDocument/hover": jsonrpc2.CodeInvalidParams, // not open
	} {
		if got := code(method); got != want {
			t.Errorf("%s: %d, not %d", method, got, want)
		}
	}
	if got := e.refused("textDocument/hover", []int{1}).Code; got != jsonrpc2.CodeInvalidParams {
		t.Errorf("wrong parameters: %d", got)
	}
	if got := e.refused("textDocument/hover", nil).Code; got != jsonrpc2.CodeInvalidParams {
		t.Errorf("no parameters: %d", got)
	}
	e.notify("$/nosuch", object{})
	e.call("shutdown", nil, nil)
	if got := code("textDocument/hover"); got != jsonrpc2.CodeInvalidRequest {
		t.Errorf("after shutdown: %d", got)
	}
}

func TestEncodingIsAgreedOn(t *testing.T) {
	for _, tt := range []struct {
		offered []string
		want    string
		column  int // behind "😀"
	}{
		{nil, "utf-16", 8}, {[]string{"utf-32", "utf-8", "utf-16"}, "utf-8", 10}, {[]string{"utf-16", "utf-8"}, "utf-16", 8},
	} {
		e := connect(t, lsp.Options{})
		var result struct {
			Capabilities struct{ PositionEncoding string }
		}
		e.call("initialize", object{"capabilities": object{"general": object{"positionEncodings": tt.offered}}}, &result)
		if got := result.Capabilities.PositionEncoding; got != tt.want {
			t.Errorf("%v: %s, not %s", tt.offered, got, tt.want)
		}
		e.open("a.rasp", "x = \"😀\" + y;")
		compare(t, "the place of y", []string{fmt.Sprintf("E0401 0:%d-0:%d", tt.column+3, tt.column+4)}, codes(e.diagnostics("a.rasp", 1)))
	}
}

// TestBadMessages sends what is no message of the protocol. The session goes on,
// or ends with an error, but never crashes.
func TestBadMessages(t *testing.T) {
	message := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	begin := message(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	end := message(`{"jsonrpc":"2.0","id":9,"method":"shutdown"}`) + message(`{"jsonrpc":"2.0","method":"exit"}`)
	for name, tt := range map[string]struct {
		bytes, want string
		ends        bool
	}{
		"no JSON":                 {message("{"), `"error":{"code":-32700`, false},
		"no message":              {message(`[]`), `"error":{"code":-32600`, false},
		"nothing":                 {message(``), `"error":{"code":-32700`, false},
		"neither call nor answer": {message(`{"jsonrpc":"2.0"}`), `"error":{"code":-32600`, false},
		"an answer to nothing":    {message(`{"jsonrpc":"2.0","id":7,"result":1}`), `"id":9`, false},
		"other header fields": {"content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:46\n\n" +
			`{"jsonrpc":"2.0","id":"a","method":"nosuch"}  `, `"id":"a"`, false},
		"no length":         {"Content-Type: x\r\n\r\n{}", "", true},
		"a wrong length":    {"Content-Length: -1\r\n\r\n{}", "", true},
		"an absurd length":  {"Content-Length: 9223372036854775807\r\n\r\n{}", "", true},
		"an endless header": {strings.Repeat("x", 1<<16), "", true},
		"a cut message":     {"Content-Length: 10\r\n\r\n{", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			var out safeBuffer
			text := begin + tt.bytes
			if !tt.ends {
				text += end
			}
			err := lsp.Serve(t.Context(), strings.NewReader(text), &out, lsp.Options{})
			if tt.ends != errors.Is(err, lsp.ErrNoShutdown) || !tt.ends && err != nil {
				t.Errorf("it ends with %v", err)
			}
			if !strings.Contains(string(out.bytes()), tt.want) {
				t.Errorf("%q is answered with %q", tt.bytes, string(out.bytes()))
			}
		})
	}
}

// TestCancelled cancels questions that wait: for a program to be run, and for a
// file to be read.
func TestCancelled(t *testing.T) {
	e := start(t, lsp.Options{Read: hanging{}.read(t)})
	e.open("a.rasp", "load \"slow\"; x = tokens;")
	for i, method := range []string{"textDocument/hover", "textDocument/definition"} {
		id := uint64(77 + i)
		place := at("a.rasp", position{0, 13 + 4*i})
		asked, err := e.conn.DispatchCall(t.Context(), method, place, jsonrpc2.PickID(jsonrpc2.ID{Num: id}))
		if err != nil {
			t.Fatal(err)
		}
		e.notify("$/cancelRequest", object{"id": id})
		err = asked.Wait(t.Context(), nil)
		var own *jsonrpc2.Error
		if !errors.As(err, &own) || own.Code != -32800 {
			t.Errorf("%s is answered with %v", method, err)
		}
	}
}

// hanging is a file system that does not answer until the test ends.
type hanging struct{}

func (hanging) read(t *testing.T) func(string) (string, error) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(string) (string, error) {
		<-over
		return "", nil
	}
}

// TestAnswersWithoutAnalysis asks about a program that takes too long to run.
func TestAnswersWithoutAnalysis(t *testing.T) {
	e := start(t, lsp.Options{Read: hanging{}.read(t), Budget: time.Millisecond})
	e.open("a.rasp", "load \"slow\"; x = tokens;")
	var h struct{ Contents struct{ Value string } }
	e.call("textDocument/hover", at("a.rasp", position{0, 13}), &h)
	compare(t, "the hover", "```rasp\nx = tokens;\n```", h.Contents.Value)
	var list []diagnostic
	for len(list) == 0 {
		list = e.next().Diagnostics
	}
	if d := list[0]; d.Severity != 3 || !strings.Contains(d.Message, "longer than 1ms") {
		t.Errorf("the check that hangs is reported as %+v", d)
	}
}

// TestLateCheck is told of a check that takes longer than its budget, and then
// of what it found.
func TestLateCheck(t *testing.T) {
	found := make(chan diag.List)
	e := start(t, lsp.Options{
		Budget: time.Millisecond,
		Check:  func(string, string, func(string) (string, error)) (diag.List, error) { return <-found, nil },
	})
	e.open("a.rasp", "#: vocab = \"ab\"\n#: max_len = 2\nx = not tokens == \"a\";")
	for {
		if got := codes(e.diagnostics("a.rasp", 1)); len(got) == 2 {
			compare(t, "before the check ends", []string{"W0201 2:4-2:21", " 0:0-0:0"}, got)
			break
		}
	}
	found <- diag.List{diag.New(diag.CannotLower, diag.Span{}, "no")}
	for {
		if got := codes(e.diagnostics("a.rasp", 1)); got[len(got)-1] == "E1006 0:0-0:0" {
			break
		}
	}
}

// TestCrashes lets the compiler crash: the user is told, and the session goes on.
func TestCrashes(t *testing.T) {
	e := start(t, lsp.Options{Check: func(string, string, func(string) (string, error)) (diag.List, error) { panic("oh") }})
	e.open("a.rasp", "#: vocab = \"ab\"\n#: max_len = 2\nx = tokens;")
	list := e.diagnostics("a.rasp", 1)
	if len(list) != 1 || !strings.Contains(list[0].Message, "bug of raspc") || !strings.Contains(list[0].Message, "oh") {
		t.Errorf("a crash is reported as %+v", list)
	}
	e.change("a.rasp", 2, "x = tokens;")
	compare(t, "afterwards", []string{}, codes(e.diagnostics("a.rasp", 2)))
}

func TestWrongNotificationsAreLogged(t *testing.T) {
	e := start(t, lsp.Options{})
	e.notify("textDocument/didOpen", []int{1})
	e.edit("a.rasp", 2, object{"text": ""})
	for _, want := range []string{"didOpen", "not open"} {
		if got := <-e.log; !strings.Contains(got, want) {
			t.Errorf("the log has %s, and not %q", got, want)
		}
	}
}
