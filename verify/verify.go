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

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/value"
)

// Options steer a verification. The zero value is the default.
type Options struct {
	// Program is the specification; nil for the program in the manifest.
	Program *Program
	// Formats names the kinds of files to run; empty for all.
	Formats []string
	// Budget is the number of inputs; 0 for DefaultBudget.
	Budget int
	// Seed chooses the random inputs.
	Seed uint64
	// Tolerance is the largest error of a numeric output, relative to the
	// largest of 1 and the numbers that the program gives on the inputs tried;
	// 0 for DefaultTolerance.
	Tolerance float64
	// Progress is told how many inputs are done, of how many; may be nil. It is
	// called from one goroutine at a time.
	Progress func(done, total int)
}

// Defaults of Options.
const (
	DefaultBudget    = 5000
	DefaultTolerance = 2e-5
)

func (o Options) withDefaults() Options {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Tolerance == 0 {
		o.Tolerance = DefaultTolerance
	}
	return o
}

// Folder verifies the files of an export folder.
func Folder(ctx context.Context, dir string, o Options) (*Report, error) {
	o = o.withDefaults()
	m, err := manifest.Read(dir)
	if err != nil {
		return nil, err
	}
	s, err := newSubject(m, o.Program)
	if err != nil {
		return nil, err
	}
	runners, err := open(dir, m, o.Formats)
	if err != nil {
		return nil, err
	}
	p := makePlan(s, o.Budget, o.Seed)
	cases, undefined, err := s.expect(ctx, p)
	if err != nil {
		return nil, err
	}
	report := &Report{Program: s.program, Result: Equivalent}
	total := len(cases) * len(runners)
	for i, r := range runners {
		c := &comparison{subject: s, runner: r, cases: cases, options: o, allowed: o.Tolerance * largest(cases)}
		c.progress = func(done int) {
			if o.Progress != nil {
				o.Progress(i*len(cases)+done, total)
			}
		}
		if err := c.run(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", r.file, err)
		}
		f := c.report(p, undefined)
		report.Files = append(report.Files, f)
		report.judge(f)
	}
	report.Assumptions = assumptions(m, p, s, len(cases))
	return report, nil
}

// judge updates the verdict by one file's report.
func (r *Report) judge(f FileReport) {
	switch {
	case f.Difference != nil:
		r.Result = Different
		if r.FirstDifference == nil {
			r.FirstDifference = f.Difference
		}
	case r.Result == Equivalent && (f.Inputs == 0 || f.ExhaustiveTo == 0 || f.Weak > 0):
		r.Result = Undecided
	}
}

func assumptions(m *manifest.Manifest, p *plan, s *subject, inputs int) []Assumption {
	how := "sampled"
	if p.exhaustiveTo == s.maxLen {
		how = "exhaustive"
	}
	var all []Assumption
	for _, a := range m.Assumptions {
		all = append(all, Assumption{SOp: a.SOp, Claim: a.Claim, Discharged: how, Inputs: inputs})
	}
	return all
}

// testCase is an input with the oracle's output.
type testCase struct {
	ids  []int
	want []value.Value
}

// largest returns the largest of 1 and the sizes of all expected numbers: sums in
// float32 are as far off for small results as for large ones.
func largest(cases []testCase) float64 {
	most := 1.0
	for _, tc := range cases {
		for _, w := range tc.want {
			if w.IsNumber() {
				most = max(most, math.Abs(w.Rat().Float64()))
			}
		}
	}
	return most
}

// expect asks the oracle for the outputs, on all processors, and counts the
// inputs on which the program is undefined.
func (s *subject) expect(ctx context.Context, p *plan) (cases []testCase, undefined int, err error) {
	want, errs := make([][]value.Value, len(p.inputs)), make([]error, len(p.inputs))
	parallel(len(p.inputs), func(i int) {
		if ctx.Err() != nil {
			return
		}
		r, err := s.oracle.Run(s.tokens(p.inputs[i]))
		switch {
		case err == nil:
			want[i] = r.Sequence(s.output)
		case !errors.As(err, new(*interp.Undefined)):
			errs[i] = err
		}
	})
	if err := cmp.Or(append(errs, ctx.Err())...); err != nil {
		return nil, 0, err
	}
	for i, in := range p.inputs {
		if want[i] == nil {
			undefined++
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

// comparison is one file's run over all cases.
type comparison struct {
	subject  *subject
	runner   opened
	cases    []testCase
	options  Options
	allowed  float64 // error of a numeric output
	progress func(done int)

	mu      sync.Mutex
	done    int
	firstAt int // case number of first
	first   *Difference
	weak    int
	margin  float64
	err     float64
	seconds float64
}

// run executes the cases in batches of equal length, and some once more in
// one padded batch, so that the attention mask is exercised.
func (c *comparison) run(ctx context.Context) error {
	start := time.Now()
	c.margin, c.firstAt = math.Inf(1), len(c.cases)
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
	if c.first != nil {
		c.shrink()
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

// batch runs some cases and compares their outputs.
func (c *comparison) batch(cases []int) error {
	ids, mask := c.rows(cases)
	logits, err := c.runner.Run(ids, mask)
	if err != nil {
		return err
	}
	if len(logits) != len(cases) {
		return fmt.Errorf("%d rows of logits for %d inputs", len(logits), len(cases))
	}
	for k, i := range cases {
		o, err := c.subject.judge(c.cases[i], logits[k], c.allowed)
		if err != nil {
			return err
		}
		c.record(i, o)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += len(cases)
	c.progress(min(c.done, len(c.cases)))
	return nil
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
	c.weak += o.weak
	c.margin = min(c.margin, o.margin)
	c.err = max(c.err, o.err)
	if o.difference != nil && i < c.firstAt {
		c.firstAt, c.first = i, o.difference
		c.first.File = c.runner.file
	}
}

func (c *comparison) report(p *plan, undefined int) FileReport {
	f := FileReport{
		File: c.runner.file, Runner: c.runner.name, Seconds: c.seconds,
		Inputs: len(c.cases), Undefined: undefined, Weak: c.weak, Difference: c.first,
		ExhaustiveTo: p.exhaustiveTo, MaxLen: c.subject.maxLen,
	}
	for _, tc := range c.cases {
		f.Longest = max(f.Longest, len(tc.ids))
	}
	if c.subject.labels == nil {
		f.MaxAbsError = &c.err
	} else if !math.IsInf(c.margin, 0) {
		f.WorstMargin = &c.margin
	}
	return f
}
