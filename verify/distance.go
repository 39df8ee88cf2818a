package verify

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/raspc/raspc/frontend/value"
)

// Distance is how far a file is from the program, s-op by s-op: of a model whose
// weights were changed since it was exported. It rests on the manifest's hints on
// which columns hold what, and is no verdict.
type Distance struct {
	File   string
	Inputs int
	// Agreement is the share of positions with the right label; nil for numbers.
	Agreement *float64
	// MeanError and MaxError are of a numeric output; nil for labels. They may be
	// infinite.
	MeanError, MaxError *float64
	SOps                []SOpDistance // by stages, in the order of the columns
	// Skipped counts what the manifest lists and no s-op was found for.
	Skipped int
	Reason  string // why nothing was measured; else empty
}

// SOpDistance is how far the columns of an s-op are from its code, where they are
// written, in units of the least distance of two of its values. Of a position it is
// that of the column that is furthest off. Infinite ones are those of numbers that
// overflow.
type SOpDistance struct {
	SOp, Encoding string
	Copy          int  // of an s-op that is held more than once; else 0
	Layer         *int // nil for the embedding
	Part          string
	Mean, Worst   float64
	Wrong         float64 // share of positions with a column that is off by more than half the gap
}

// distances measures files.
func (s *subject) distances(ctx context.Context, files []opened, seed uint64) ([]Distance, error) {
	var all []Distance
	for _, f := range files {
		d, err := s.distance(ctx, f, seed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.file, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// distance measures a file.
func (s *subject) distance(ctx context.Context, f opened, seed uint64) (Distance, error) {
	d := Distance{File: f.file}
	if f.net == nil {
		d.Reason = "its weights are not laid out in a known way"
		return d, nil
	}
	p := newProbe(s, f)
	inputs := s.affordable(f.net, seed)
	seen, err := p.observeAll(ctx, some(inputs))
	if err != nil {
		return d, err
	}
	p.fit(seen)
	measures := make([]*measure, len(inputs))
	errs := make([]error, len(inputs))
	parallel(len(inputs), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			measures[i], errs[i] = p.measure(inputs[i])
		}
	})
	total := &measure{sops: make([]spread, len(p.variables))}
	for i, m := range measures {
		if errs[i] != nil {
			return d, errs[i]
		}
		if m != nil {
			total.add(m)
			d.Inputs++
		}
	}
	d.Skipped = p.skipped
	d.fill(p, total)
	return d, nil
}

// fill takes over what was measured.
func (d *Distance) fill(p *probe, m *measure) {
	if m.output.count > 0 {
		mean, share := m.output.mean(), 1-m.output.share()
		if p.subject.labels == nil {
			d.MeanError, d.MaxError = &mean, &m.output.worst
		} else {
			d.Agreement = &share
		}
	}
	var stages []stage
	for i := range p.variables {
		v, sp := &p.variables[i], &m.sops[i]
		if sp.count == 0 {
			continue
		}
		at := v.written()
		k, _ := slices.BinarySearch(stages, at+1) // behind those of the same stage
		stages = slices.Insert(stages, k, at)
		d.SOps = slices.Insert(d.SOps, k, SOpDistance{
			SOp: called(v.Variable), Encoding: v.Encoding, Copy: v.Copy, Layer: at.layer(), Part: at.part(),
			Mean: sp.mean(), Worst: sp.worst, Wrong: sp.share(),
		})
	}
}

// spread sums up distances.
type spread struct {
	count, wrong int
	sum, worst   float64
}

// see counts a distance, which may be infinite.
func (s *spread) see(distance float64, wrong bool) {
	s.count++
	s.sum += distance
	s.worst = max(s.worst, distance)
	if wrong {
		s.wrong++
	}
}

func (s *spread) add(o spread) {
	s.count, s.wrong, s.sum, s.worst = s.count+o.count, s.wrong+o.wrong, s.sum+o.sum, max(s.worst, o.worst)
}

func (s *spread) mean() float64  { return s.sum / float64(s.count) }
func (s *spread) share() float64 { return float64(s.wrong) / float64(s.count) }

// measure is what was measured on some inputs.
type measure struct {
	sops   []spread // of each variable
	output spread
}

func (m *measure) add(o *measure) {
	for i := range m.sops {
		m.sops[i].add(o.sops[i])
	}
	m.output.add(o.output)
}

// measure measures one input; nil where the program is undefined.
func (p *probe) measure(ids []int) (*measure, error) {
	o, err := p.observe(ids)
	if o == nil || err != nil {
		return nil, err
	}
	m := &measure{sops: make([]spread, len(p.variables))}
	for i := range p.variables {
		m.sops[i] = p.variables[i].spread(o.of(&p.variables[i]), o.held[i])
	}
	for i, want := range o.values.Sequence(p.subject.output) {
		r, err := p.subject.reading(o.logits[i+1], p.others)
		if err != nil {
			return nil, err
		}
		m.output.see(p.subject.off(r, want))
	}
	return m, nil
}

// spread sums up the distances of a variable's columns, one a position.
func (v *variable) spread(values []value.Value, held [][]float32) spread {
	var s spread
	for i, x := range values {
		most, known := 0.0, false
		for k := range v.columns {
			if t, ok := v.contrast(&v.columns[k], x, held[k][i]); ok {
				most, known = max(most, t.distance), true
			}
		}
		if known {
			s.see(most, most > 0.5)
		}
	}
	return s
}

// off returns by how much a number is off, and whether a label is wrong.
func (s *subject) off(r reading, want value.Value) (distance float64, wrong bool) {
	switch {
	case !r.finite:
		return math.Inf(1), true
	case s.labels != nil:
		return 0, !s.labelled(&r, &want)
	case !want.IsNumber():
		return math.Inf(1), true
	}
	return math.Abs(r.number - want.Rat().Float64()), false
}

// writeText writes a measurement as a table.
func (d *Distance) writeText(p *printer) {
	if d.Reason != "" {
		p.linef("distance of %s: not measured, %s", d.File, d.Reason)
		return
	}
	p.linef("distance of %s from the program, on %d inputs: %s", d.File, d.Inputs, d.output())
	if len(d.SOps) > 0 && p.err == nil {
		p.err = d.table(p.w)
	}
	if d.Skipped > 0 {
		p.linef("  not measured: %d quantities for which no s-op of the program was found", d.Skipped)
	}
}

// output is how the output agrees, in words.
func (d *Distance) output() string {
	switch {
	case d.Agreement != nil:
		return percent(*d.Agreement) + " of the labels are right"
	case d.MaxError != nil:
		return fmt.Sprintf("the output is off by %.2g on average and %.2g at most", *d.MeanError, *d.MaxError)
	}
	return "no output was compared"
}

func (d *Distance) table(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  layer\tpart\ts-op\theld as\tmean\tworst\tread wrongly")
	for _, s := range d.SOps {
		layer := "-"
		if s.Layer != nil {
			layer = fmt.Sprint(*s.Layer)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%.2g\t%.2g\t%s\n", layer, s.Part, plain(s.SOp), s.Encoding, s.Mean, s.Worst, percent(s.Wrong))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// percent is a share, of which only none is 0% and only all is 100%.
func percent(share float64) string {
	switch x := 100 * share; {
	case x > 0 && x < 0.1:
		return "<0.1%"
	case x < 100 && x > 99.9:
		return ">99.9%"
	default:
		return fmt.Sprintf("%.3g%%", x)
	}
}
