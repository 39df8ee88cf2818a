package raspc

import (
	"context"
	"errors"
	"io"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/lsp"
)

// ServeLSP is a language server: it speaks the Language Server Protocol with an
// editor until that ends the session, or the context ends. An editor that goes
// away without the messages that end a session is an error.
func ServeLSP(ctx context.Context, in io.Reader, out io.Writer) error {
	return lsp.Serve(ctx, in, out, lsp.Options{Version: Version, Check: diagnoseProgram})
}

// diagnoseProgram returns the diagnostics that CheckProgram has for a program,
// and spares all else that this finds out.
func diagnoseProgram(name, text string, read func(path string) (string, error)) (diag.List, error) {
	m, err := Compile(name, text, Options{Read: read, Check: true})
	var list diag.List
	switch {
	case errors.As(err, &list):
		return list, nil
	case err != nil:
		return nil, err
	}
	return m.Warnings(), nil
}
