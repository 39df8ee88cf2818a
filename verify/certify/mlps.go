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

// maxTable bounds the tables of functions of several atoms.
const maxTable = 1 << 14

// mlp adds a layer's neurons to the stream.
func (p *proof) mlp(layer int, l *network.Layer) error {
	eff := map[int]*effect{}
	groups, err := p.groups(l, eff)
	if err != nil {
		return err
	}
	p.atBOS(groups, eff)
	for _, b := range p.buckets(groups) {
		if err := p.bucket(b, eff); err != nil {
			return fmt.Errorf("layer %d, neurons: %w", layer, err)
		}
	}
	var before length
	if p.turn != nil {
		before = p.measure(&p.stream)
	}
	for c := range p.stream.cols {
		bias := l.Out.BiasOf(c)
		if e := eff[c]; e != nil || bias != 0 {
			p.stream.cols[c].apply(p, e, bias, p.turns(c))
		}
	}
	if p.turn != nil {
		p.roundTurned(before, p.mixedBy(l, eff))
	}
	return nil
}

// effect is what neurons do to one column.
type effect struct {
	ls    []*lin
	errs  []*lin // bounds of errors
	sizes []*lin // of what each bucket adds, which is rounded with all others
	noise float64
	size  float64 // of all that is added, at any position
	terms int     // that are not 0 at one position, at most
	rough bool    // not everywhere on the grid, so that sums are rounded

	bos, bosNoise, bosSize float64
	bosTerms               int
	bosRough               bool
}

// of returns the effect on a column.
func of(eff map[int]*effect, c int) *effect {
	if eff[c] == nil {
		eff[c] = &effect{}
	}
	return eff[c]
}

// apply adds an effect to a column. Where that is turned, what is rounded is a
// matter of all columns together.
func (c *column) apply(p *proof, e *effect, bias float64, turned bool) {
	if e == nil {
		e = &effect{}
	}
	b := math.Abs(bias)
	held, atHeld := p.held(c)
	if p.typ.narrow { // the sum with what the column held is rounded by itself
		held, atHeld = 0, 0
	}
	rounding := unit * sumSize(held, e.size+b)
	atBOS := gamma(e.bosTerms+1)*(e.bosSize+b) + unit*sumSize(atHeld, e.bosSize+b) + float64(e.bosTerms)*tiny
	// In whatever order products and bias are added up, each goes through so many
	// roundings.
	var sizes []*lin
	var gs []float64
	if e.rough || !onGrid(bias) || e.size+b >= gridSize {
		n := e.terms
		if b != 0 {
			n++
		}
		rounding += gamma(n)*b + float64(n)*tiny
		for _, s := range e.sizes {
			sizes, gs = append(sizes, s), append(gs, gamma(n)*(1+slack))
		}
	}
	p.bounded(held + e.size + b + atHeld + e.bosSize)
	if !e.rough && c.exact() && p.stream.common == 0 && onGrid(bias) && p.divisor(c.l, 1) >= gridStep && e.size+b+held < gridSize {
		rounding = 0
	}
	if !e.bosRough && c.bosNoise == 0 && p.stream.bosCommon == 0 && onGrid(bias) && onGrid(c.bos) && atHeld+e.bosSize+b < gridSize {
		atBOS = 0
	}
	if turned {
		rounding, atBOS, sizes, gs = 0, 0, nil, nil
	}
	if p.typ.narrow {
		by := column{l: combine(append(e.ls, constant(bias)), repeated(1, len(e.ls)+1)), bos: e.bos + bias}
		by.err = combine(append(e.errs, constant(widenInexact(e.noise+rounding, e.size))), repeated(1, len(e.errs)+1))
		by.err = combine(append(sizes, by.err), append(gs, 1))
		by.bosNoise = widenInexact(e.bosNoise+atBOS, e.bosSize)
		lost := atBOS + rounding
		if e.rough {
			lost += gamma(e.terms+1) * (e.size + b)
		}
		p.increase(c, by, lost, true)
		return
	}
	ls, fs := []*lin{c.l, constant(bias)}, []float64{1, 1}
	for _, l := range e.ls {
		ls, fs = append(ls, l), append(fs, 1)
	}
	c.err = combine(append(e.errs, c.err, constant(widenInexact(e.noise+rounding, e.size))), append(repeated(1, len(e.errs)), 1, 1))
	c.err = combine(append(sizes, c.err), append(gs, 1))
	c.l = combine(ls, fs)
	c.bosNoise = widenInexact(c.bosNoise+e.bosNoise+atBOS, e.bosSize)
	c.bos += e.bos + bias
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

// bucket is the groups that depend on the same atoms.
type bucket struct {
	atoms  []atomID
	groups []*group
	table  bool // tabulated over all combinations of the atoms
}

// buckets sorts the groups by their atoms.
func (p *proof) buckets(groups []*group) []*bucket {
	byKey := map[string]*bucket{}
	var all []*bucket
	for _, g := range groups {
		atoms := slices.Sorted(maps.Keys(p.atomSet(g.t)))
		size := 1
		listed := true
		for _, a := range atoms {
			listed = listed && p.prog.atoms[a].listed()
			size = min(size*max(1, len(p.prog.atoms[a].values)), 1<<30)
		}
		key := fmt.Sprint(atoms)
		table := listed && (len(atoms) <= 1 || size <= maxTable)
		if !table {
			key = fmt.Sprintf("%p", g)
		}
		b := byKey[key]
		if b == nil {
			b = &bucket{atoms: atoms, table: table}
			byKey[key] = b
			all = append(all, b)
		}
		b.groups = append(b.groups, g)
	}
	return all
}

// bucket adds the effects of a bucket.
func (p *proof) bucket(b *bucket, eff map[int]*effect) error {
	if b.table {
		return p.tabulate(b, eff)
	}
	return p.inner(b.groups[0], eff)
}

// tabulate makes what groups write functions of their atoms.
func (p *proof) tabulate(b *bucket, eff map[int]*effect) error {
	ls := p.prog.newLeaves()
	size := 1
	for _, a := range b.atoms {
		ls.identity(a)
		size *= len(p.prog.atoms[a].values)
	}
	states, err := ls.states()
	if err != nil {
		return err
	}
	total := map[int]*tally{}
	for at := range p.prog.each(states) {
		p.tallyState(b, at, size, total)
	}
	for _, c := range slices.Sorted(maps.Keys(total)) {
		t, e := total[c], of(eff, c)
		e.errs = append(e.errs, p.function(b.atoms, t.errs))
		e.sizes = append(e.sizes, p.function(b.atoms, t.sizes))
		e.size += t.size
		e.terms += t.terms
		e.rough = e.rough || t.rough
		e.ls = append(e.ls, p.function(b.atoms, t.table))
	}
	return nil
}

// tally adds up what is written to a column.
type tally struct {
	table, errs, sizes []float64
	size               float64
	terms              int
	rough              bool
}

// tallyState adds what all groups write at one state.
func (p *proof) tallyState(b *bucket, at assignment, size int, total map[int]*tally) {
	sums := map[int]*added{}
	m := &moment{}
	for _, g := range b.groups {
		if !p.moment(m, g, at) {
			return // the program is undefined here
		}
		if g.idle(m) {
			continue
		}
		for c, ws := range g.writes {
			a := g.effectOn(p, ws, m)
			s := sums[c]
			if s == nil {
				s = &added{}
				sums[c] = s
			}
			s.value, s.off, s.size, s.terms = s.value+a.value, s.off+a.off, s.size+a.size, s.terms+a.terms
			s.rough = s.rough || a.rough
		}
	}
	i := p.prog.jointIndex(b.atoms, at)
	for c, s := range sums {
		t := total[c]
		if t == nil {
			t = &tally{table: make([]float64, size), errs: make([]float64, size), sizes: make([]float64, size)}
			total[c] = t
		}
		t.table[i] = s.value
		t.sizes[i] = s.size
		if t.errs[i] = s.off; s.rough {
			t.errs[i] = widen(s.off, s.size)
		}
		t.size, t.terms = max(t.size, s.size), max(t.terms, s.terms)
		t.rough = t.rough || s.rough
	}
}

// function is a table over atoms.
func (p *proof) function(atoms []atomID, table []float64) *lin {
	switch len(atoms) {
	case 0:
		return constant(table[0])
	case 1:
		return tabulated(atoms[0], table)
	}
	return &lin{terms: []termPart{{p.prog.jointTerm(atoms), curve{table: table}}}}
}

// inner adds what a group writes as functions of what it reads.
func (p *proof) inner(g *group, eff map[int]*effect) error {
	states, err := p.statesOf(g)
	if err != nil {
		return err
	}
	total, m := map[int]*added{}, &moment{}
	for at := range p.prog.each(states) {
		ok := p.moment(m, g, at)
		if !ok || g.idle(m) {
			continue
		}
		for c, ws := range g.writes {
			a := g.effectOn(p, ws, m)
			t := total[c]
			if t == nil {
				t = &added{}
				total[c] = t
			}
			t.off, t.size, t.terms = max(t.off, a.off), max(t.size, a.size), max(t.terms, a.terms)
			t.rough = t.rough || a.rough
		}
	}
	t := &term{kind: innerTerm, inner: g.t, name: "an input of neurons"}
	p.prog.numbered(t)
	for _, c := range slices.Sorted(maps.Keys(total)) {
		e := of(eff, c)
		e.noise += total[c].off
		e.sizes = append(e.sizes, constant(total[c].size))
		e.size += total[c].size
		e.terms += total[c].terms
		e.rough = e.rough || total[c].rough
		var bends []bend
		for _, w := range g.writes[c] {
			n := &g.neurons[w.neuron]
			bends = append(bends, bend{w.w, n.in, n.off})
		}
		e.ls = append(e.ls, &lin{terms: []termPart{{t, curve{bends: bends}}}})
	}
	return nil
}

// repeated is n times x.
func repeated(x float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}
