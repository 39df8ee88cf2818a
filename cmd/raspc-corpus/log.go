package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// engineLog prints the warnings and errors of an engine, each text once, and of long ones what caused
// them; none behind an error that this command says itself.
type engineLog struct {
	w    io.Writer
	seen *sync.Map
}

func newEngineLog(w io.Writer) *slog.Logger { return slog.New(engineLog{w, &sync.Map{}}) }

// Enabled implements slog.Handler.
func (l engineLog) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && !final(noted.get())
}

// Handle implements slog.Handler.
func (l engineLog) Handle(_ context.Context, r slog.Record) error {
	text := lastCause(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			text += ": " + lastCause(a.Value.String())
		}
		return true
	})
	if _, again := l.seen.LoadOrStore(text, true); again {
		return nil
	}
	_, err := fmt.Fprintf(l.w, "raspc-corpus: the engine: %s\n", text)
	return err
}

// WithAttrs implements slog.Handler.
func (l engineLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l engineLog) WithGroup(string) slog.Handler { return l }
