package repl

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/raspc/raspc/frontend/sop"
)

// flow is how an s-op is computed, as a picture shows it: layer by layer, the
// heads that attend, then the s-ops that they bring together and those computed
// from these position by position. Steps that the program does not name are
// passed over unless they attend. Layers are counted as Weiss et al. 2021 do: an
// aggregate stands one layer above the deepest of its values and of the operands
// of its selector.
type flow struct {
	graph *sop.Graph
	names *names
	root  sop.ID
	// layer is by node, for the nodes that the root depends on.
	layer map[sop.ID]int
	// seen holds, by node, the boxes that show what it is made of.
	seen  map[sop.ID][]*box
	heads map[head]*box
	boxes []*box
	rows  [][]*box
	// lanes holds, by box, the passages that lead from it down through rows.
	lanes map[*box][]*box
}

// box shows an s-op, or a head: a selector in the layer where it attends.
type box struct {
	id          sop.ID
	title       string
	selector    bool
	passage     bool // no box, but room for a line between boxes
	layer, rank int  // rank is the row inside the layer; heads have -1
	row         int
	from        []*box

	x, y, width, height int // in pixels
}

// head is a selector in a layer.
type head struct {
	selector sop.ID
	layer    int
}

// maxBoxes is how much a picture shows.
const maxBoxes = 150

func newFlow(g *sop.Graph, n *names, root sop.ID) *flow {
	f := &flow{graph: g, names: n, root: root, layer: map[sop.ID]int{}, seen: map[sop.ID][]*box{}, heads: map[head]*box{}, lanes: map[*box][]*box{}}
	for _, id := range g.Reachable(root) {
		f.add(g.Node(id))
		if len(f.boxes) > maxBoxes {
			return f
		}
	}
	f.arrange()
	return f
}

// add takes up a node whose arguments have been added.
func (f *flow) add(node *sop.Node) {
	layer := 0
	var from []*box
	for _, a := range node.Args {
		layer = max(layer, f.layer[a])
		if !f.graph.Node(a).Selector() || node.Selector() {
			from = append(from, f.seen[a]...)
		}
	}
	attends := node.Op == sop.Aggregate || node.Op == sop.Width
	if attends {
		layer++
		from = append(from, f.head(node.Args[0], layer))
	}
	f.layer[node.ID] = layer
	from = unique(from)
	if !f.shown(node, attends) {
		f.seen[node.ID] = from
		return
	}
	b := &box{id: node.ID, title: f.names.of(node.ID), layer: layer, from: from}
	for _, other := range from {
		if other.layer == layer && !other.selector {
			b.rank = max(b.rank, other.rank+1)
		}
	}
	f.boxes = append(f.boxes, b)
	f.seen[node.ID] = []*box{b}
}

// shown reports whether a node has a box of its own.
func (f *flow) shown(node *sop.Node, attends bool) bool {
	switch {
	case node.Selector():
		return false
	case node.Op == sop.Const:
		return node.ID == f.root
	case node.Op == sop.Tokens, node.Op == sop.Indices, attends, node.ID == f.root:
		return true
	}
	return f.graph.Name(node.ID) != ""
}

// head returns the box of a selector in a layer.
func (f *flow) head(selector sop.ID, layer int) *box {
	key := head{selector, layer}
	if f.heads[key] == nil {
		b := &box{id: selector, title: f.describe(selector), selector: true, layer: layer, rank: -1, from: slices.Clone(f.seen[selector])}
		f.heads[key] = b
		f.boxes = append(f.boxes, b)
	}
	return f.heads[key]
}

// describe is a selector's name, or what it compares: keys first, then queries.
func (f *flow) describe(selector sop.ID) string {
	if name := f.graph.Name(selector); name != "" {
		return name
	}
	node := f.graph.Node(selector)
	if node.Op == sop.Select {
		return f.names.of(node.Args[0]) + " " + node.Cmp.String() + " " + f.names.of(node.Args[1])
	}
	return f.names.of(selector)
}

// unique keeps the first of equal boxes.
func unique(boxes []*box) []*box {
	var out []*box
	seen := map[*box]bool{}
	for _, b := range boxes {
		if !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// nodes returns the nodes whose values a picture shows.
func (f *flow) nodes() []sop.ID {
	ids := make([]sop.ID, len(f.boxes))
	for i, b := range f.boxes {
		ids[i] = b.id
	}
	return ids
}

// arrange makes a row of the boxes of each layer and rank.
func (f *flow) arrange() {
	slices.SortStableFunc(f.boxes, func(a, b *box) int {
		return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
	})
	for i, b := range f.boxes {
		if i == 0 || f.boxes[i-1].layer != b.layer || f.boxes[i-1].rank != b.rank {
			f.rows = append(f.rows, nil)
		}
		b.row = len(f.rows) - 1
		f.rows[b.row] = append(f.rows[b.row], b)
	}
	for _, b := range f.boxes {
		for i, from := range b.from {
			b.from[i] = f.lead(from, b.row)
		}
	}
}

// lead returns what leads from a box to a row below: the box itself if that is
// the next row, else a passage through the row before it.
func (f *flow) lead(from *box, row int) *box {
	last := from
	for i := 0; last.row < row-1; i++ {
		if i == len(f.lanes[from]) {
			next := &box{passage: true, from: []*box{last}, row: last.row + 1}
			next.layer = f.rows[next.row][0].layer
			f.rows[next.row] = append(f.rows[next.row], next)
			f.lanes[from] = append(f.lanes[from], next)
		}
		last = f.lanes[from][i]
	}
	return last
}

// Sizes in pixels. Text is set in a fixed-width font.
const (
	charWidth  = 8
	lineHeight = 20
	padding    = 8
	gap        = 24 // between boxes of a row
	rowGap     = 44
	margin     = 20
	bandLabel  = 80 // left of the rows
	cellSize   = 10 // of a matrix
	// maxCells is how many values, rows and columns are shown.
	maxCells = 20
	maxTitle = 40
)

// place gives the boxes their places, and returns the size of the picture.
func (f *flow) place(title string) (width, height int) {
	width = len(title) * charWidth
	for _, row := range f.rows {
		width = max(width, rowWidth(row))
	}
	y := margin + 2*lineHeight
	for _, row := range f.rows {
		slices.SortStableFunc(row, func(a, b *box) int { return cmp.Compare(a.pull(), b.pull()) })
		x, tallest := margin+bandLabel+(width-rowWidth(row))/2, 0
		for _, b := range row {
			b.x, b.y = x, y
			x += b.width + gap
			tallest = max(tallest, b.height)
		}
		for _, b := range row {
			if b.passage {
				b.height = tallest
			}
		}
		y += tallest + rowGap
	}
	return width + bandLabel + 2*margin, y - rowGap + margin
}

func rowWidth(row []*box) int {
	width := -gap
	for _, b := range row {
		width += b.width + gap
	}
	return width
}

// pull is where the boxes that b reads from stand, on average.
func (b *box) pull() int {
	if len(b.from) == 0 {
		return 0
	}
	sum := 0
	for _, o := range b.from {
		sum += o.x + o.width/2
	}
	return sum / len(b.from)
}

// shorten cuts text to a number of characters.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
