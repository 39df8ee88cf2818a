package verify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/raspc/raspc/export/manifest"
)

// Options steer a verification. The zero value is the default.
type Options struct {
	// Program is the specification; nil for the program in the manifest.
	Program *Program
	// Formats names the kinds of files to run; empty for all.
	Formats []string
	// Budget is the number of inputs; 0 for as many as take some seconds: up to
	// MostBudget of short ones, and LeastBudget of long ones or where a file holds
	// a network of a kind that is not known.
	Budget int
	// SecondLook is on how many inputs a file's own runner and the sparse evaluator
	// have to agree; 0 for DefaultSecondLook.
	SecondLook int
	// Seed chooses the random inputs.
	Seed uint64
	// Tolerance is the largest error of a numeric output, relative to the
	// largest of 1 and the numbers that the program gives on the inputs tried;
	// 0 for DefaultTolerance. Less than half the distance of two of these numbers
	// is allowed in any case.
	Tolerance float64
	// Certify asks for a proof for all inputs beside the runs. Without one the
	// verdict is Undecided. A numeric output may be off by CertificateTolerance
	// where Tolerance is 0.
	Certify bool
	// CertifyTimeout is the longest time that the proof of one file may take; 0 for
	// as long as it takes.
	CertifyTimeout time.Duration
	// Circuit asks for what the columns of a circuit hold in a host, by running the whole
	// model and by a proof for all inputs, whatever the host computes. Certify is
	// implied, and Distance and SecondLook have no meaning.
	Circuit bool
	// Distance asks how far each file is from the program, s-op by s-op.
	Distance bool
	// Planned is told which inputs will be tried, before they are; may be nil.
	Planned func(Plan)
	// Progress is told how many inputs are done, of how many; may be nil. It is
	// called from one goroutine at a time.
	Progress func(done, total int)
}

// Defaults of Options.
const (
	MostBudget  = 100_000
	LeastBudget = 5000
	// DefaultSecondLook is how many inputs are run by files' own runners where the sparse
	// evaluator runs all.
	DefaultSecondLook = 512
	DefaultTolerance  = 2e-5
)

func (o Options) withDefaults() Options {
	if o.Tolerance == 0 {
		o.Tolerance = DefaultTolerance
	}
	return o
}

// Folder verifies the files of an export folder.
func Folder(ctx context.Context, dir string, o Options) (*Report, error) {
	m, err := manifest.Read(dir)
	if err != nil {
		return nil, err
	}
	s, err := newSubject(m, o.Program)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Circuit && m.Host == nil:
		return nil, ErrNotHosted
	case o.Circuit:
		return s.hosts(ctx, dir, o)
	case m.Host != nil:
		return nil, ErrHosted
	}
	files, err := open(dir, m, o.Formats)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, files, o)
}

// report verifies files that are open.
func (s *subject) report(ctx context.Context, files []opened, o Options) (_ *Report, err error) {
	proofTolerance := cmp.Or(o.Tolerance, CertificateTolerance)
	o = o.withDefaults()
	v := newVerification(s, files, o)
	if err := v.run(ctx); err != nil {
		return nil, err
	}
	v.report.Assumptions = v.assumptions(s.man)
	if err := v.locate(ctx); err != nil {
		return nil, err
	}
	if o.Distance {
		if v.report.Distances, err = s.distances(ctx, files, o.Seed); err != nil {
			return nil, err
		}
	}
	if o.Certify {
		if v.report.Certificate, err = s.certify(ctx, files, proofTolerance, o.CertifyTimeout); err != nil {
			return nil, err
		}
		v.report.weigh()
	}
	return v.report, nil
}

// verification is the work on one folder. Files whose networks are known are run
// twice: by the sparse evaluator on all inputs, and by their own runners on
// a second plan, which is small; the two must agree. Others are run by their own
// runners on all inputs.
type verification struct {
	subject      *subject
	plan, second *plan
	known, other []opened
	order        []string // of the files' names
	options      Options
	progress     func(done int) // inputs more
	report       *Report
	inputs       int // that the program is defined on
}

func newVerification(s *subject, files []opened, o Options) *verification {
	v := &verification{subject: s, options: o, report: &Report{Program: s.program, MadeBy: s.man.Raspc}}
	for _, f := range files {
		v.order = append(v.order, f.file)
		if f.net != nil {
			v.known = append(v.known, f)
		} else {
			v.other = append(v.other, f)
		}
	}
	if o.Budget == 0 {
		o.Budget = LeastBudget
		if len(v.other) == 0 {
			o.Budget = usualBudget(s.maxLen)
		}
		if first, ok := s.inputs.Count(1).AtMost(MostBudget - LeastInputs); ok {
			o.Budget = max(o.Budget, first+LeastInputs) // every token is tried
		}
	}
	v.plan, v.second = makePlan(s, o.Budget, o.Seed), makePlan(s, min(o.Budget, cmp.Or(o.SecondLook, DefaultSecondLook)), o.Seed)
	v.report.Plan = v.plan.Plan
	if o.Planned != nil {
		o.Planned(v.plan.Plan)
	}
	v.progress = v.counter()
	return v
}

// usualBudget is the number of inputs where none is given. The work on an input
// grows with the square of its length.
func usualBudget(maxLen int) int {
	const pairs = 64 * MostBudget // of positions, of all inputs together
	return min(MostBudget, max(LeastBudget, pairs/(maxLen*maxLen)))
}

// counter returns what adds to the progress.
func (v *verification) counter() func(more int) {
	total := len(v.other) * v.plan.size()
	if len(v.known) > 0 {
		total += v.plan.size() + len(v.known)*v.second.size()
	}
	done := 0
	return func(more int) {
		if done += more; v.options.Progress != nil {
			v.options.Progress(min(done, total), total)
		}
	}
}

// run runs all files and reports on each, in the manifest's order.
func (v *verification) run(ctx context.Context) error {
	reports := map[string]FileReport{}
	if err := v.runKnown(ctx, reports); err != nil {
		return err
	}
	if err := v.runOther(ctx, reports); err != nil {
		return err
	}
	for _, name := range v.order {
		v.report.Files = append(v.report.Files, reports[name])
	}
	v.report.judge()
	if v.options.Progress != nil { // inputs that a pattern refused were planned, too
		v.progress(1 << 40)
	}
	return nil
}

// runOther runs files by their own runners.
func (v *verification) runOther(ctx context.Context, reports map[string]FileReport) error {
	if len(v.other) == 0 {
		return nil
	}
	begin := time.Now()
	defer func() { v.report.Seconds += time.Since(begin).Seconds() }()
	cases, undefined, err := v.subject.expect(ctx, v.plan.all())
	if err != nil {
		return err
	}
	v.inputs = len(cases)
	for _, f := range v.other {
		c := v.comparison(f, cases, numbersOf(cases))
		if err := c.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		t := newTally(0)
		t.inputs, t.undefined = len(cases), undefined
		for _, tc := range cases {
			t.lengths[len(tc.ids)]++
		}
		reports[f.file] = v.file(f, f.name, t, c.outcome, c.seconds)
	}
	return nil
}

// runKnown runs files whose networks are known.
func (v *verification) runKnown(ctx context.Context, reports map[string]FileReport) error {
	if len(v.known) == 0 {
		return nil
	}
	begin, before := time.Now(), 0
	t, err := sweepPlan(ctx, v.subject, v.plan, v.known, func(done int) {
		v.progress(done - before)
		before = done
	})
	v.report.Seconds += time.Since(begin).Seconds()
	if err != nil {
		return err
	}
	cases, _, err := v.subject.expect(ctx, v.second.all())
	if err != nil {
		return err
	}
	v.inputs = t.inputs
	t.numbers.add(numbersOf(cases))
	for i, f := range v.known {
		c := v.comparison(f, cases, t.numbers)
		if err := c.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		found := &t.found[i]
		if s := found.difference(c.allowed); s != nil {
			if c.difference = c.shrunk(s.ids); c.difference == nil {
				return &DisagreementError{File: f.file, Runner: f.name, Input: v.subject.tokens(s.ids)}
			}
		}
		found.outcome.margin, found.outcome.err = min(found.margin, c.margin), max(found.err, c.err)
		found.weak, found.outcome.difference = max(found.weak, c.weak), c.difference
		name := fmt.Sprintf("sparse; %s on %d", f.name, len(cases))
		reports[f.file] = v.file(f, name, t, found.outcome, found.busy.Seconds()+c.seconds)
	}
	return nil
}

// comparison prepares a file's own runner.
func (v *verification) comparison(f opened, cases []testCase, expected numbers) *comparison {
	c := &comparison{subject: v.subject, runner: f, cases: cases, allowed: expected.allowed(v.options.Tolerance)}
	before := 0
	c.progress = func(done int) {
		v.progress(done - before)
		before = done
	}
	return c
}

// file is the report on one file.
func (v *verification) file(f opened, runner string, t tally, o outcome, seconds float64) FileReport {
	r := FileReport{
		File: f.file, Runner: runner, Seconds: seconds,
		Inputs: t.inputs, Undefined: t.undefined.total(), UndefinedBy: t.undefined, Weak: o.weak, Difference: o.difference,
		ExhaustiveTo: v.plan.ExhaustiveTo, Longest: t.longest(), MaxLen: v.subject.maxLen, Lengths: v.plan.covered(t.lengths),
		Histogram: o.histogram.buckets(),
	}
	if v.subject.labels == nil {
		r.MaxAbsError = &o.err
	} else if o.margin < newOutcome().margin {
		r.WorstMargin = &o.margin
	}
	return r
}

// judge gives the verdict of the runs.
func (r *Report) judge() {
	r.Result = Equivalent
	for _, f := range r.Files {
		switch {
		case f.Difference != nil:
			r.Result, r.FirstDifference = Different, cmp.Or(r.FirstDifference, f.Difference)
		case r.Result == Equivalent && f.open() != "":
			r.Result = Undecided
		}
	}
}

// weigh gives the verdict of runs and proofs: what is proved needs no more inputs and
// no larger margins, and what is not stays open.
func (r *Report) weigh() {
	switch {
	case r.Result == Different:
	case r.Certificate.Proved():
		r.Result = Equivalent
	default:
		r.Result = Undecided
	}
}

// locate finds where the residual stream leaves its code on the first difference.
func (v *verification) locate(ctx context.Context) (err error) {
	d := v.report.FirstDifference
	if d == nil {
		return nil
	}
	ids := make([]int, len(d.Input))
	for i, token := range d.Input {
		ids[i] = v.subject.id(token)
	}
	for _, f := range v.known {
		if f.file == d.File {
			d.Departure, err = v.subject.departure(ctx, f, ids)
		}
	}
	return err
}

func (v *verification) assumptions(m *manifest.Manifest) []Assumption {
	how := "sampled"
	if v.plan.ExhaustiveTo == v.subject.maxLen {
		how = "exhaustive"
	}
	var all []Assumption
	for _, a := range m.Assumptions {
		all = append(all, Assumption{SOp: a.SOp, Claim: a.Claim, Discharged: how, Inputs: v.inputs})
	}
	return all
}
