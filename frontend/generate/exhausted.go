package generate

import "fmt"

// maxAttempts is how many programs are drawn at most to find one.
const maxAttempts = 1000

// ExhaustedError says that no program was found that fits the options.
type ExhaustedError struct {
	Index    uint64
	Attempts int
	// Reason is why the last program that could be judged was refused; empty
	// where none could be drawn.
	Reason string
}

func (e *ExhaustedError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "the operators of the mix do not make up one of this size and depth"
	}
	return fmt.Sprintf("no program %d in %d attempts: %s; wider ranges or more operators in the mix would help", e.Index, e.Attempts, reason)
}
