package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// ErrNoShutdown says that the client went away without the requests that end a
// session.
var ErrNoShutdown = errors.New("the client left without shutting the language server down")

// Options are what the server's surroundings decide. The zero value is fit for
// use.
type Options struct {
	// Version is what the server says of itself.
	Version string
	// Check returns all diagnostics of a program, those of its compilation
	// included. It is asked where a program has a vocabulary and a maximum length.
	// An error is one of the compiler's own. nil leaves out the compilation.
	Check func(name, text string, read func(path string) (string, error)) (diag.List, error)
	// Read returns the text of a file that is not open; nil reads from the disk.
	Read func(path string) (string, error)
	// Delay is how long a document must rest after a change before it is checked; 0
	// is DefaultDelay, and below 0 is none.
	Delay time.Duration
	// Budget is how long anything may take: a check that takes longer is reported
	// as far as it got, and a question is answered with what is known. 0 is
	// DefaultBudget.
	Budget time.Duration
}

// What zero Options mean.
const (
	DefaultDelay  = 150 * time.Millisecond
	DefaultBudget = 5 * time.Second
)

// Serve speaks with a client until that ends the session. The error is nil where
// it did so as the protocol demands, or never began one; it is ErrNoShutdown,
// with the cause, where it did not, and that of the context where this ended.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, messages := newServer(ctx, o), newStream(in, out)
	conn := jsonrpc2.NewConn(ctx, messages, s, jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	<-conn.DisconnectNotify()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch problem := messages.problem(); {
	case s.exit && s.phase == shutDown:
		return nil
	case s.exit:
		return ErrNoShutdown
	case ctx.Err() != nil:
		return ctx.Err()
	case problem != nil:
		return fmt.Errorf("%w: %w", ErrNoShutdown, problem)
	case s.phase == running:
		return ErrNoShutdown
	}
	return nil
}

// phase is how far a session is.
type phase uint8

const (
	fresh phase = iota
	running
	shutDown
)

type server struct {
	opts Options
	ctx  context.Context
	// slots bounds how many documents are checked at a time.
	slots chan struct{}
	// answering counts the requests under way.
	answering sync.WaitGroup

	// publishing is held while diagnostics are sent, so that older ones cannot
	// overtake newer ones; mu may be taken under it, and not the other way round.
	publishing sync.Mutex

	mu      sync.Mutex
	phase   phase
	exit    bool
	client  client
	docs    map[string]*document
	cancels map[jsonrpc2.ID]context.CancelFunc
}

// client is what the client said that it can do.
type client struct {
	encoding        encoding
	related         bool
	documentChanges bool
	markup          string
}

func newServer(ctx context.Context, o Options) *server {
	if o.Read == nil {
		o.Read = resolve.ReadFile
	}
	if o.Delay == 0 {
		o.Delay = DefaultDelay
	}
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	return &server{
		opts: o, ctx: ctx, slots: make(chan struct{}, 2),
		client: client{encoding: utf16Units, markup: "markdown"},
		docs:   map[string]*document{}, cancels: map[jsonrpc2.ID]context.CancelFunc{},
	}
}

func (s *server) now() phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase
}

// Handle takes one message. The next is read when it returns: requests about
// documents are answered beside, from the state that the documents have now.
func (s *server) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	if req.Notif {
		if err := s.guarded(req.Method, func() error { return s.notified(conn, req) }); err != nil {
			s.complain(conn, err)
		}
		return
	}
	var first begun
	err := s.guarded(req.Method, func() (err error) {
		first, err = s.begin(req)
		return err
	})
	if err != nil || first.later == nil {
		s.answer(conn, req.ID, first.result, err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.Budget)
	s.mu.Lock()
	s.cancels[req.ID] = cancel
	s.mu.Unlock()
	s.answering.Go(func() {
		result, err := s.await(ctx, req.Method, first.later)
		s.mu.Lock()
		delete(s.cancels, req.ID)
		s.mu.Unlock()
		cancel()
		s.answer(conn, req.ID, result, err)
	})
}

// grace is how long an answer may take that should be given with what is known
// when the budget is spent. Only a file system that hangs needs it.
const grace = 5 * time.Second

// await returns an answer, or an error where it is cancelled or does not come.
func (s *server) await(ctx context.Context, method string, do func(context.Context) (any, error)) (any, error) {
	type outcome struct {
		result any
		err    error
	}
	f := async(s, method, func() (o outcome) {
		o.err = s.guarded(method, func() (err error) {
			o.result, err = do(ctx)
			return err
		})
		return o
	})
	o, ok := f.wait(ctx)
	if !ok && !errors.Is(ctx.Err(), context.Canceled) {
		last, stop := context.WithTimeout(s.ctx, grace)
		defer stop()
		o, ok = f.wait(last)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, failure(codeCancelled, "cancelled")
	case !ok:
		return nil, failure(codeFailed, "this takes too long")
	}
	return o.result, o.err
}

// Error codes of the protocol.
const (
	codeNotInitialized = -32002
	codeCancelled      = -32800
	codeFailed         = -32803
)

func failure(code int64, format string, args ...any) error {
	return &jsonrpc2.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// guarded turns a panic into an error: a bug in the answer to one question is no
// reason to take the editor's other help away.
func (s *server) guarded(method string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = failure(jsonrpc2.CodeInternalError, "internal error in %s: %v\n%s", method, p, debug.Stack())
		}
	}()
	return do()
}

func (s *server) answer(conn *jsonrpc2.Conn, id jsonrpc2.ID, result any, err error) {
	resp := &jsonrpc2.Response{ID: id}
	if err == nil {
		err = resp.SetResult(result)
	}
	var own *jsonrpc2.Error
	switch {
	case errors.As(err, &own):
		resp.Error = own
	case err != nil:
		resp.Error = &jsonrpc2.Error{Code: codeFailed, Message: err.Error()}
	}
	// A client that is gone needs no answer.
	_ = conn.SendResponse(s.ctx, resp)
}

// complain tells the user of an error for which there is no answer to put it in.
func (s *server) complain(conn *jsonrpc2.Conn, err error) {
	_ = conn.Notify(s.ctx, "window/logMessage", logParams{Type: 1, Message: "raspc: " + err.Error()})
}

// begun is the answer to a request, or what will find it.
type begun struct {
	result any
	later  func(context.Context) (any, error)
}

// begin looks at a request. Those that open and end the session are answered at
// once.
func (s *server) begin(req *jsonrpc2.Request) (begun, error) {
	switch now := s.now(); {
	case req.Method == "initialize" && now == fresh:
		result, err := s.initialize(req)
		return begun{result: result}, err
	case req.Method == "initialize":
		return begun{}, failure(jsonrpc2.CodeInvalidRequest, "the server is initialized already")
	case now == fresh:
		return begun{}, failure(codeNotInitialized, "the server is not initialized")
	case now == shutDown:
		return begun{}, failure(jsonrpc2.CodeInvalidRequest, "the server is shut down")
	case req.Method == "shutdown":
		s.answering.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.phase = shutDown
		return begun{}, nil
	}
	question, ok := questions[req.Method]
	if !ok {
		return begun{}, failure(jsonrpc2.CodeMethodNotFound, "%q is not supported", req.Method)
	}
	var about documentParams
	if err := decode(req, &about); err != nil {
		return begun{}, err
	}
	v, err := s.view(about.TextDocument.URI)
	return begun{later: func(ctx context.Context) (any, error) { return question(ctx, v, req) }}, err
}

// question answers a request about a view of a document.
type question func(ctx context.Context, v *view, req *jsonrpc2.Request) (any, error)

// ask makes a question of a function that takes the request's parameters.
func ask[P, R any](do func(ctx context.Context, v *view, p P) (R, error)) question {
	return func(ctx context.Context, v *view, req *jsonrpc2.Request) (any, error) {
		var p P
		if err := decode(req, &p); err != nil {
			return nil, err
		}
		return do(ctx, v, p)
	}
}

// questions are the requests about documents.
var questions = map[string]question{
	"textDocument/hover":             ask(hover),
	"textDocument/definition":        ask(definition),
	"textDocument/references":        ask(references),
	"textDocument/documentHighlight": ask(highlights),
	"textDocument/documentSymbol":    ask(symbols),
	"textDocument/completion":        ask(completion),
	"textDocument/signatureHelp":     ask(signatures),
	"textDocument/formatting":        ask(formatting),
	"textDocument/codeAction":        ask(codeActions),
}

func decode(req *jsonrpc2.Request, into any) error {
	if req.Params == nil {
		return failure(jsonrpc2.CodeInvalidParams, "%s needs parameters", req.Method)
	}
	if err := json.Unmarshal(*req.Params, into); err != nil {
		return failure(jsonrpc2.CodeInvalidParams, "%s: %v", req.Method, err)
	}
	return nil
}

// initialize takes note of what the client can do, and says what the server can.
func (s *server) initialize(req *jsonrpc2.Request) (*initializeResult, error) {
	var p initializeParams
	if err := decode(req, &p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = running
	for _, e := range p.Capabilities.General.PositionEncodings {
		if e == utf8Bytes || e == utf16Units {
			s.client.encoding = e
			break
		}
	}
	text := p.Capabilities.TextDocument
	if formats := text.Hover.ContentFormat; len(formats) > 0 && formats[0] == "plaintext" {
		s.client.markup = "plaintext"
	}
	s.client.related = text.PublishDiagnostics.RelatedInformation
	s.client.documentChanges = p.Capabilities.Workspace.WorkspaceEdit.DocumentChanges
	return &initializeResult{
		ServerInfo: serverInfo{"raspc", s.opts.Version},
		Capabilities: capabilities{
			PositionEncoding: s.client.encoding,
			TextDocumentSync: syncOptions{OpenClose: true, Change: 2},
			HoverProvider:    true, DefinitionProvider: true, ReferencesProvider: true, DocumentHighlightProvider: true,
			DocumentSymbolProvider: true, DocumentFormattingProvider: true,
			CompletionProvider:    triggers{[]string{":", "\""}},
			SignatureHelpProvider: triggers{[]string{"(", ","}},
			CodeActionProvider:    codeActionOptions{[]string{quickFix, fixAll}},
		},
	}, nil
}

// notified takes a notification. Those that are not known are passed over, as the
// protocol wants.
func (s *server) notified(conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	if req.Method == "exit" {
		s.mu.Lock()
		s.exit = true
		s.mu.Unlock()
		return conn.Close()
	}
	if s.now() != running {
		return nil
	}
	switch req.Method {
	case "$/cancelRequest":
		return s.cancel(req)
	case "textDocument/didOpen":
		return s.didOpen(conn, req)
	case "textDocument/didChange":
		return s.didChange(conn, req)
	case "textDocument/didClose":
		return s.didClose(conn, req)
	case "textDocument/didSave", "workspace/didChangeWatchedFiles":
		s.recheck(conn)
	}
	return nil
}

func (s *server) cancel(req *jsonrpc2.Request) error {
	var p cancelParams
	var id jsonrpc2.ID
	if err := decode(req, &p); err != nil {
		return err
	}
	if err := json.Unmarshal(p.ID, &id); err != nil {
		return failure(jsonrpc2.CodeInvalidParams, "%s: %v", req.Method, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stop, ok := s.cancels[id]; ok {
		stop()
	}
	return nil
}
