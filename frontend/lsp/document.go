package lsp

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// document is an open document. It is guarded by the server's mu.
type document struct {
	view *view
	// stop ends the check that is under way.
	stop context.CancelFunc
	// found are the diagnostics of the view, once they are known.
	found diag.List
	// loads are the names of the files that the view loads; nil while they are not
	// known.
	loads []string
}

// view is a state of a document. It is immutable.
type view struct {
	server  *server
	client  client
	uri     string
	version int
	src     *diag.Source

	parsed func() parsed
	loaded func() modules
	// analysed is begun when it is first asked for.
	analysed func() *future[*analysis]
}

// parsed is what the text alone tells.
type parsed struct {
	file   *syntax.File
	errors diag.List
	index  *index
}

func (s *server) newView(uri string, version int, text string) *view {
	v := &view{server: s, client: s.client, uri: uri, version: version, src: diag.NewSource(nameOf(uri), text)}
	v.parsed = sync.OnceValue(func() parsed { return parse(v.src) })
	v.loaded = sync.OnceValue(v.newModules)
	v.analysed = sync.OnceValue(v.newAnalysis)
	return v
}

func parse(src *diag.Source) parsed {
	var report diag.Report
	file := syntax.Parse(src, &report)
	return parsed{file, report.List().Errors(), newIndex(file)}
}

// view returns the present state of a document.
func (s *server) view(uri string) (*view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[uri]
	if !ok {
		return nil, failure(jsonrpc2.CodeInvalidParams, "%s is not open", uri)
	}
	return d.view, nil
}

func (s *server) didOpen(conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	var p openParams
	if err := decode(req, &p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace(conn, p.TextDocument.URI, p.TextDocument.Version, p.TextDocument.Text, 0)
	return nil
}

func (s *server) didChange(conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	var p changeParams
	if err := decode(req, &p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[p.TextDocument.URI]
	if !ok {
		return failure(jsonrpc2.CodeInvalidParams, "%s is changed and not open", p.TextDocument.URI)
	}
	src := d.view.src
	for _, c := range p.ContentChanges {
		src = diag.NewSource(src.Name(), changed(src, c, s.client.encoding))
	}
	s.replace(conn, p.TextDocument.URI, p.TextDocument.Version, src.Text(), s.opts.Delay)
	return nil
}

// changed returns the text after a change.
func changed(src *diag.Source, c textChange, e encoding) string {
	if c.Range == nil {
		return c.Text
	}
	start, end := e.offset(src, c.Range.Start), e.offset(src, c.Range.End)
	return src.Text()[:start] + c.Text + src.Text()[max(start, end):]
}

// replace gives a document a new state, and has it checked after a delay, as those
// that load it.
func (s *server) replace(conn *jsonrpc2.Conn, uri string, version int, text string, delay time.Duration) {
	d, ok := s.docs[uri]
	if !ok {
		d = &document{}
		s.docs[uri] = d
	}
	d.view, d.found, d.loads = s.newView(uri, version, text), nil, nil
	s.schedule(conn, d, delay)
	s.renewLoading(conn, d.view.src.Name())
}

// renewLoading forgets what is known of the documents that load a file, or may.
func (s *server) renewLoading(conn *jsonrpc2.Conn, name string) {
	for _, d := range s.docs {
		if d.view.src.Name() != name && (d.loads == nil || slices.Contains(d.loads, name)) {
			s.renew(conn, d)
		}
	}
}

// recheck has all documents checked: files that they load may have changed.
func (s *server) recheck(conn *jsonrpc2.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.docs {
		s.renew(conn, d)
	}
}

// renew forgets what is known of a document whose text is still the same.
func (s *server) renew(conn *jsonrpc2.Conn, d *document) {
	d.view = s.newView(d.view.uri, d.view.version, d.view.src.Text())
	s.schedule(conn, d, s.opts.Delay)
}

func (s *server) didClose(conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	var p documentParams
	if err := decode(req, &p); err != nil {
		return err
	}
	uri := p.TextDocument.URI
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[uri]
	if !ok {
		return nil
	}
	d.stop()
	delete(s.docs, uri)
	s.renewLoading(conn, d.view.src.Name())
	go s.withdraw(conn, uri)
	return nil
}

// read returns the text of a file: as it is in the editor, else as on the disk.
func (s *server) read(path string) (string, error) {
	if text, ok := s.opened(path); ok {
		return text, nil
	}
	return s.opts.Read(path)
}

func (s *server) opened(path string) (string, bool) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for uri, d := range s.docs {
		if open, ok := pathOf(uri); ok && open == whole {
			return d.view.src.Text(), true
		}
	}
	return "", false
}

// reader reads the files that a document loads. Relative to a document that is no
// file there are none.
func (v *view) reader() func(path string) (string, error) {
	if _, ok := pathOf(v.uri); ok {
		return v.server.read
	}
	return func(path string) (string, error) {
		return "", &fs.PathError{Op: "load", Path: path, Err: fs.ErrNotExist}
	}
}
