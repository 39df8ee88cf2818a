package main

import (
	"errors"
	"strings"
	"sync"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// noted is the first error in this process of a part of the pipeline since it was begun. What an engine
// says of one is a text, a long one.
var noted firstError

type firstError struct {
	mu  sync.Mutex
	err error
}

// keep notes an error, if there is one.
func (f *firstError) keep(err *error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = *err
	}
}

func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *firstError) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = nil
}

// final reports an error that comes again when the pipeline is run again.
func final(err error) bool {
	var changed *corpus.ChangedError
	return raspc.IsIO(err) || errors.As(err, &changed)
}

// lastCause is the last line of an engine's text, which has the cause behind all that it led to.
func lastCause(text string) string {
	text = strings.TrimSpace(text)
	text = text[strings.LastIndexByte(text, '\n')+1:]
	const longest = 400
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return strings.TrimSpace(text)
}
