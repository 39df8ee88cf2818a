package sparse

import "github.com/raspc/raspc/verify/network"

// level is the streams before a layer, and what the layer made of them. Behind
// the last layer there are no heads, and the streams have logits.
type level struct {
	arithmetic
	layer   *network.Layer // nil behind the last
	streams vectors
	heads   []head
	after   table       // number of the next stream, by stream and surroundings
	logits  [][]float32 // of each stream, behind the last layer

	scratch
}

// scratch is room for what is computed of one stream.
type scratch struct {
	x, y, sum []float32 // as wide as the stream
	total     []float64
	hidden    []float32
	mix       []float32
	sums      []float64
	keys      []seen
}

// newLevel makes the level before a layer, which is nil behind the last.
func newLevel(n *network.Network, layer *network.Layer) level {
	l := level{arithmetic: arithmetic{n.Type}, layer: layer, streams: vectors{role: roleStream}}
	l.x, l.y, l.sum = make([]float32, n.Width), make([]float32, n.Width), make([]float32, n.Width)
	l.total = make([]float64, n.Width)
	if layer == nil {
		return l
	}
	l.hidden = make([]float32, len(layer.In.Columns))
	for i := range layer.Heads {
		h := &layer.Heads[i]
		l.heads = append(l.heads, newHead(h, i, l.arithmetic))
		if size := len(h.V.Columns); size > len(l.mix) {
			l.mix, l.sums = make([]float32, size), make([]float64, size)
		}
	}
	return l
}

// stream numbers a stream, and the bytes that it took.
func (l *level) stream(n *network.Network, x []float32) (id int32, bytes int, err error) {
	if !finite(x) {
		return 0, 0, l.notFinite()
	}
	id, bytes = l.streams.number(x)
	if bytes == 0 {
		return id, 0, nil
	}
	if l.layer == nil {
		row := make([]float32, len(n.Unembed.Columns))
		l.normed(l.y, n.Final, x)
		l.product(row, n.Unembed, l.y)
		if !finite(row) {
			return 0, 0, l.notFinite()
		}
		l.logits = append(l.logits, row)
		return id, bytes + 4*len(row), nil
	}
	l.normed(l.y, l.layer.AttnNorm, x)
	for i := range l.heads {
		more, err := l.heads[i].meet(l.y)
		if err != nil {
			return 0, 0, err
		}
		bytes += more + 8
	}
	return id, bytes, nil
}

// surroundings sums up what the queries of a stream see of the keys, given for
// each head, of the first n positions. It returns the bytes that pairs took.
func (l *level) surroundings(stream int32, keys [][]int32, n int) (h hash, bytes int) {
	h = l.streams.hash[stream]
	for i := range l.heads {
		hd := &l.heads[i]
		query := hd.query[stream]
		row, more := hd.row(query, len(hd.keys.all))
		bytes += more
		for _, k := range keys[i][:n] {
			if int(k) >= len(row) {
				h = h.plus(hd.pair(query, k).effect)
				continue
			}
			p := &row[k]
			if !p.known {
				*p = hd.pair(query, k)
			}
			h = h.plus(p.effect)
		}
	}
	return h, bytes
}

// compute returns what the layer makes of a stream among the keys of the first
// n positions, in l.x.
func (l *level) compute(stream int32, keys [][]int32, n int) []float32 {
	copy(l.x, l.streams.all[stream])
	if len(l.heads) > 0 {
		l.attend(stream, keys, n)
	}
	l.normed(l.x, l.layer.Between, l.x)
	if len(l.layer.In.Columns) > 0 || l.layer.Out.Bias != nil {
		l.normed(l.y, l.layer.MLPNorm, l.x)
		l.product(l.hidden, l.layer.In, l.y)
		activate(l.layer.Act, l.hidden)
		l.product(l.sum, l.layer.Out, l.hidden)
		l.add(l.x, l.sum)
	}
	l.normed(l.x, l.layer.After, l.x)
	return l.x
}

// attend adds the heads' results to l.x.
func (l *level) attend(stream int32, keys [][]int32, n int) {
	clear(l.total)
	copy(l.total, l.layer.AttnBias)
	for i := range l.heads {
		h := &l.heads[i]
		query := h.query[stream]
		row, _ := h.row(query, 0)
		l.keys = l.keys[:0]
		for _, k := range keys[i][:n] {
			var p pair
			if int(k) < len(row) {
				p = row[k]
			} else {
				p = h.pair(query, k)
			}
			if p.effect != (hash{}) {
				l.keys = append(l.keys, seen{p, k})
			}
		}
		mix := l.mix[:len(h.V.Columns)]
		h.attend(mix, l.sums[:len(mix)], l.keys)
		for j, column := range h.O.Columns {
			for _, w := range column {
				l.total[j] += float64(mix[w.Row]) * w.W
			}
		}
	}
	for i, t := range l.total {
		l.x[i] = l.Round(l.x[i] + l.Round(float32(t)))
	}
}
