package schedule

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// wide draws a program of heads and MLPs of unlike sizes, of which some heads
// score alike.
func wide(t *rapid.T) *craft.Program {
	entries := func(from []int) craft.Map {
		var m craft.Map
		for _, d := range from {
			m = append(m, craft.Entry{From: d, W: value.Int(1)})
		}
		return m
	}
	p := &craft.Program{}
	n := rapid.IntRange(0, 9).Draw(t, "parts")
	p.Residual = make(craft.Space, 2+n)
	for i := range n {
		reads := rapid.SliceOfN(rapid.IntRange(0, 1+i), 0, 2).Draw(t, "reads")
		to := craft.Map{{To: 2 + i, W: value.Int(1)}}
		name := fmt.Sprint(i)
		if rapid.Bool().Draw(t, "mlp") {
			hidden := make(craft.Space, rapid.IntRange(1, 5).Draw(t, "neurons"))
			p.Parts = append(p.Parts, craft.Part{MLP: &craft.MLP{Name: name, Hidden: hidden, In: entries(reads), Out: to}})
			continue
		}
		score := entries([]int{rapid.IntRange(0, 1).Draw(t, "scores")})
		p.Parts = append(p.Parts, craft.Part{Head: &craft.Head{
			Name: name, Score: make(craft.Space, 3), Value: make(craft.Space, 1), Q: score, K: score, V: entries(reads), O: to,
		}})
	}
	return p
}

// TestBalance keeps the depth, and never makes the layers wider.
func TestBalance(t *testing.T) {
	narrower := 0
	rapid.Check(t, func(t *rapid.T) {
		p := wide(t)
		early, s := earliestOf(p), Make(p)
		if err := Check(p, s); err != nil {
			t.Fatal(err)
		}
		before, _ := newBalance(p, early).cost()
		b := newBalance(p, s)
		after, _ := b.cost()
		if s.Layers != early.Layers || after > before {
			t.Fatalf("%d layers of size %d, were %d of size %d", s.Layers, after, early.Layers, before)
		}
		if after < before {
			narrower++
		}
		for i := range p.Parts { // the windows are as wide as Check allows
			was := s.Layer[i]
			lo, hi := b.window(i)
			for s.Layer[i] = range s.Layers {
				if ok := s.Layer[i] >= lo && s.Layer[i] <= hi; ok != (Check(p, s) == nil) {
					t.Fatalf("part %d in layer %d: window %d to %d", i, s.Layer[i], lo, hi)
				}
			}
			s.Layer[i] = was
		}
	})
	if narrower == 0 {
		t.Error("no schedule was made narrower")
	}
}

// TestShare keeps the depth and what is read and written, and joins heads that
// score alike.
func TestShare(t *testing.T) {
	joined := 0
	rapid.Check(t, func(t *rapid.T) {
		p := wide(t)
		q := Share(p)
		layers, size := padded(p)
		if l, s := padded(q); l > layers || s > size {
			t.Fatalf("%d layers of size %d, were %d of size %d", l, s, layers, size)
		}
		if err := Check(q, Make(q)); err != nil {
			t.Fatal(err)
		}
		written := func(p *craft.Program) []int {
			var to []int
			for i := range p.Parts {
				for j := range i { // in an order that can be run
					for _, d := range p.Parts[j].Reads() {
						if slices.Contains(p.Parts[i].Writes(), d) {
							t.Fatalf("part %d is read by part %d before it", i, j)
						}
					}
				}
				to = append(to, p.Parts[i].Writes()...)
			}
			slices.Sort(to)
			return to
		}
		if got, want := written(q), written(p); !slices.Equal(got, want) {
			t.Fatalf("writes %v, want %v", got, want)
		}
		joined += len(p.Parts) - len(q.Parts)
	})
	if joined == 0 {
		t.Error("no heads were joined")
	}
}

// TestShareOnlyAlike joins two values over one selector, and not heads of which
// one reads the other.
func TestShareOnlyAlike(t *testing.T) {
	head := func(score, from, to int) craft.Part {
		one := func(from, to int) craft.Map { return craft.Map{{From: from, To: to, W: value.Int(1)}} }
		return craft.Part{Head: &craft.Head{
			Name: fmt.Sprint(to), Score: make(craft.Space, 2), Value: make(craft.Space, 1),
			Q: one(score, 0), K: one(score, 0), V: one(from, 0), O: one(0, to),
		}}
	}
	for _, c := range []struct {
		parts []craft.Part
		want  string
	}{
		{[]craft.Part{head(0, 0, 2), head(0, 1, 3)}, "[2, 3]"},
		{[]craft.Part{head(0, 0, 2), head(1, 1, 3)}, "[2 3]"},
		{[]craft.Part{head(0, 0, 2), head(0, 2, 3)}, "[2 3]"},
		{[]craft.Part{head(0, 0, 2), head(0, 1, 3), head(0, 3, 4)}, "[2, 3 4]"},
		{[]craft.Part{head(0, 0, 2), head(1, 2, 3), head(0, 1, 4)}, "[2, 4 3]"},
	} {
		q := Share(&craft.Program{Residual: make(craft.Space, 5), Parts: c.parts})
		var names []string
		for _, part := range q.Parts {
			names = append(names, part.Name())
		}
		if got := fmt.Sprint(names); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
