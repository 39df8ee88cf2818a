package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/sparse"
)

// testCase is an input with the oracle's output.
type testCase struct {
	ids  []int
	want []value.Value
}

// all returns the inputs of a plan.
func (p *plan) all() [][]int {
	var inputs [][]int
	for _, b := range p.blocks {
		p.each(b, func(in []int) error { // which returns no error
			inputs = append(inputs, append([]int(nil), in...))
			return nil
		})
	}
	return inputs
}

// expect asks the oracle for the outputs, on all processors, and counts the
// inputs on which the program is undefined.
func (s *subject) expect(ctx context.Context, inputs [][]int) (cases []testCase, undefined reasons, err error) {
	want, errs := make([][]value.Value, len(inputs)), make([]error, len(inputs))
	why := make([]*interp.Undefined, len(inputs))
	parallel(len(inputs), func(i int) {
		if ctx.Err() != nil {
			return
		}
		r, err := s.oracle.Run(s.tokens(inputs[i]))
		switch {
		case err == nil:
			want[i] = r.Sequence(s.output)
		case !errors.As(err, &why[i]):
			errs[i] = err
		}
	})
	if err := cmp.Or(append(errs, ctx.Err())...); err != nil {
		return nil, nil, err
	}
	undefined = reasons{}
	for i, in := range inputs {
		if why[i] != nil {
			undefined[s.reason(why[i])]++
			continue
		}
		cases = append(cases, testCase{in, want[i]})
	}
	return cases, undefined, nil
}

// parallel calls f for 0 … n-1 on all processors.
func parallel(n int, f func(i int)) {
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

// comparison is the run of a file's own runner over cases.
type comparison struct {
	subject  *subject
	runner   opened
	cases    []testCase
	allowed  float64 // error of a numeric output
	progress func(done int)

	mu      sync.Mutex
	done    int
	firstAt int // case number of the difference
	outcome
	seconds float64
}

// run executes the cases in batches of equal length, and some once more in
// one padded batch, so that the attention mask is exercised.
func (c *comparison) run(ctx context.Context) error {
	start := time.Now()
	c.outcome, c.firstAt = newOutcome(), len(c.cases)
	batches := append(c.batches(), c.padded())
	errs := make([]error, len(batches))
	parallel(len(batches), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil && len(batches[i]) > 0 {
			errs[i] = c.batch(batches[i])
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if c.difference != nil {
		c.difference = cmp.Or(c.shrunk(c.cases[c.firstAt].ids), c.difference)
	}
	c.seconds = time.Since(start).Seconds()
	return nil
}

// batches groups the case numbers: cases of one length, as many as keep the
// work of a batch bounded.
func (c *comparison) batches() [][]int {
	const positions = 2048 // of one batch
	var all [][]int
	open := map[int][]int{} // by length
	for i, tc := range c.cases {
		n := len(tc.ids)
		open[n] = append(open[n], i)
		if len(open[n])*(n+1) >= positions {
			all = append(all, open[n])
			open[n] = nil
		}
	}
	for n := 1; n <= c.subject.man.Options.MaxLen; n++ {
		if len(open[n]) > 0 {
			all = append(all, open[n])
		}
	}
	return all
}

// padded picks cases of many lengths for one batch.
func (c *comparison) padded() []int {
	const most = 32
	var some []int
	for k := range most {
		if i := k * len(c.cases) / most; i < len(c.cases) && (len(some) == 0 || some[len(some)-1] != i) {
			some = append(some, i)
		}
	}
	return some
}

// batch runs some cases and compares their outputs, with the oracle's and with
// what the sparse evaluator makes of the network.
func (c *comparison) batch(cases []int) error {
	ids, mask := c.rows(cases)
	logits, err := c.runner.Run(ids, mask)
	if err != nil {
		return err
	}
	if len(logits) != len(cases) {
		return fmt.Errorf("%d rows of logits for %d inputs", len(logits), len(cases))
	}
	var twin *sparse.Session
	if c.runner.net != nil {
		twin = sparse.NewSession(c.runner.net, sparse.DefaultLimit)
	}
	for k, i := range cases {
		o, err := c.subject.judge(c.cases[i], logits[k], c.runner.others, c.allowed)
		if err != nil {
			return err
		}
		c.record(i, o)
		if twin != nil && o.difference == nil && !agree(twin, c.cases[i].ids, logits[k]) {
			return &DisagreementError{File: c.runner.file, Runner: c.runner.name, Input: c.subject.tokens(c.cases[i].ids)}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += len(cases)
	c.progress(min(c.done, len(c.cases)))
	return nil
}

// agreement is how far two evaluations in float32 may be apart, relative to the
// largest of 1 and a position's logits.
const agreement = 1e-4

// agree compares a runner's logits, BOS's first, with the sparse evaluator's.
func agree(twin *sparse.Session, ids []int, logits [][]float32) bool {
	rows, err := twin.Run(ids)
	if err != nil {
		return false
	}
	for i, row := range rows {
		size := 1.0
		for _, l := range logits[i+1] {
			size = max(size, math.Abs(float64(l)))
		}
		for k, l := range twin.Row(row) {
			if math.Abs(float64(l)-float64(logits[i+1][k])) > agreement*size {
				return false
			}
		}
	}
	return true
}

// DisagreementError says that a file's two evaluations give different numbers. It
// is a mistake of raspc, and no verdict on the file.
type DisagreementError struct {
	File, Runner string
	Input        []value.Value
}

func (e *DisagreementError) Error() string {
	return fmt.Sprintf("%s: on %s, the sparse evaluator and %s give different numbers; this is a bug of raspc, please report it",
		e.File, values(e.Input), e.Runner)
}

// rows writes cases as token ids, BOS first and PAD behind, and masks.
func (c *comparison) rows(cases []int) (ids, mask [][]int64) {
	longest := 0
	for _, i := range cases {
		longest = max(longest, len(c.cases[i].ids))
	}
	t := c.subject.man.Tokens
	for _, i := range cases {
		row, m := make([]int64, longest+1), make([]int64, longest+1)
		row[0], m[0] = int64(t.BOS), 1
		for k := range longest {
			row[k+1] = int64(t.PAD)
			if k < len(c.cases[i].ids) {
				row[k+1], m[k+1] = int64(c.cases[i].ids[k]), 1
			}
		}
		ids, mask = append(ids, row), append(mask, m)
	}
	return ids, mask
}

func (c *comparison) record(i int, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.merge(o)
	if o.difference != nil && i < c.firstAt {
		c.firstAt, c.difference = i, o.difference
		c.difference.File = c.runner.file
	}
}

// shrunk makes an input with a difference smaller: it leaves out tokens as long as
// the file and the program still disagree. It returns the difference of the
// smallest, and nil where the input by itself makes none.
func (c *comparison) shrunk(ids []int) *Difference {
	found := c.differs(ids)
	for again := found != nil; again; {
		again = false
		for k := range ids {
			shorter := append(append([]int(nil), ids[:k]...), ids[k+1:]...)
			if d := c.differs(shorter); d != nil {
				ids, found, again = shorter, d, true
				break
			}
		}
	}
	return found
}

// differs runs one input and returns the difference, or nil where there is
// none or the input is not one of the program's.
func (c *comparison) differs(ids []int) *Difference {
	if len(ids) == 0 || !c.subject.accepts(ids) {
		return nil
	}
	r, err := c.subject.oracle.Run(c.subject.tokens(ids))
	if err != nil {
		return nil
	}
	runner := c.runner
	runner.net = nil // the file's own runner decides
	one := &comparison{subject: c.subject, runner: runner, allowed: c.allowed,
		cases: []testCase{{ids, r.Sequence(c.subject.output)}}, firstAt: 1, progress: func(int) {}}
	if one.batch([]int{0}) != nil {
		return nil
	}
	return one.difference
}
