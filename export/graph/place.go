package graph

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Sizes of a drawing, in pixels.
const (
	nodeHeight = 42
	rowGap     = 64
	slotGap    = 22
	laneWidth  = 10
	charWidth  = 7 // of the text in nodes, on average
	margin     = 20
)

// slot is a place in a row: a node, or where the lane of one passes. A lane leads
// from a node down past rows to the last that reads it; all its edges leave it.
type slot struct {
	node     int // of the graph
	lane     bool
	x, width float64 // the middle
	order    float64 // by which the row is sorted
}

// picture is a graph laid out in rows, one for each stage, from the top.
type picture struct {
	g     *Graph
	row   []int          // of each node
	at    map[[2]int]int // the slot of a node, or of its lane, by node and row
	rows  [][]slot
	width float64
}

// place lays a graph out. Few crossings are what a few sweeps find in which each
// slot goes to where its neighbours are on average.
func place(g *Graph) *picture {
	p := &picture{g: g, row: make([]int, len(g.Nodes)), at: map[[2]int]int{}}
	number := map[string]int{}
	for i, n := range g.Nodes {
		number[n.ID] = i
		if i == 0 || n.Stage > g.Nodes[i-1].Stage {
			p.rows = append(p.rows, nil)
		}
		p.row[i] = len(p.rows) - 1
	}
	last := slices.Clone(p.row) // row above the last that reads a node
	for _, l := range g.Links {
		from := number[l.From]
		last[from] = max(last[from], p.row[number[l.To]]-1)
	}
	for i, n := range g.Nodes {
		text := max(utf8.RuneCountInString(plain(n.ID)), utf8.RuneCountInString(shortened(n.Computes)))
		p.rows[p.row[i]] = append(p.rows[p.row[i]], slot{node: i, width: float64(max(7, text)*charWidth + 16)})
		for r := p.row[i] + 1; r <= last[i]; r++ {
			p.rows[r] = append(p.rows[r], slot{node: i, lane: true, width: laneWidth})
		}
	}
	for sweep := range 8 {
		p.sweep(number, sweep%2 == 0)
	}
	p.index()
	return p
}

// index finds the place of each slot, from the left.
func (p *picture) index() {
	p.width = 0
	for r, row := range p.rows {
		x := 0.0
		for i := range row {
			row[i].x = x + row[i].width/2
			x += row[i].width + slotGap
			p.at[[2]int{row[i].node, r}] = i
		}
		p.width = max(p.width, x-slotGap)
	}
	for _, row := range p.rows {
		if len(row) == 0 {
			continue
		}
		end := row[len(row)-1]
		shift := (p.width - end.x - end.width/2) / 2
		for i := range row {
			row[i].x += shift
		}
	}
}

// sweep sorts each row by where what leads to it stands, from the top, or what it
// leads to, from the bottom.
func (p *picture) sweep(number map[string]int, down bool) {
	p.index()
	sum, count := map[[2]int]float64{}, map[[2]int]float64{}
	join := func(a, b [2]int) { // a stands in the row above b
		if !down {
			a, b = b, a
		}
		sum[b] += p.rows[a[1]][p.at[a]].x
		count[b]++
	}
	for r, row := range p.rows {
		for _, s := range row {
			if s.lane {
				join([2]int{s.node, r - 1}, [2]int{s.node, r})
			}
		}
	}
	for _, l := range p.g.Links {
		to := number[l.To]
		join([2]int{number[l.From], p.row[to] - 1}, [2]int{to, p.row[to]})
	}
	for r := range p.rows {
		for i := range p.rows[r] {
			s := &p.rows[r][i]
			key := [2]int{s.node, r}
			if s.order = s.x; count[key] > 0 {
				s.order = sum[key] / count[key]
			}
		}
		slices.SortStableFunc(p.rows[r], func(a, b slot) int { return cmp.Compare(a.order, b.order) })
	}
}
