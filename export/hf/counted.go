package hf

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/stock"
)

// mostCounted is the longest input, without BOS, whose positions can be told
// apart by counting: up to there float32 rounds a count by less than 1/4,
// whatever the order of summation.
const mostCounted = 1024

// counter is what counts are added to. Above it, numbers are multiples of 1/2 in
// float32, and two of them can still be added up exactly.
const counter = 1 << 22

// counted returns a causal decoder that computes the same in float32 with all
// rows of positions empty, and the largest number that its own columns hold.
//
// Where no two positions behind BOS differ, the embedding says all. Else a layer
// in front counts the tokens up to each position. Its head prefers BOS to every
// other token so much that n of them have n times the weight of one. This weight,
// multiplied to be near n, is added to a column that holds 2^22: float32 rounds
// the sum to a multiple of 1/2, which is exactly 2^22+n. Neurons turn the count
// into the rows of positions (see ramps). Where those would not be exact they
// turn it into a column for each position, and a second layer makes the rows.
func counted(m *decoder.Model) (out *decoder.Model, largest float64, err error) {
	m = stock.Trimmed(m)
	bos, rest, moving := map[int]float64{}, map[int]float64{}, []column(nil)
	for _, p := range positionColumns(m) {
		bos[p.at] = p.rows[0]
		if p.rows = p.rows[1:]; p.moves() {
			moving = append(moving, p)
		} else if len(p.rows) > 0 {
			rest[p.at] = p.rows[0]
		}
	}
	if len(moving) == 0 {
		return placed(m, m.Config.DModel, bos, rest), 0, nil
	}
	length := m.Config.Positions - 1
	if length > mostCounted {
		return nil, 0, fmt.Errorf("%w: llama counts positions, up to %d of them, and inputs may have %d tokens; use %s", ErrArch, mostCounted, length, GPT2)
	}
	k := counting{length: length, first: m.Config.DModel}
	width, front := k.places(0), []decoder.Layer(nil)
	if ramps, ok := rampsOf(above(moving)); ok {
		for _, p := range moving {
			rest[p.at] = p.rows[0]
		}
		front = append(front, k.layer(ramps))
	} else {
		ramps, _ := rampsOf(k.placeColumns()) // exact, being zeros and ones
		front = append(front, k.layer(ramps), k.rows(moving))
		width = k.places(length)
	}
	bos[k.one()], bos[k.count()] = 1, counter
	rest[k.one()], rest[k.count()], rest[k.token()] = 1, counter, 1
	return placed(m, width, bos, rest, front...), counter + mostCounted, nil
}

// counting makes the layers that count, on columns behind the decoder's: 1 at
// every token but BOS; 1 everywhere; the count; and 1 at each position, if need
// be.
type counting struct {
	length int // of the longest input
	first  int // of the columns
}

func (k counting) token() int       { return k.first }
func (k counting) one() int         { return k.first + 1 }
func (k counting) count() int       { return k.first + 2 }
func (k counting) places(n int) int { return k.first + 3 + n }

// placeColumns are the columns that are 1 at one position each.
func (k counting) placeColumns() []column {
	all := make([]column, k.length)
	for n := range all {
		all[n] = column{k.places(n), make([]float64, k.length)}
		all[n].rows[n] = 1
	}
	return all
}

// layer counts and adds ramps of the count.
func (k counting) layer(ramps []ramp) decoder.Layer {
	// The weight of one token beside BOS is 2^-small: all together leave BOS's
	// own at 1 in float32.
	small := 25 + int(math.Ceil(math.Log2(float64(k.length))))
	score := float32(float64(small) * math.Ln2)
	head := decoder.Head{
		Q: entries(decoder.Entry{Row: k.one(), W: score}),
		K: entries(decoder.Entry{Row: k.token(), W: -1}, decoder.Entry{Row: k.one(), W: 1}),
		V: entries(decoder.Entry{Row: k.token(), W: 1}),
		O: entries(decoder.Entry{Col: k.count(), W: float32(math.Ldexp(1, small))}),
	}
	l := decoder.Layer{Heads: []decoder.Head{head}, In: decoder.Matrix{Cols: len(ramps)}}
	for i, r := range ramps { // the count, less what it is where the ramp starts
		l.In.Entries = append(l.In.Entries, decoder.Entry{Row: k.one(), Col: i, W: -float32(counter + r.from)})
		l.Out.Entries = append(l.Out.Entries, r.out...)
	}
	for i := range ramps {
		l.In.Entries = append(l.In.Entries, decoder.Entry{Row: k.count(), Col: i, W: 1})
	}
	return l
}

// rows adds what positions add to columns, reading one column a position.
func (k counting) rows(cols []column) decoder.Layer {
	l := decoder.Layer{In: decoder.Matrix{Cols: k.length}}
	for n := range k.length {
		l.In.Entries = append(l.In.Entries, decoder.Entry{Row: k.places(n), Col: n, W: 1})
		for _, p := range cols {
			if v := float32(p.rows[n]); v != 0 {
				l.Out.Entries = append(l.Out.Entries, decoder.Entry{Row: n, Col: p.at, W: v})
			}
		}
	}
	return l
}

// entries is a matrix whose size is still to be set.
func entries(e ...decoder.Entry) decoder.Matrix { return decoder.Matrix{Entries: e} }

// placed returns a decoder whose stream is wider, whose positions add nothing,
// and in which the embeddings of BOS and of all other tokens add the given
// numbers to columns. Its first layers are those of front.
func placed(m *decoder.Model, width int, bos, rest map[int]float64, front ...decoder.Layer) *decoder.Model {
	out := *m
	c := &out.Config
	c.DModel, c.Layers = width, c.Layers+len(front)
	for _, l := range front {
		c.DMLP = max(c.DMLP, l.In.Cols)
		if len(l.Heads) > 0 {
			c.Heads, c.DHead = max(c.Heads, len(l.Heads)), max(c.DHead, 1)
		}
	}
	out.Embed = embedding(m, width, bos, rest)
	out.Position = decoder.Matrix{Rows: c.Positions, Cols: width}
	out.Unembed.Rows = width
	out.Layers = nil
	for _, l := range append(front, m.Layers...) {
		out.Layers = append(out.Layers, sized(l, *c))
	}
	return &out
}

// sized returns a layer with the sizes of a configuration, none smaller.
func sized(l decoder.Layer, c decoder.Config) decoder.Layer {
	size := func(m decoder.Matrix, rows, cols int) decoder.Matrix {
		m.Rows, m.Cols = rows, cols
		return m
	}
	heads := make([]decoder.Head, c.Heads)
	copy(heads, l.Heads)
	for i, h := range heads {
		heads[i] = decoder.Head{
			Q: size(h.Q, c.DModel, c.DHead), K: size(h.K, c.DModel, c.DHead),
			V: size(h.V, c.DModel, c.DHead), O: size(h.O, c.DHead, c.DModel),
		}
	}
	return decoder.Layer{
		Heads: heads, In: size(l.In, c.DModel, c.DMLP), Out: size(l.Out, c.DMLP, c.DModel), OutBias: size(l.OutBias, 1, c.DModel),
	}
}

// embedding returns the embedding with numbers added to the rows of BOS and of
// the rest.
func embedding(m *decoder.Model, width int, bos, rest map[int]float64) decoder.Matrix {
	out := decoder.Matrix{Rows: m.Config.Vocab, Cols: width}
	old := m.Embed.Entries
	for id := range m.Config.Vocab {
		row, added := make([]float64, width), rest
		if id == m.Config.BOS {
			added = bos
		}
		for ; len(old) > 0 && old[0].Row == id; old = old[1:] {
			row[old[0].Col] = float64(old[0].W)
		}
		for col, v := range added {
			row[col] += v
		}
		for col, v := range row {
			if w := float32(v); w != 0 {
				out.Entries = append(out.Entries, decoder.Entry{Row: id, Col: col, W: w})
			}
		}
	}
	return out
}
