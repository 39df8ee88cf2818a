package generate

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/value"
)

// Program is a sampled program.
type Program struct {
	// Source is its whole text, pragmas included, laid out as package format does.
	Source string
	Ops    int // operators, as Options.Size counts them
	Depth  int // as Options.Depth counts it
	Causal bool
	MaxLen int
	Vocab  []value.Value
	// Kind is that of the output's values; floats where any is one.
	Kind value.Kind
	// Behaviour and Graph are what BehaviourOf and GraphOf give.
	Behaviour, Graph Fingerprint
	// Attempts is how many programs were drawn, this one included.
	Attempts int
}

// Sample returns the program of a number. It depends on nothing else: not on the
// machine, and not on what was sampled before. It is safe for concurrent use. The
// error is that of Options.Check, or an *ExhaustedError.
func Sample(o Options, index uint64) (Program, error) {
	if err := o.Check(); err != nil {
		return Program{}, err
	}
	in := domainOf(o, index)
	return attempt(index, maxAttempts, func(n int) (Program, error) {
		b := newBuilder(o, in, stream(o.Seed, index, uint64(n), ""))
		root, ok := b.root()
		if !ok {
			return Program{}, errDraw
		}
		if err := fits(measure(b.graph, root), o); err != nil {
			return Program{}, err
		}
		return judge(writeProgram(b.graph, root, b.in), 0, 0)
	})
}

// attempt draws until a program is found.
func attempt(index uint64, most int, draw func(n int) (Program, error)) (Program, error) {
	exhausted := &ExhaustedError{Index: index, Attempts: most}
	for n := 1; n <= most; n++ {
		p, err := draw(n)
		if err == nil {
			p.Attempts = n
			return p, nil
		}
		if err != errDraw {
			exhausted.Reason = err.Error()
		}
	}
	return Program{}, exhausted
}

// stream returns the random numbers of one attempt at one program; attempts count from 1, and what is
// common to all has attempt 0.
func stream(seed, index, n uint64, text string) *rand.Rand {
	b := binary.BigEndian.AppendUint64(nil, seed)
	b = binary.BigEndian.AppendUint64(b, index)
	b = binary.BigEndian.AppendUint64(b, n)
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(b, text...))))
}

// layOut formats a text.
func layOut(text string) (*diag.Source, error) {
	source, err := format.Source(diag.NewSource(sourceName, text))
	return diag.NewSource(sourceName, source), err
}

// sourceName is what diagnostics call the text of a program.
const sourceName = "generated.rasp"
