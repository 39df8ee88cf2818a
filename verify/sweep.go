package verify

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raspc/raspc/frontend/batch"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/sparse"
)

// sweep runs all inputs of a plan on the networks of files, on all processors.
// It keeps no inputs: a block is made, asked of the oracle and run on each file.
type sweep struct {
	subject  *subject
	plan     *plan
	files    []opened
	progress func(done int)

	next atomic.Int64 // block to take

	mu    sync.Mutex
	done  int
	total tally
}

// tally is what is known of some inputs.
type tally struct {
	inputs    int // defined
	undefined reasons
	lengths   map[int]int // how many of the defined ones have which
	numbers   numbers     // expected
	found     []found     // for each file
}

func newTally(files int) tally {
	t := tally{numbers: newNumbers(), found: make([]found, files), undefined: reasons{}, lengths: map[int]int{}}
	for i := range t.found {
		t.found[i].outcome = newOutcome()
	}
	return t
}

// add adds another tally.
func (t *tally) add(o tally) {
	t.inputs += o.inputs
	t.undefined.add(o.undefined)
	for n, count := range o.lengths {
		t.lengths[n] += count
	}
	t.numbers.add(o.numbers)
	for i := range t.found {
		t.found[i].add(&o.found[i])
	}
}

// longest returns the longest length.
func (t *tally) longest() int {
	n := 0
	for length := range t.lengths {
		n = max(n, length)
	}
	return n
}

// found is what a sweep finds in one file.
type found struct {
	outcome
	first *spot // the first output that is wrong whatever is allowed
	worst *spot // the number that is furthest off
	busy  time.Duration
}

// add adds what was found on other inputs.
func (f *found) add(o *found) {
	if o.worst != nil && (f.worst == nil || o.worst.err > f.worst.err || o.worst.err == f.worst.err && o.worst.before(f.worst)) {
		f.worst = o.worst
	}
	if o.first != nil && o.first.before(f.first) {
		f.first = o.first
	}
	f.merge(o.outcome)
	f.busy += o.busy
}

// spot is an input, and its place in the plan.
type spot struct {
	block, number int
	ids           []int
	err           float64
}

// before reports whether a spot comes before another, which may be nil.
func (s *spot) before(o *spot) bool {
	return o == nil || cmp.Or(cmp.Compare(s.block, o.block), cmp.Compare(s.number, o.number)) < 0
}

// sweepPlan runs all inputs of a plan.
func sweepPlan(ctx context.Context, s *subject, p *plan, files []opened, progress func(done int)) (tally, error) {
	w := &sweep{subject: s, plan: p, files: files, progress: progress, total: newTally(len(files))}
	workers := max(1, min(runtime.GOMAXPROCS(0), len(p.blocks)))
	errs := make([]error, workers)
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() { errs[i] = newSweeper(w).run(ctx) })
	}
	all.Wait()
	for i := range w.total.found {
		w.total.found[i].busy /= time.Duration(workers)
	}
	return w.total, cmp.Or(errs...)
}

// difference is the first input on which a file is wrong, or nil.
func (f *found) difference(allowed float64) *spot {
	if f.first == nil && f.worst != nil && f.worst.err > allowed {
		return f.worst
	}
	return f.first
}

// sweeper is one goroutine of a sweep.
type sweeper struct {
	*sweep
	oracle *batch.Evaluator
	runs   []run // for each file

	// The block at hand: its inputs one after the other, and what was found.
	cases   []testCase
	lengths []int
	ids     []int
	want    []value.Value
	block   tally
}

// run is a file's session, and what its rows of logits say.
type run struct {
	*sparse.Session
	resets   int
	readings []reading
}

func newSweeper(w *sweep) *sweeper {
	u := w.subject
	s := &sweeper{sweep: w, oracle: batch.New(u.graph, u.causal, u.output, u.vocab)}
	for _, f := range w.files {
		s.runs = append(s.runs, run{Session: sparse.NewSession(f.net, sparse.DefaultLimit/len(w.files))})
	}
	return s
}

// run takes blocks until there are no more.
func (s *sweeper) run(ctx context.Context) error {
	for {
		b := int(s.next.Add(1)) - 1
		if b >= len(s.plan.blocks) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.expect(s.plan.blocks[b]); err != nil {
			return err
		}
		for i := range s.files {
			begin := time.Now()
			if err := s.file(i, b); err != nil {
				return err
			}
			s.block.found[i].busy = time.Since(begin)
		}
		s.report(s.plan.blocks[b])
	}
}

// expect asks the oracle for the outputs of a block, for inputs of one length at a
// time.
func (s *sweeper) expect(b block) error {
	s.cases, s.lengths, s.ids, s.want, s.block = s.cases[:0], s.lengths[:0], s.ids[:0], s.want[:0], newTally(len(s.files))
	err := s.plan.each(b, func(in []int) error {
		s.lengths, s.ids = append(s.lengths, len(in)), append(s.ids, in...)
		return nil
	})
	s.want, s.cases = slices.Grow(s.want, len(s.ids)), slices.Grow(s.cases, len(s.lengths))
	ids := s.ids
	for from, to := 0, 0; err == nil && from < len(s.lengths); from = to {
		length := s.lengths[from]
		for to < len(s.lengths) && s.lengths[to] == length {
			to++
		}
		some := ids[:(to-from)*length]
		ids = ids[len(some):]
		err = s.oracle.Run(some, length, func(i int, want []value.Value, err error) error {
			return s.expected(some[i*length:(i+1)*length], want, err)
		})
	}
	return err
}

// expected takes note of what the oracle says of an input.
func (s *sweeper) expected(ids []int, want []value.Value, err error) error {
	if err != nil {
		if u := (*interp.Undefined)(nil); errors.As(err, &u) {
			s.block.undefined[s.subject.reason(u)]++
			return nil
		}
		return err
	}
	at := len(s.want)
	s.want = append(s.want, want...)
	s.cases = append(s.cases, testCase{ids, s.want[at:]})
	s.block.inputs++
	s.block.lengths[len(ids)]++
	return nil
}

// file runs the block on a file.
func (s *sweeper) file(i, b int) error {
	for k := range s.cases {
		tc := &s.cases[k]
		rows, readings, err := s.read(i, tc.ids)
		if err != nil {
			return err
		}
		s.compare(i, spot{block: b, number: k, ids: tc.ids}, tc, rows, readings)
	}
	return nil
}

// read runs an input on a file, and returns for each position the number of a
// reading.
func (s *sweeper) read(i int, ids []int) (rows []int32, readings []reading, err error) {
	r := &s.runs[i]
	rows, err = r.Run(ids)
	if err != nil { // a number that float32 cannot hold: the runner says what becomes of it
		return s.readSlowly(i, ids)
	}
	if r.resets != r.Resets() {
		r.resets, r.readings = r.Resets(), r.readings[:0]
	}
	for len(r.readings) < r.Rows() {
		read, err := s.subject.reading(r.Row(int32(len(r.readings))), s.files[i].others)
		if err != nil {
			return nil, nil, err
		}
		r.readings = append(r.readings, read)
	}
	return rows, r.readings, nil
}

// readSlowly is read by the file's own runner.
func (s *sweeper) readSlowly(i int, ids []int) (rows []int32, readings []reading, err error) {
	c := &comparison{subject: s.subject, cases: []testCase{{ids: ids}}}
	logits, err := s.files[i].Run(c.rows([]int{0}))
	if err != nil {
		return nil, nil, err
	}
	for k := range ids {
		r, err := s.subject.reading(logits[0][k+1], s.files[i].others)
		if err != nil {
			return nil, nil, err
		}
		rows, readings = append(rows, int32(k)), append(readings, r)
	}
	return rows, readings, nil
}

// compare holds one input's readings to the oracle's output.
func (s *sweeper) compare(i int, at spot, tc *testCase, rows []int32, readings []reading) {
	f := &s.block.found[i]
	for k := range tc.want {
		r, want := &readings[rows[k]], &tc.want[k]
		before := f.err
		if !f.right(s.subject, r, want, math.Inf(1)) {
			if f.first == nil {
				f.first = at.kept()
			}
			return
		}
		if f.err > before {
			f.worst = at.kept()
			f.worst.err = f.err
		}
		if s.subject.labels == nil {
			s.block.numbers.see(want)
		}
	}
}

// kept is a spot that outlives its block.
func (s spot) kept() *spot {
	s.ids = append([]int(nil), s.ids...)
	return &s
}

// report adds what was found in a block to the rest.
func (s *sweeper) report(b block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.add(s.block)
	s.done += b.to - b.from
	s.progress(s.done)
}
