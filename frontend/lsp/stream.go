package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// Limits of what a client may send. A document of the largest size takes six
// times its bytes as JSON at worst.
const (
	maxMessage = 64 << 20
	maxHeader  = 8 << 10
)

// stream frames messages as the protocol's base layer does: header fields, an
// empty line, and as many bytes of JSON as Content-Length says. It differs from
// the library's own in that a message which is no JSON-RPC is answered and
// passed over, and in its limits.
type stream struct {
	in  *bufio.Reader
	mu  sync.Mutex
	out io.Writer
	// broken is why no more messages can be read, unless they are at an end.
	broken error
}

func newStream(in io.Reader, out io.Writer) *stream {
	return &stream{in: bufio.NewReader(in), out: out}
}

// ReadObject reads the next message that can be understood.
func (s *stream) ReadObject(v any) error {
	for {
		body, err := s.readBody()
		if err != nil {
			s.breaks(err)
			return err
		}
		if err = json.Unmarshal(body, v); err == nil {
			return nil
		}
		if err := s.refuse(body, err); err != nil {
			return err
		}
	}
}

func (s *stream) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != io.EOF {
		s.broken = err
	}
}

// problem returns why no more messages can be read; nil where they are at an end.
func (s *stream) problem() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// refuse answers a message that is not understood: with its id null, as that
// is part of what is not understood.
func (s *stream) refuse(body []byte, cause error) error {
	code := jsonrpc2.CodeInvalidRequest
	if !json.Valid(body) {
		code = jsonrpc2.CodeParseError
	}
	return s.WriteObject(struct {
		Version string         `json:"jsonrpc"`
		ID      any            `json:"id"`
		Error   jsonrpc2.Error `json:"error"`
	}{"2.0", nil, jsonrpc2.Error{Code: int64(code), Message: cause.Error()}})
}

func (s *stream) readBody() ([]byte, error) {
	length, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	if _, err = io.ReadFull(s.in, body); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

// readHeader returns the length of the body that follows.
func (s *stream) readHeader() (int, error) {
	length := -1
	for read := 0; ; {
		line, err := s.in.ReadSlice('\n')
		if read += len(line); errors.Is(err, bufio.ErrBufferFull) || read > maxHeader {
			return 0, errors.New("the header of a message is too long")
		}
		if err == io.EOF && read > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, _ := strings.Cut(text, ":")
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxMessage {
			return 0, fmt.Errorf("a message cannot have the Content-Length %q", value)
		}
	}
	if length < 0 {
		return 0, errors.New("a message has no Content-Length")
	}
	return length, nil
}

// WriteObject writes a message in one piece.
func (s *stream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.out.Write(append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body)), body...))
	return err
}

// Close leaves reader and writer to whoever opened them.
func (s *stream) Close() error { return nil }
