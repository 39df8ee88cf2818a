package certify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/raspc/raspc/verify/network"
)

// neuron is one neuron of a layer: out_c += w_c relu(in*t + off), where t is
// what its group reads, give or take what its activation differs from relu.
type neuron struct {
	in, off float64
	rest    float64 // bounds what it reads besides, and the noise of constants
	pre     read
	bias    bool
	bosOff  float64
	bosRest float64
	// besides are the weights on what is read besides; shared and bosShared are
	// the parts of rest and bosRest that are what these columns err.
	besides           []network.Weight
	shared, bosShared float64
}

// group is neurons that read multiples of one linear form of columns that vary,
// and hence err alike.
type group struct {
	t        *lin
	err      *lin // of t
	form     []network.Weight
	bos      float64
	bosNoise float64
	neurons  []neuron
	writes   map[int][]write // by column
	act      network.Activation
}

// write is one weight from a neuron to a column.
type write struct {
	neuron int
	w      float64
}

// groups sorts the neurons of a layer by what they read. Those that are idle are
// in none.
func (p *proof) groups(l *network.Layer, eff map[int]*effect) ([]*group, error) {
	byKey := map[string]*group{}
	var all []*group
	var sizes []float64
	for j, outs := range l.Out.Rows(len(l.In.Columns)) {
		if len(outs) == 0 {
			p.readsOf(&l.In, j) // for its size
			continue
		}
		if p.idleRow(outs) {
			if sizes == nil {
				sizes = p.sizes()
			}
			p.idleNeuron(l, j, outs, sizes, eff)
			continue
		}
		for _, w := range l.In.Columns[j] {
			if parts := p.view.cols[w.Row].l.unresolved(); len(parts) > 0 {
				return nil, p.describeSum(parts[0])
			}
		}
		key, direction, in := p.direction(l.In.Columns[j])
		g := byKey[key]
		if g == nil {
			r := p.readsBeside(direction, 0, 0, 0)
			g = &group{t: r.l, err: r.err, form: direction, bos: r.bos, bosNoise: r.bosNoise, writes: map[int][]write{}, act: l.Act}
			byKey[key] = g
			all = append(all, g)
		}
		g.add(p, l, j, in, p.besides(l, j, outs))
	}
	return all, nil
}

// direction normalises the weights on columns that vary, so that those of
// neurons that read multiples of one form are the same up to rounding.
func (p *proof) direction(ws []network.Weight) (key string, direction []network.Weight, in float64) {
	for _, w := range ws {
		if w.W != 0 && !p.view.cols[w.Row].l.isConstant() {
			if in == 0 {
				in = w.W
			}
			direction = append(direction, network.Weight{Row: w.Row, W: w.W / in})
		}
	}
	var b []byte
	for _, w := range direction {
		b = binary.LittleEndian.AppendUint64(b, uint64(w.Row))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(math.Round(w.W*(1<<16))/(1<<16))))
	}
	return string(b), direction, in
}

// add puts neuron j into a group.
func (g *group) add(p *proof, l *network.Layer, j int, in float64, outs []network.Weight) {
	n := neuron{in: in, pre: p.readsOf(&l.In, j), bias: l.In.BiasOf(j) != 0}
	lo, hi := p.span(combine([]*lin{n.pre.l, g.t}, []float64{1, -in}))
	n.off, n.rest = (lo+hi)/2, up((hi-lo)/2)
	n.bosOff = n.pre.bos - in*g.bos
	// What the neuron reads besides the form errs for itself.
	besides := map[int]float64{}
	for _, w := range l.In.Columns[j] {
		besides[w.Row] += w.W
	}
	for _, w := range g.form {
		besides[w.Row] -= in * w.W
	}
	n.besides = sparse(besides)
	n.shared, n.bosShared = p.errorsOf(n.besides)
	n.rest, n.bosRest = n.rest+n.shared, n.bosRest+n.bosShared
	// Nor does the form have a part in what the columns err in common.
	sum, abs := 0.0, 0.0
	for _, w := range l.In.Columns[j] {
		sum, abs = sum+w.W, abs+math.Abs(w.W)
	}
	seen := math.Abs(sum) + gamma(len(l.In.Columns[j])+1)*abs
	n.rest += seen * p.view.common
	n.bosRest += seen * p.view.bosCommon
	for _, o := range outs {
		g.writes[o.Row] = append(g.writes[o.Row], write{len(g.neurons), o.W})
	}
	g.neurons = append(g.neurons, n)
}

// moment is a group's input: t, give or take noise.
type moment struct {
	t, noise float64
	rests    []float64 // of each neuron, with rounding
	bos      bool
}

// off returns a neuron's constant.
func (m *moment) off(n *neuron) float64 {
	if m.bos {
		return n.bosOff
	}
	return n.off
}

// idle reports whether no neuron of a group can be active.
func (g *group) idle(m *moment) bool {
	for i := range g.neurons {
		n := &g.neurons[i]
		read, room := n.in*m.t+m.off(n), math.Abs(n.in)*m.noise+m.rests[i]
		if !(read+room <= 0) || g.act.Error(read, room) != 0 {
			return false
		}
	}
	return true
}

// added is what a group adds to a column at one moment.
type added struct {
	value, off, size float64
	terms            int
	rough            bool
}

// sharedBy returns the part of what a neuron errs by itself that comes from columns.
func (m *moment) sharedBy(n *neuron) float64 {
	if m.bos {
		return n.bosShared
	}
	return n.shared
}

// effectOn evaluates a group's writes to one column. Neurons that are active for
// certain add what the columns err times what their weights amount to together,
// which may be little: of a jump, say, one adds what the other takes away.
func (g *group) effectOn(p *proof, ws []write, m *moment) added {
	var a added
	c := curve{}
	rest, together := 0.0, map[int]float64(nil)
	for _, w := range ws {
		n := &g.neurons[w.neuron]
		b := bend{w.w, n.in, m.off(n)}
		read, room := n.in*m.t+b.off, math.Abs(n.in)*m.noise+m.rests[w.neuron]
		soft := g.act.Error(read, room)
		if read+room <= 0 && soft == 0 {
			continue
		}
		c.bends = append(c.bends, b)
		own := m.rests[w.neuron]
		if shared := m.sharedBy(n); shared > 0 && read-room >= 0 {
			if own -= shared; together == nil {
				together = map[int]float64{}
			}
			for _, b := range n.besides {
				together[b.Row] += w.w * b.W
			}
		}
		rest += math.Abs(w.w) * (own + soft)
		a.size += math.Abs(w.w) * (max(read+room, 0) + soft)
		a.terms++
		a.rough = a.rough || soft != 0 || m.rests[w.neuron] != 0 || m.noise != 0 || !onGrid(w.w*math.Max(0, n.in*m.t+b.off))
	}
	if together != nil {
		err, atBOS := p.errorsOf(sparse(together))
		if m.bos {
			err = atBOS
		}
		rest += err
	}
	a.value = c.at(m.t)
	if lo, hi := c.span(m.t-m.noise, m.t+m.noise); a.rough {
		a.off = widen(max(hi-a.value, a.value-lo)+rest, a.size)
	}
	return a
}

// moment sets m to what a group reads. It reports false where the program is
// undefined.
func (p *proof) moment(m *moment, g *group, at assignment) bool {
	t, ok := p.eval(g.t, at)
	noise, sure := p.eval(g.err, at)
	ok = ok && sure
	m.t, m.noise, m.rests = t, noise, m.rests[:0]
	for i := range g.neurons {
		n := &g.neurons[i]
		abs, defined := p.eval(n.pre.abs, at)
		ok = ok && defined
		m.rests = append(m.rests, g.rest(n, m, abs))
	}
	return ok
}

// rest bounds what a neuron's input is off by itself, at a moment.
func (g *group) rest(n *neuron, m *moment, abs float64) float64 {
	pre := n.pre
	if !pre.narrow || pre.exact {
		return n.rest + pre.roundingOf(abs)
	}
	y := math.Abs(n.in*m.t+n.off) + math.Abs(n.in)*m.noise + n.rest
	if pre.nearest = g.plain(n, m); pre.nearest {
		return n.rest + pre.loses(false, abs, pre.slip, n.rest, y)
	}
	return n.rest + pre.loses(false, abs, pre.slip, 0, y)
}

// plain reports whether the input of a neuron would be of the type, however far the
// number that it reads is off, if it read nothing else: that number is of the type,
// and what it is multiplied by a power of two. A constant is taken from it that is a
// multiple of a grid on which the difference is small enough. Such a difference, where
// it is not below 0, is a multiple of what the larger number is, or of the grid, and
// no larger than the number.
func (g *group) plain(n *neuron, m *moment) bool {
	f, _ := math.Frexp(n.in)
	if len(g.form) != 1 || g.form[0].W != 1 || math.Abs(f) != 0.5 || n.bias || n.off > 0 {
		return false
	}
	return n.pre.holds(divisorOf(n.off), max(n.in*m.t+math.Abs(n.in)*m.noise+n.off, 0))
}

// statesOf lists what the atoms of a group can be. All groups that read the same
// few atoms share a list.
func (p *proof) statesOf(g *group) ([]assignment, error) {
	atoms := slices.Sorted(maps.Keys(p.atomSet(g.t)))
	key := fmt.Sprint(atoms)
	if states, ok := p.statesBy[key]; ok {
		return states, nil
	}
	all := p.prog.newLeaves()
	for _, a := range atoms {
		all.identity(a)
	}
	if states, err := all.states(); err == nil {
		p.statesBy[key] = states
		return states, nil
	}
	states, err := p.telling(g) // there are fewer that differ in what the group reads
	if errors.Is(err, errTooMany) {
		p.coarsen(g)
		states, err = p.telling(g)
	}
	return states, err
}

// telling lists states that differ in what a group reads, or how inexactly.
func (p *proof) telling(g *group) ([]assignment, error) {
	ls := p.prog.newLeaves()
	ls.lin(g.t)
	ls.lin(g.err)
	for i := range g.neurons {
		ls.lin(g.neurons[i].pre.abs)
	}
	return ls.states()
}

// coarsen bounds what a group errs by its largest values anywhere, so that
// fewer states differ.
func (p *proof) coarsen(g *group) {
	g.err = constant(p.size(g.err))
	for i := range g.neurons {
		pre := &g.neurons[i].pre
		pre.abs = constant(p.size(pre.abs))
	}
}

// atBOS evaluates all groups at BOS.
func (p *proof) atBOS(groups []*group, eff map[int]*effect) {
	for _, g := range groups {
		m := &moment{t: g.bos, noise: g.bosNoise, bos: true}
		for i := range g.neurons {
			n := &g.neurons[i]
			m.rests = append(m.rests, n.bosRest+n.pre.bosRounding())
		}
		for _, c := range slices.Sorted(maps.Keys(g.writes)) {
			a := g.effectOn(p, g.writes[c], m)
			e := of(eff, c)
			e.bos += a.value
			e.bosNoise += a.off
			e.bosSize += a.size
			e.bosTerms += a.terms
			e.bosRough = e.bosRough || a.rough
		}
	}
}
