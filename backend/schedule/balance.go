package schedule

import "github.com/raspc/raspc/craft"

// balance moves parts between the layers of a schedule, within the times that
// what they read and what reads them leave open.
type balance struct {
	p        *craft.Program
	s        *Schedule
	dHead    int
	heads    []int // by layer
	neurons  []int
	writers  [][]int // by part: the parts whose writes it reads
	readers  [][]int
	moveable []int
}

func newBalance(p *craft.Program, s *Schedule) *balance {
	b := &balance{p: p, s: s, heads: make([]int, s.Layers), neurons: make([]int, s.Layers)}
	b.writers, b.readers = dependencies(p)
	for i, part := range p.Parts {
		b.dHead = max(b.dHead, dims(part))
		b.count(i, s.Layer[i], 1)
		if s.Layers > 1 {
			b.moveable = append(b.moveable, i)
		}
	}
	return b
}

// dims returns the score or value dimensions of a head, whichever are more.
func dims(part craft.Part) int {
	if part.Head == nil {
		return 0
	}
	return max(len(part.Head.Score), len(part.Head.Value))
}

// dependencies returns, for each part, the parts whose writes it reads, and
// those that read its writes.
func dependencies(p *craft.Program) (writers, readers [][]int) {
	wrote := make([][]int, len(p.Residual))
	for i, part := range p.Parts {
		for _, to := range part.Writes() {
			if n := len(wrote[to]); n == 0 || wrote[to][n-1] != i {
				wrote[to] = append(wrote[to], i)
			}
		}
	}
	writers, readers = make([][]int, len(p.Parts)), make([][]int, len(p.Parts))
	for i, part := range p.Parts {
		seen := map[int]bool{}
		for _, from := range part.Reads() {
			for _, w := range wrote[from] {
				if !seen[w] {
					seen[w] = true
					writers[i] = append(writers[i], w)
					readers[w] = append(readers[w], i)
				}
			}
		}
	}
	return writers, readers
}

// count adds part i to a layer, or takes it away.
func (b *balance) count(i, layer, n int) {
	if m := b.p.Parts[i].MLP; m != nil {
		b.neurons[layer] += n * len(m.Hidden)
	} else {
		b.heads[layer] += n
	}
}

// cost is what the padded layers take, for one column of the stream, and how
// uneven they are: moves that make them even lead to narrower ones.
func (b *balance) cost() (padded, uneven int) {
	widest, most := 0, 0
	for l := range b.heads {
		h, m := 4*b.dHead*b.heads[l], 2*b.neurons[l]
		widest, most = max(widest, h), max(most, m)
		uneven += h*h + m*m
	}
	return (widest + most) * b.s.Layers, uneven
}

// run moves one part at a time for as long as that makes the layers narrower
// or more even.
func (b *balance) run() {
	const rounds = 100 // each is linear in the parts; a few are enough
	padded, uneven := b.cost()
	for range rounds {
		better := false
		for _, i := range b.moveable {
			was := b.s.Layer[i]
			lo, hi := b.window(i)
			for layer := lo; layer <= hi; layer++ {
				b.move(i, layer)
				if p, u := b.cost(); p < padded || p == padded && u < uneven {
					padded, uneven, was, better = p, u, layer, true
				}
			}
			b.move(i, was)
		}
		if !better {
			return
		}
	}
}

func (b *balance) move(i, layer int) {
	b.count(i, b.s.Layer[i], -1)
	b.s.Layer[i] = layer
	b.count(i, layer, 1)
}

// window returns the layers in which part i may run, the others staying.
func (b *balance) window(i int) (lo, hi int) {
	part := b.p.Parts[i]
	first, last := 0, 2*b.s.Layers-1
	for _, w := range b.writers[i] {
		first = max(first, time(b.p.Parts[w], b.s.Layer[w])+1)
	}
	for _, r := range b.readers[i] {
		last = min(last, time(b.p.Parts[r], b.s.Layer[r])-1)
	}
	if part.MLP != nil {
		return first / 2, (last - 1) >> 1 // the MLP of layer l runs at 2l+1
	}
	return (first + 1) / 2, last >> 1
}
