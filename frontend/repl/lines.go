package repl

import (
	"bufio"
	"errors"
	"io"

	"github.com/raspc/raspc/frontend/syntax"
)

// lines cuts a stream into lines. Of a line that is longer than any program it
// keeps the beginning, which the parser refuses.
type lines struct{ r *bufio.Reader }

func newLines(r io.Reader) *lines { return &lines{bufio.NewReader(r)} }

// next returns a line without its end; io.EOF where there is none.
func (l *lines) next() (string, error) {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if room := syntax.MaxSource + 1 - len(line); len(part) > room {
			part = part[:room]
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(line) > 0:
			return string(line), nil
		}
		return string(line), err
	}
}
