package lsp

import "context"

// future is a value that is being computed.
type future[T any] struct {
	done  chan struct{}
	value T
}

// async computes a value beside; a panic leaves the zero value.
func async[T any](s *server, what string, do func() T) *future[T] {
	f := &future[T]{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		_ = s.guarded(what, func() error {
			f.value = do()
			return nil
		})
	}()
	return f
}

// wait returns the value; false where the context ends before it is there.
func (f *future[T]) wait(ctx context.Context) (T, bool) {
	select {
	case <-f.done:
		return f.value, true
	case <-ctx.Done():
		var zero T
		return zero, false
	}
}
