package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
)

// finding is what a check has found.
type finding struct {
	list diag.List
	// loads are the files that the program loads; nil where it was not run.
	loads []string
	// final is false where a compilation follows.
	final bool
}

// schedule has a document checked after a delay, and drops the check under way.
// The caller holds mu.
func (s *server) schedule(conn *jsonrpc2.Conn, d *document, delay time.Duration) {
	if d.stop != nil {
		d.stop()
	}
	ctx, stop := context.WithCancel(s.ctx)
	d.stop = stop
	v := d.view
	go func() {
		if err := s.guarded("check", func() error { s.check(ctx, conn, v, delay); return nil }); err != nil {
			s.complain(conn, err)
		}
	}()
}

// check publishes the diagnostics of a view, unless it is stopped before. What is
// not known within the budget is published when it is.
func (s *server) check(ctx context.Context, conn *jsonrpc2.Conn, v *view, delay time.Duration) {
	if !rest(ctx, delay) {
		return
	}
	found := make(chan finding, 2)
	go s.find(ctx, v, found)
	late := time.After(s.opts.Budget)
	overdue := false
	last := finding{list: v.parsed().errors}
	for {
		select {
		case <-ctx.Done():
			return
		case <-late:
			overdue = true
		case last = <-found:
		}
		switch {
		case last.final:
			s.publish(ctx, conn, v, last)
			return
		case overdue:
			s.publish(ctx, conn, v, last.unfinished(s.opts.Budget))
		}
	}
}

// unfinished says that more may follow.
func (f finding) unfinished(budget time.Duration) finding {
	f.list = append(slices.Clone(f.list), diag.Diagnostic{
		Severity: diag.Note, Message: fmt.Sprintf("checking this program takes longer than %s; what else is found will follow", budget),
	})
	return f
}

// rest waits, and reports whether the context is still alive.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// find sends what it finds, in one or two steps. It cannot be stopped within
// them: so that abandoned checks do not add up, few run at a time.
func (s *server) find(ctx context.Context, v *view, found chan<- finding) {
	select {
	case <-ctx.Done():
		return
	case s.slots <- struct{}{}:
	}
	defer func() { <-s.slots }()
	var f finding
	err := s.guarded("check", func() error {
		f = v.resolved()
		return nil
	})
	if err == nil && !f.final && ctx.Err() == nil {
		found <- f
		err = s.guarded("check", func() (err error) {
			f.list, err = v.compiled(f.list)
			return err
		})
	}
	if err != nil {
		f.list = append(f.list, diag.Diagnostic{Severity: diag.Error, Message: "this is a bug of raspc, not of the program: " + err.Error()})
	}
	f.final = true
	found <- f
}

// resolved runs the program. Its compilation follows where it has all that this
// takes, and no errors.
func (v *view) resolved() finding {
	program, list := resolve.Run(v.src, resolve.Options{Read: v.reader()})
	f := finding{list: list, final: true}
	if len(v.parsed().errors) > 0 {
		return f
	}
	f.loads = []string{}
	for _, src := range program.Files {
		if src != v.src {
			f.loads = append(f.loads, src.Name())
		}
	}
	settings := program.Settings
	f.final = list.HasErrors() || !settings.Vocab.Set || !settings.MaxLen.Set || v.server.opts.Check == nil
	return f
}

// compiled returns the diagnostics of a program's compilation. One that fails
// says nothing of the warnings that the program has, too.
func (v *view) compiled(resolved diag.List) (diag.List, error) {
	list, err := v.server.opts.Check(v.src.Name(), v.src.Text(), v.reader())
	if err != nil || list.HasErrors() {
		list = slices.Concat(list, resolved.Warnings())
	}
	return list, err
}

// publish sends the diagnostics of a view that is still the document's.
func (s *server) publish(ctx context.Context, conn *jsonrpc2.Conn, v *view, f finding) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.mu.Lock()
	d, ok := s.docs[v.uri]
	current := ok && d.view == v && ctx.Err() == nil
	shown := most(f.list)
	if current {
		d.found = shown
		if f.loads != nil {
			d.loads = f.loads
		}
	}
	s.mu.Unlock()
	if !current {
		return
	}
	_ = conn.Notify(s.ctx, "textDocument/publishDiagnostics", publishParams{v.uri, &v.version, v.diagnostics(shown)})
}

// mostShown is how many diagnostics of a document are shown.
const mostShown = 200

// most returns the first of very many diagnostics, and says so.
func most(list diag.List) diag.List {
	list = list.Sorted()
	if len(list) <= mostShown {
		return list
	}
	more := diag.Diagnostic{Severity: diag.Note, Message: diag.Plural(len(list)-mostShown, "more diagnostic") + " not shown"}
	return append(list[:mostShown:mostShown], more)
}

// withdraw takes back the diagnostics of a closed document.
func (s *server) withdraw(conn *jsonrpc2.Conn, uri string) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.mu.Lock()
	_, reopened := s.docs[uri]
	s.mu.Unlock()
	if !reopened {
		_ = conn.Notify(s.ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: []diagnostic{}})
	}
}

// diagnostics translates a list.
func (v *view) diagnostics(list diag.List) []diagnostic {
	all := make([]diagnostic, 0, len(list))
	for _, d := range list {
		all = append(all, v.diagnostic(d))
	}
	return all
}

func (v *view) diagnostic(d diag.Diagnostic) diagnostic {
	out := diagnostic{Range: v.place(d.Primary), Severity: severities[d.Severity], Code: string(d.Code), Source: "raspc"}
	if d.Code != "" {
		out.Data = &diagnosticData{"raspc explain " + string(d.Code)}
	}
	labels := d.Labels
	message := []string{d.Message}
	if d.Text != "" {
		message[0] += ": " + d.Text
	}
	if elsewhere := d.Primary.Source; elsewhere != nil && elsewhere.Name() != v.src.Name() {
		message[0] = "in " + d.Primary.String() + ": " + message[0]
		labels = append([]diag.Label{{Span: d.Primary, Text: d.Message}}, labels...)
	}
	for _, l := range labels {
		if at, ok := v.locate(l.Span); ok && v.client.related {
			out.RelatedInformation = append(out.RelatedInformation, related{at, l.Text})
		} else {
			message = append(message, "note: "+l.Span.String()+": "+l.Text)
		}
	}
	for _, n := range d.Notes {
		message = append(message, "note: "+n)
	}
	if d.Help != "" {
		message = append(message, "help: "+d.Help)
	}
	out.Message = strings.Join(message, "\n")
	return out
}

var severities = map[diag.Severity]int{diag.Error: 1, diag.Warning: 2, diag.Note: 3}

// place is where the document shows a span: that of another file at the statement
// that loads it, and what has no place at the beginning.
func (v *view) place(at diag.Span) textRange {
	if at.IsZero() {
		return textRange{}
	}
	if at.Source.Name() == v.src.Name() {
		return v.client.encoding.span(v.src, at.Start, at.End)
	}
	for _, b := range v.parsed().index.top.binds {
		if b.load != nil && v.modules().reaches(b.load, at.Source.Name(), nil) {
			path := b.load.Path.Span()
			return v.client.encoding.span(v.src, path.Start, path.End)
		}
	}
	return textRange{}
}

// locate says where a span is in the client's terms; false where it is in no
// file.
func (v *view) locate(at diag.Span) (location, bool) {
	if at.IsZero() {
		return location{}, false
	}
	uri := v.uri
	if name := at.Source.Name(); name != v.src.Name() {
		path, err := filepath.Abs(name)
		if err != nil {
			return location{}, false
		}
		uri = uriOf(path)
	}
	return location{uri, v.client.encoding.span(at.Source, at.Start, at.End)}, true
}
