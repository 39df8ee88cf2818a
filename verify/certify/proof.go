package certify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/network"
)

// Spec is what a network is to compute.
type Spec struct {
	Graph  *sop.Graph
	Output nodeID
	Causal bool
	MaxLen int
	Vocab  []value.Value // by token id
	BOS    *value.Value  // the program's own; nil for none
	Labels []value.Value // of the logits; nil for a numeric output
	// Accept reports whether the program is for an input; nil for all.
	Accept func([]value.Value) bool
	// Assumed are selectors of which the program claims that each row selects one
	// position at most.
	Assumed []nodeID
	// Named are columns whose errors are asked for, though the output may not
	// depend on them.
	Named []int
	// Rotation has, as a row, the direction of each column that the network's
	// stream is thought to hold in another basis; nil for none.
	Rotation [][]float64
	// Tolerance is the largest error of a numeric output, relative to the
	// largest of 1 and the numbers that the program can give.
	Tolerance float64
	// Held are the s-ops that columns of the stream are to hold. Where there are any,
	// they are what is proved, and not the logits.
	Held []Held
	// Beside bounds the columns that the stream has beside the network's own; nil for
	// none.
	Beside Surroundings
}

// Result is what was proved.
type Result struct {
	Proved bool
	// WorstMargin is the least distance of the right label's logit from the
	// others', in any arithmetic; WorstError the largest error of a number.
	WorstMargin, WorstError float64
	Claims                  []Claim
	Columns                 []float64 // bound of the error of each column
	// Held bounds how far each of the specification's Held is off, in units of its codes.
	Held []float64
	// Reason says why there is no proof.
	Reason error
}

// Claim is a property of the program that the proof rests on.
type Claim struct {
	SOp, Claim string
	Discharged Discharge
	Inputs     int // on which it was made sure of, if it was exhaustively
}

// Discharge is how it was made sure of a claim.
type Discharge string

// The ways.
const (
	Proved     Discharge = "proved"
	Exhaustive Discharge = "exhaustive" // on every input
	Open       Discharge = "open"       // not at all
)

// proof is a proof in the making.
type proof struct {
	prog        *program
	net         *network.Network
	spec        Spec
	stream      stream // the residual stream
	view        stream // what is read from it: normed, where the architecture norms
	pending     map[*term]*pending
	scoredBy    map[string]scoreTable // of heads, by what is read
	comparisons map[sop.Atom]*relation
	statesBy    map[string][]assignment // of all combinations of atoms
	followed    []bool                  // columns that are more than bounded
	turn        *turn                   // of the stream; nil where it is not rotated
	over        bool                    // numbers may be too large for the type
	typ         rounding                // to which results are rounded
	mirror      []int                   // of each column, what holds minus the same; -1 for none
	claims      []*claim                // of what columns hold
}

// Prove tries to prove that a network computes what a specification says. Where
// the context ends there is no proof, for the context's cause.
func Prove(ctx context.Context, s Spec, n *network.Network) Result {
	p := newProof(s, n)
	r, err := p.run(ctx)
	if ctx.Err() != nil { // not all may have been looked at
		return Result{Reason: context.Cause(ctx)}
	}
	if err != nil {
		r.Proved, r.Reason = false, err
	}
	if p.prog == nil {
		return r
	}
	r.Claims = p.prog.claims
	for _, c := range r.Claims {
		if r.Proved && c.Discharged == Open {
			r.Proved, r.Reason = false, fmt.Errorf("%s: that %s is assumed, not proved", c.SOp, c.Claim)
		}
	}
	for i := range p.stream.cols {
		off := p.offOf(&p.stream.cols[i])
		if p.turns(i) {
			off = up(off + p.stream.joint)
		}
		r.Columns = append(r.Columns, off)
	}
	return r
}

func newProof(s Spec, n *network.Network) *proof {
	p := &proof{
		net: n, spec: s, pending: map[*term]*pending{},
		scoredBy: map[string]scoreTable{}, comparisons: map[sop.Atom]*relation{}, statesBy: map[string][]assignment{},
	}
	if p.typ = roundingOf(n.Type); p.typ.narrow {
		p.mirror = mirrors(n)
	}
	return p
}

func (p *proof) run(ctx context.Context) (r Result, err error) {
	if len(p.net.Positions) <= p.spec.MaxLen {
		return r, fmt.Errorf("%d positions are too few for inputs of %d tokens and BOS", len(p.net.Positions), p.spec.MaxLen)
	}
	if p.prog, err = newProgram(ctx, p.spec); err != nil {
		return r, err
	}
	if err := p.fits(); err != nil {
		return r, err
	}
	if p.spec.Rotation != nil {
		if err := p.unturn(p.spec.Rotation); err != nil {
			return r, err
		}
	}
	if err := cmp.Or(p.surrounded(), p.claim()); err != nil {
		return r, err
	}
	p.follow()
	p.embed()
	if err := p.norm(p.net.EmbedNorm); err != nil {
		return r, err
	}
	p.check(0)
	for i := range p.net.Layers {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := p.layer(i, &p.net.Layers[i]); errors.Is(err, errNorm) {
			return r, fmt.Errorf("layer %d: %w", i, err)
		} else if err != nil {
			return r, err
		}
	}
	if p.claims != nil {
		r, err = p.settle()
	} else if err = p.look(p.net.Final); err == nil {
		r, err = p.output()
	}
	if err == nil && p.over {
		r.Proved, err = false, fmt.Errorf("numbers that lead to %s may be too large for %s", p.prog.describe(p.spec.Output), p.net.Type)
	}
	return r, err
}

// fits checks that the network has rows for all tokens, and finite weights: what
// is not finite counts even times 0.
func (p *proof) fits() error {
	n := p.net
	if len(n.Tokens) < len(p.spec.Vocab) || n.BOS < 0 || n.BOS >= len(n.Tokens) {
		return fmt.Errorf("%d embeddings are too few for %d tokens and BOS, which is %d", len(n.Tokens), len(p.spec.Vocab), n.BOS)
	}
	finite, biased, gated, turn := true, false, false, 0.0
	all := func(rows ...[]float64) {
		for _, row := range rows {
			for _, w := range row {
				finite = finite && math.Abs(w) <= math.MaxFloat32
			}
		}
	}
	linears := func(ls ...network.Linear) {
		for _, l := range ls {
			all(l.Bias)
			for _, ws := range l.Columns {
				for _, w := range ws {
					all([]float64{w.W})
				}
			}
		}
	}
	norms := func(ns ...*network.Norm) {
		for _, n := range ns {
			if n != nil {
				all(n.Weight, n.Bias, []float64{n.Eps})
			}
		}
	}
	all(n.Tokens...)
	all(n.Positions...)
	all(n.TokenType)
	norms(n.EmbedNorm, n.Final)
	linears(n.Unembed)
	for i := range n.Layers {
		l := &n.Layers[i]
		all(l.AttnBias)
		norms(l.AttnNorm, l.Between, l.MLPNorm, l.After)
		linears(l.In, l.Out)
		gated = gated || len(l.Up.Columns) > 0
		for _, h := range l.Heads {
			linears(h.Q, h.K, h.V, h.O)
			turn = max(turn, h.Turn)
			biased = biased || slices.ContainsFunc(h.O.Bias, func(b float64) bool { return b != 0 })
		}
	}
	if !finite {
		return errors.New("not all weights are finite")
	}
	if turn > mostTurn {
		return errors.New("positions turn queries and keys")
	}
	if gated {
		return errors.New("its neurons are multiplied by what is not 1")
	}
	if biased {
		return errors.New("a head adds a bias, which is the layer's to add")
	}
	return nil
}

// mostTurn is the largest angle, in radians, of which the cosine is 1 and the sine
// no more than the angle, in any float32 arithmetic. Both are trusted.
const mostTurn = 1.0 / (1 << 60)

// layer follows one layer.
func (p *proof) layer(i int, l *network.Layer) error {
	if err := p.look(l.AttnNorm); err != nil {
		return err
	}
	if err := p.attention(i, l); err != nil {
		return err
	}
	if err := p.norm(l.Between); err != nil {
		return err
	}
	p.check(2*i + 1)
	if err := p.look(l.MLPNorm); err != nil {
		return err
	}
	if err := p.mlp(i, l); err != nil {
		return err
	}
	if err := p.norm(l.After); err != nil {
		return err
	}
	p.check(2*i + 2)
	return nil
}

// embed makes the stream that the first layer reads.
func (p *proof) embed() {
	p.stream.cols = make([]column, p.net.Width)
	for c := range p.stream.cols {
		kind := 0.0
		if p.net.TokenType != nil {
			kind = p.net.TokenType[c]
		}
		tokens, embedded := make([]float64, len(p.spec.Vocab)), make([]float64, len(p.spec.Vocab))
		for id := range tokens {
			embedded[id] = p.net.Tokens[id][c]
			tokens[id] = embedded[id] + kind
		}
		places := make([]float64, p.spec.MaxLen)
		for i := range places {
			places[i] = p.net.Positions[i+1][c]
		}
		col := &p.stream.cols[c]
		col.l = combine([]*lin{tabulated(tokenAtom, tokens), tabulated(indexAtom, places)}, []float64{1, 1})
		col.err = constant(lostIn(embedded, []float64{kind}, places))
		token, place := p.net.Tokens[p.net.BOS][c], p.net.Positions[0][c]
		col.bos = token + kind + place
		col.bosNoise = lostIn([]float64{token}, []float64{kind}, []float64{place})
		if p.typ.narrow { // after each of two sums
			p.round(col)
			p.round(col)
		}
		if p.turns(c) {
			col.err, col.bosNoise = nil, 0
		}
	}
	if p.turn != nil {
		p.stream.joint, p.stream.bosJoint = p.turn.embedded, p.turn.atBOS
	}
}

// sumSize bounds the size of a sum that has to be rounded: none has where one
// of the numbers is 0.
func sumSize(a, b float64) float64 {
	if a == 0 || b == 0 {
		return 0
	}
	return a + b
}

// numbered gives a term its number.
func (p *program) numbered(t *term) {
	p.terms++
	t.id = p.terms
}

// jointTerm returns the term of a combination of atoms, always the same.
func (p *program) jointTerm(atoms []atomID) *term {
	key := fmt.Sprint(atoms)
	if t := p.joints[key]; t != nil {
		return t
	}
	t := &term{kind: jointTerm, joint: atoms, name: "a table"}
	p.numbered(t)
	p.joints[key] = t
	return t
}
