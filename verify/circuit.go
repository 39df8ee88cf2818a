package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/host"
	"github.com/raspc/raspc/verify/sparse"
)

// ErrHosted says that a folder holds the program as a part of a larger model, whose
// outputs are its own.
var ErrHosted = errors.New("the model is a host of the program's circuit, and its outputs are its own")

// ErrNotHosted says that a folder holds nothing but the program.
var ErrNotHosted = errors.New("the model is no host of a circuit: it computes the program and nothing else")

// circuit is a program's part of a larger model. What its columns hold is compared with
// the program's s-ops: the whole model runs, and the proof is about the circuit, with
// bounds on what the rest can do to it.
type circuit struct {
	*probe
	subject *subject
	file    string
	model   *hfrun.Model
	parts   *host.Parts
	apart   error // the weight for which the circuit is not apart from its host
	allowed float64
}

// hosts verifies the circuit in the files of a folder.
func (s *subject) hosts(ctx context.Context, dir string, o Options) (*Report, error) {
	circuits, err := s.openCircuits(dir, o.Formats)
	if err != nil {
		return nil, err
	}
	r := &Report{Program: s.program, MadeBy: s.man.Raspc, Circuit: true, Certificate: &Certificate{MaxLen: s.maxLen}}
	p := makePlan(s, cmp.Or(o.Budget, circuits[0].affordable()), o.Seed)
	if r.Plan = p.Plan; o.Planned != nil {
		o.Planned(p.Plan)
	}
	begin := time.Now()
	cases, undefined, err := s.expect(ctx, p.all())
	if err != nil {
		return nil, err
	}
	allowed := numbersOf(cases)
	for _, c := range circuits {
		c.allowed = allowed.allowed(o.withDefaults().Tolerance)
		report, err := c.run(ctx, p, cases, undefined, o.Progress)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.file, err)
		}
		r.Files = append(r.Files, report)
	}
	r.Seconds = time.Since(begin).Seconds()
	for _, c := range circuits {
		proof, claims := c.prove(ctx, o)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.Certificate.Files = append(r.Certificate.Files, proof)
		r.Certificate.assume(claims)
	}
	r.judge()
	r.weigh()
	return r, nil
}

// affordable is the number of inputs where none is given: LeastBudget, or as many as take
// some seconds on a large host, and LeastInputs in any case.
func (c *circuit) affordable() int {
	const operations = 1 << 35
	return max(LeastInputs, min(LeastBudget, operations/max(1, sparse.Work(c.net, c.subject.maxLen+1))))
}

// openCircuits opens the files of a folder whose format is wanted.
func (s *subject) openCircuits(dir string, formats []string) ([]*circuit, error) {
	if s.man.Rotation != nil {
		return nil, fault.In(filepath.Join(dir, manifest.FileName), fault.New(fault.Disagreeing, "a host has no rotated stream"))
	}
	var all []*circuit
	for _, f := range s.man.Files {
		if len(formats) > 0 && !slices.Contains(formats, f.Format) {
			continue
		}
		c, err := s.openCircuit(dir, f)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s lists no file to verify", filepath.Join(dir, manifest.FileName))
	}
	return all, nil
}

// openCircuit opens a file.
func (s *subject) openCircuit(dir string, f manifest.File) (*circuit, error) {
	if f.Format != "safetensors" {
		return nil, fault.In(manifest.FileName, fault.New(fault.Disagreeing, "the file %s of a host is of the format %q: hosts are Hugging Face folders", f.Name, f.Format))
	}
	m, err := openFolder(dir, f.Name)
	if err == nil {
		err = cmp.Or(unadapted(dir), fault.In(filepath.Join(dir, hfrun.ConfigFile), typeFits(m.DType(), f.DType)))
	}
	if err != nil {
		return nil, missing(f, err)
	}
	if f.Arch != m.Arch() {
		return nil, fault.In(filepath.Join(dir, manifest.FileName), fault.New(fault.Disagreeing, "%s is the file of a %q, the folder holds a %q", f.Name, f.Arch, m.Arch()))
	}
	c := &circuit{subject: s, file: f.Name, model: m}
	n, err := m.Gated(0)
	if err != nil {
		return nil, fault.In(filepath.Join(dir, f.Name), fault.Or(fault.Unsupported, err))
	}
	c.parts, err = host.Split(n, m.Arch(), s.man.Host, len(s.vocab), s.maxLen)
	if weight := (*host.WeightError)(nil); errors.As(err, &weight) {
		c.apart, err = err, nil
	}
	if err != nil {
		return nil, fault.In(filepath.Join(dir, manifest.FileName), err)
	}
	want := spellingOf(s.man)
	if err := cmp.Or(fault.In(filepath.Join(dir, hfrun.ConfigFile), specialsFit(m.Names(), want)), checkTokenizer(dir, want, f.Tokenizer)); err != nil {
		return nil, missing(f, err)
	}
	c.probe = newProbe(s, opened{net: n})
	c.probe.hosted(s.man)
	return c, nil
}

// unadapted wants no adapter in a folder, which would change the weights.
func unadapted(dir string) error {
	const adapter = "adapter_config.json"
	if _, err := os.Lstat(filepath.Join(dir, adapter)); !errors.Is(err, fs.ErrNotExist) {
		return fault.In(dir, fault.New(fault.Disagreeing, "the folder has %s, which changes the weights: merge the adapter into them", adapter))
	}
	return nil
}

// hosted makes a probe one of a circuit in a host, whose layers the manifest numbers. What
// stands in the embedding is complete behind the layers that count positions, where there
// are such. What the manifest says of gaps is not taken for granted where codes say it.
func (p *probe) hosted(man *manifest.Manifest) {
	first := stage(0)
	if front := len(man.Host.LayersAt) - max(0, man.Model.Layers); front > 0 {
		first = stage(2*man.Host.LayersAt[front-1] + 2)
	}
	for i := range p.variables {
		v := &p.variables[i]
		if v.scaled(); v.Encoding != "numeric" {
			v.Gap = 1
		}
		for k := range v.columns {
			v.columns[k].from = max(v.columns[k].from, first)
		}
	}
}

// run runs the whole model on inputs and compares what columns hold.
func (c *circuit) run(ctx context.Context, p *plan, cases []testCase, undefined reasons, progress func(done, total int)) (FileReport, error) {
	begin := time.Now()
	found := make([]sighting, len(cases))
	errs := make([]error, len(cases))
	done := newCounter(len(cases), progress)
	parallel(len(cases), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			found[i], errs[i] = c.look(cases[i].ids)
		}
		done()
	})
	for _, err := range errs {
		if err != nil {
			return FileReport{}, err
		}
	}
	t := newTally(0)
	t.inputs, t.undefined = len(cases), undefined
	worst := 0.0
	var first *Departure
	var at []int
	for i, tc := range cases {
		t.lengths[len(tc.ids)]++
		worst = max(worst, found[i].off)
		if first == nil && found[i].first != nil {
			first, at = found[i].first, tc.ids
		}
	}
	r := FileReport{
		File: c.file, Runner: "stock " + c.model.Arch() + " with its host", Inputs: t.inputs, Undefined: t.undefined.total(), UndefinedBy: t.undefined,
		ExhaustiveTo: p.ExhaustiveTo, Longest: t.longest(), MaxLen: c.subject.maxLen, Lengths: p.covered(t.lengths),
		MaxAbsError: &worst, Seconds: time.Since(begin).Seconds(),
	}
	if first != nil {
		r.Difference = c.difference(at, first)
	}
	return r, nil
}

// newCounter returns what counts one more input.
func newCounter(total int, progress func(done, total int)) func() {
	if progress == nil {
		return func() {}
	}
	steps := make(chan struct{}, 1)
	n := 0
	return func() {
		steps <- struct{}{}
		n++
		progress(n, total)
		<-steps
	}
}

// sighting is what one run shows.
type sighting struct {
	off   float64    // the largest distance of a column from its code, in units of codes
	first *Departure // the first that is too large
}

// look runs the model on one input on which the program is defined.
func (c *circuit) look(ids []int) (sighting, error) {
	var out sighting
	tokens := c.subject.tokens(ids)
	values, err := c.oracle.Run(tokens)
	if err != nil {
		return out, err
	}
	o := &observation{ids: ids, values: values, tokens: tokens}
	d := c.net.Width
	err = c.model.Streams(c.ids(ids), func(point int, x []float64) {
		for i := range c.variables {
			c.compare(&out, &c.variables[i], o, stage(point), x[d:])
		}
	})
	return out, err
}

// ids are the host's ids of an input, with BOS in front.
func (c *circuit) ids(ids []int) []int64 {
	tokens := c.subject.man.Host.Tokens
	out := []int64{int64(tokens[len(tokens)-2])}
	for _, id := range ids {
		out = append(out, int64(tokens[id]))
	}
	return out
}

// compare compares the columns of a variable at a stage. The stream is that of positions
// behind BOS.
func (c *circuit) compare(s *sighting, v *variable, o *observation, at stage, stream []float64) {
	limit := 0.5 * v.Gap
	if c.read(v) && c.subject.labels == nil && v.Encoding == "numeric" {
		limit = min(limit, c.allowed)
	}
	for k := range v.columns {
		col := &v.columns[k]
		if at < col.from || at >= col.to {
			continue
		}
		for i, x := range o.of(v) {
			t, ok := v.contrast(col, x, float32(stream[i*c.net.Width+col.index]))
			if !ok {
				continue
			}
			off := math.Abs(t.held - t.code)
			if s.off = max(s.off, off); s.first == nil && !(off <= limit) {
				s.first = departed(v, col, at, i, x, t)
			}
		}
	}
}

// difference is the report of a departure.
func (c *circuit) difference(ids []int, d *Departure) *Difference {
	return &Difference{File: c.file, Input: c.subject.tokens(ids), Position: d.Position, Expected: d.Expected, SOp: d.SOp, Departure: d, Stream: true}
}
