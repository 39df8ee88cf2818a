package layout

import (
	"slices"

	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// Clearing is a neuron that takes what a direction holds out of its column, for
// another direction to use it.
type Clearing struct {
	Layer, Index int
	Direction    int
	Negative     bool // it takes out what is below 0
}

// reuse gives directions the columns of others that nothing reads any more.
//
// In the last MLP before the new direction is written, or in the one that
// writes it, ReLU(x) and, where x may be negative, ReLU(-x) are subtracted from
// the column and added to it: x - ReLU(x) + ReLU(-x) is 0, whatever the error
// of x, also at BOS. Nothing may read the old direction after that MLP, or the
// new one before. The norms of stock architectures may take the last bit of what
// a column holds, which then stays behind; so only what bears that is put there.
func (l *Layout) reuse(p *craft.Program, s *schedule.Schedule) {
	lives := lifetimes(p, s)
	order := make([]int, 0, len(lives)) // of what is written by parts
	bears := robust(p)
	for d, life := range lives {
		if l.Columns[d] >= 0 && life.written >= 0 && bears[d] {
			order = append(order, d)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lives[a].written - lives[b].written })
	taken := make([]bool, len(lives)) // whose column another one has already
	for _, d := range order {
		for old, life := range lives {
			layer, ok := life.clearedBefore(lives[d].written)
			if !ok || taken[old] || old == d || l.Columns[old] < 0 || old == craft.BOS || old == craft.Real {
				continue
			}
			taken[old] = true
			l.Columns[d] = l.Columns[old]
			l.Cleared = append(l.Cleared, Clearing{Layer: layer, Direction: old})
			if life.negative {
				l.Cleared = append(l.Cleared, Clearing{Layer: layer, Direction: old, Negative: true})
			}
			break
		}
	}
	l.close()
}

// robust reports which directions bear an error of the last bit of 1: numbers
// that are not held far smaller than they are, and what is not in the scores of
// heads whose selected keys have to weigh the same.
func robust(p *craft.Program) []bool {
	const most = 16 // scale
	bears := make([]bool, len(p.Residual))
	for _, v := range p.Variables {
		for k := range v.Size() {
			bears[v.First+k] = v.Scale.Cmp(value.Int(most)) <= 0
		}
	}
	for _, part := range p.Parts {
		if h := part.Head; h != nil && h.Kind != craft.Move {
			for _, m := range []craft.Map{h.Q, h.K} {
				for _, e := range m {
					bears[e.From] = false
				}
			}
		}
	}
	return bears
}

// close renumbers the columns without gaps.
func (l *Layout) close() {
	used := map[int]bool{}
	for _, col := range l.Columns {
		used[col] = true
	}
	next := map[int]int{-1: -1}
	for col := range slices.Max(l.Columns) + 1 {
		if used[col] {
			next[col] = len(next) - 1
		}
	}
	for d, col := range l.Columns {
		l.Columns[d] = next[col]
	}
}

// lifetime is when a direction is written and read: heads of layer l run at 2l,
// its MLP at 2l+1, embeddings write at -1.
type lifetime struct {
	written  int // first
	complete int // last
	read     int // last; past all layers for what the unembedding reads
	negative bool
}

// clearedBefore returns the last layer whose MLP can clear the direction for one
// that is first written at a time.
func (t lifetime) clearedBefore(written int) (layer int, ok bool) {
	at := written
	if at%2 == 0 {
		at--
	}
	return at / 2, at >= 1 && t.complete < at && t.read <= at
}

func lifetimes(p *craft.Program, s *schedule.Schedule) []lifetime {
	const embedded, never = -1, -1
	lives := make([]lifetime, len(p.Residual))
	for d := range lives {
		lives[d] = lifetime{written: embedded, complete: embedded, read: never}
	}
	made := make([]bool, len(p.Residual))
	for i, part := range p.Parts {
		at := 2 * s.Layer[i]
		if part.MLP != nil {
			at++
		}
		for _, d := range part.Writes() {
			if !made[d] {
				made[d], lives[d].written = true, at
			}
			lives[d].written = min(lives[d].written, at)
			lives[d].complete = max(lives[d].complete, at)
		}
		for _, d := range part.Reads() {
			lives[d].read = max(lives[d].read, at)
		}
	}
	for _, e := range p.Unembed {
		lives[e.From].read = 2 * s.Layers
	}
	for _, v := range p.Variables {
		for k := range v.Size() {
			lives[v.First+k].negative = v.Encoding == craft.Numeric
			if v.Kept {
				lives[v.First+k].read = 2 * s.Layers
			}
		}
	}
	return lives
}
