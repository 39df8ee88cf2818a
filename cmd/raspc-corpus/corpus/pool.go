package corpus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// Pool makes programs in processes of their own, so that one that a program, or the system, ends
// takes nothing else along. It is safe for concurrent use.
type Pool struct {
	options Options
	command func() *exec.Cmd

	mu   sync.Mutex
	idle []*worker
}

// NewPool returns a pool whose processes are started when they are needed, by a command that is
// called by one at a time. A process has to call Serve.
func NewPool(o Options, command func() *exec.Cmd) *Pool { return &Pool{options: o, command: command} }

// tries is how often a part is given to a process before its programs are given to processes of
// their own, and how often each of those is.
const tries = 5

// Make is a Making. A program that ends its process each time is refused.
func (p *Pool) Make(ctx context.Context, part Chunk) ([]Outcome, error) {
	all, ended, err := p.try(ctx, part)
	if err == nil || ended == nil {
		return all, err
	}
	if part.To-part.From == 1 {
		failed := Program{Index: part.From, Name: p.options.fileOf(part.From)}
		return []Outcome{failed.refused(StageWorker, fmt.Errorf("its process ended %d times, last with: %w", tries, ended))}, nil
	}
	all = nil
	for i := part.From; i < part.To; i++ {
		one, err := p.Make(ctx, Chunk{i, i + 1})
		if err != nil {
			return nil, err
		}
		all = append(all, one...)
	}
	return all, nil
}

// try gives a part to processes until one returns; ended says how the last one did not.
func (p *Pool) try(ctx context.Context, part Chunk) (all []Outcome, ended, err error) {
	for range tries {
		var w *worker
		if w, err = p.take(); err != nil {
			return nil, nil, err
		}
		all, err = w.make(part)
		var said *saidError
		if err == nil || errors.As(err, &said) {
			p.give(w)
			return all, nil, err
		}
		ended = w.end()
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
	return nil, ended, err
}

// Close ends the processes. None may be at work.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.idle {
		w.end()
	}
	p.idle = nil
}

func (p *Pool) take() (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return w, nil
	}
	return startWorker(p.command(), p.options)
}

func (p *Pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, w)
}

// worker is a process.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.ReadCloser
}

func startWorker(cmd *exec.Cmd, o Options) (*worker, error) {
	w := &worker{cmd: cmd}
	var err error
	if w.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if w.out, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// A process that is gone already is found out when it is asked for something.
	_ = writeFrame(w.in, o.Text())
	return w, nil
}

// saidError is what a process says went wrong.
type saidError struct {
	text  string
	errno syscall.Errno // of the system; 0 for other errors
}

func (e *saidError) Error() string { return e.text }

// Unwrap returns the error of the system, if it is one.
func (e *saidError) Unwrap() error {
	if e.errno == 0 {
		return nil
	}
	return e.errno
}

// said is an error as a process answers it.
func said(err error) []byte {
	var errno syscall.Errno
	errors.As(err, &errno)
	return append(binary.BigEndian.AppendUint64([]byte{1}, uint64(errno)), err.Error()...)
}

func (w *worker) make(part Chunk) ([]Outcome, error) {
	if err := writeFrame(w.in, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, part.From), part.To)); err != nil {
		return nil, err
	}
	text, err := readFrame(w.out)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if text[0] != 0 && len(text) >= 9 {
		return nil, &saidError{string(text[9:]), syscall.Errno(be64(text[1:]))}
	}
	return DecodeOutcomes(text[1:])
}

// end ends the process, if it has not ended, and says how it did.
func (w *worker) end() error {
	w.in.Close()
	_ = w.cmd.Process.Kill()
	err := w.cmd.Wait()
	if err == nil {
		err = errors.New("no answer")
	}
	return err
}

// Serve is the work of a process of a Pool, whose requests it reads until there are no more.
func Serve(ctx context.Context, r io.Reader, w io.Writer) error {
	text, err := readFrame(r)
	if err != nil {
		return err
	}
	o, err := ParseOptions(text)
	if err != nil {
		return err
	}
	for {
		text, err := readFrame(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(text) != 16 {
			return errors.New("corpus: a request of another length")
		}
		all, err := o.MakeHere(ctx, Chunk{be64(text), be64(text[8:])})
		var answer []byte
		if err == nil {
			answer, err = EncodeOutcomes(all)
			answer = append([]byte{0}, answer...)
		}
		if err != nil {
			answer = said(err)
		}
		if err := writeFrame(w, answer); err != nil {
			return err
		}
	}
}

func writeFrame(w io.Writer, text []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...))
	return err
}

func readFrame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	text := make([]byte, binary.BigEndian.Uint32(size[:]))
	_, err := io.ReadFull(r, text)
	return text, err
}

// Here is how many programs are made beside each other in one process unless another number is
// asked for.
func Here() int { return runtime.GOMAXPROCS(0) }
