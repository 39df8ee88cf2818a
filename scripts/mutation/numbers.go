package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// place is one number of a tensor.
type place struct {
	t *tensor
	i int
}

func (p place) value() float32 { return p.t.data[p.i] }

// set changes the number and says so.
func (p place) set(v float32) string {
	old := p.value()
	p.t.data[p.i] = v
	return fmt.Sprintf("%s[%d]: %g becomes %g", p.t.name, p.i, old, v)
}

// pick chooses a tensor that has numbers of a kind, then one of these; nil where
// there is none.
func (w *weights) pick(rng *rand.Rand, kind func(t *tensor, v float32) bool) *place {
	var tensors [][]place
	for _, t := range w.tensors {
		var places []place
		for i, v := range t.data {
			if kind(t, v) {
				places = append(places, place{t, i})
			}
		}
		if len(places) > 0 {
			tensors = append(tensors, places)
		}
	}
	if len(tensors) == 0 {
		return nil
	}
	places := tensors[rng.IntN(len(tensors))]
	return &places[rng.IntN(len(places))]
}

func zero(_ *tensor, v float32) bool       { return v == 0 }
func nonZero(_ *tensor, v float32) bool    { return v != 0 }
func biasOf(t *tensor, v float32) bool     { return v != 0 && strings.HasSuffix(t.name, "bias") }
func one[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// changeWeight changes a weight, a non-zero one three times out of four.
func changeWeight(w *weights, rng *rand.Rand) string {
	if rng.IntN(4) == 0 {
		if p := w.pick(rng, zero); p != nil {
			return p.set(one(rng, float32(1), -1, 0.5, -1.0/64))
		}
	}
	p := w.pick(rng, nonZero)
	v := p.value()
	return p.set(one(rng, 0, v/2, v*2, v+1, v-0.25, v*1.01, v*0.999))
}

func flipSign(w *weights, rng *rand.Rand) string {
	p := w.pick(rng, nonZero)
	return p.set(-p.value())
}

// loseBias takes a bias away: one number of it, all of them, or, in a graph, the
// addition.
func loseBias(w *weights, rng *rand.Rand) string {
	p := w.pick(rng, biasOf)
	if p == nil {
		return ""
	}
	switch rng.IntN(3) {
	case 0:
		return p.set(0)
	case 1:
		if what := w.bypass("Add", p.t.name, 0); what != "" {
			return what
		}
	}
	clear(p.t.data)
	return p.t.name + " is all zeros"
}

// narrow rounds one tensor or all of them to fewer bits. The file says so where
// its element type becomes bfloat16, and does not where numbers went through a
// narrower type and back.
func narrow(w *weights, rng *rand.Rand) string {
	tensors, what := w.tensors, "all tensors"
	if rng.IntN(4) > 0 {
		t := one(rng, w.tensors...)
		tensors, what = []*tensor{t}, t.name
	}
	kind := rng.IntN(5)
	for _, t := range tensors {
		t.bfloat16 = kind == 0
		for i, v := range t.data {
			if kind > 2 {
				t.data[i] = toFloat16(v)
			} else {
				t.data[i] = toBfloat16(v)
			}
		}
	}
	return what + [...]string{" in bfloat16", " through bfloat16", " through bfloat16", " through float16", " through float16"}[kind]
}

// nudges are classes that move a non-zero weight by little.
func nudges() []class {
	var all []class
	for _, n := range []struct {
		name string
		move func(v float32, up bool) float32
	}{
		{"by 1 ulp", ulps(1)},
		{"by 10 ulps", ulps(10)},
		{"by 100 ulps", ulps(100)},
		{"by 1e-6 of itself", scaled(1e-6)},
		{"by 1e-5 of itself", scaled(1e-5)},
	} {
		all = append(all, class{name: n.name, nudge: true, damage: onWeights(func(w *weights, rng *rand.Rand) string {
			p := w.pick(rng, nonZero)
			return p.set(n.move(p.value(), rng.IntN(2) == 0))
		})})
	}
	return all
}

// ulps moves a number by units in its last place, away from zero or towards it.
func ulps(n uint32) func(float32, bool) float32 {
	return func(v float32, up bool) float32 {
		bits := math.Float32bits(v)
		if up {
			return math.Float32frombits(bits + n)
		}
		return math.Float32frombits(bits - n)
	}
}

// scaled moves a number by a part of itself.
func scaled(part float64) func(float32, bool) float32 {
	return func(v float32, up bool) float32 {
		if up {
			return float32(float64(v) * (1 + part))
		}
		return float32(float64(v) * (1 - part))
	}
}
