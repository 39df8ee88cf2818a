package values

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// RawToken stands in lists of leaves for the input token before any reading.
const RawToken sop.ID = -1

// Table holds what is known of each node. It is immutable.
type Table struct {
	domain  Domain
	graph   *sop.Graph
	info    map[sop.ID]*info
	hazards []Hazard
}

// info is what is known of one node.
type info struct {
	set    []value.Value // sorted by value.Compare, no two equal
	kinds  KindSet
	leaves []sop.ID // variables the node is a function of, increasing
	cells  []int32  // index into set by joint leaf values, or undefined
	sel    SelectorFacts
	agg    AggregateFacts
	total  *Total
}

// undefined marks combinations of leaf values that cannot occur or on which
// the expression has no value.
const undefined int32 = -1

// KindSet is a set of value kinds.
type KindSet uint8

// text is the kind of strings alone, and numeric those of all numbers.
const (
	text    = KindSet(1 << value.KindString)
	numeric = KindSet(1<<value.KindBool | 1<<value.KindInt | 1<<value.KindFloat)
)

func (s KindSet) with(k value.Kind) KindSet { return s | 1<<k }

// Has reports whether the set holds k.
func (s KindSet) Has(k value.Kind) bool { return s&(1<<k) != 0 }

// Numeric reports whether values of the set are always numbers.
func (s KindSet) Numeric() bool { return s&^numeric == 0 }

// SelectorFacts bounds the rows of a selector.
type SelectorFacts struct {
	MaxWidth int    // no row selects more
	NonEmpty bool   // every row selects at least one position
	Full     bool   // every row selects everything it may see
	Why      string // how MaxWidth was proved; empty where it is the length
}

// AggregateFacts says what kind of aggregate a node is.
type AggregateFacts struct {
	// Move says that at most one position is selected, so that the value
	// arrives unchanged; otherwise the aggregate is a mean.
	Move bool
	// Assumed says that Move was not proved: no small input contradicts it.
	Assumed bool
	// MayDefault says that a row may select nothing.
	MayDefault bool
}

// Hazard is a combination of values on which a node would be undefined, if an
// input can reach it.
type Hazard struct {
	Node sop.ID
	What string
}

// Domain returns the inputs the table is for.
func (t *Table) Domain() Domain { return t.domain }

// Set returns the values that an s-op can take, sorted; for RawToken the
// vocabulary in its own order. The caller must not change it.
func (t *Table) Set(id sop.ID) []value.Value { return t.info[id].set }

// Kinds returns the kinds that the s-op's values can have.
func (t *Table) Kinds(id sop.ID) KindSet { return t.info[id].kinds }

// Leaves returns the variables that an elementwise s-op is a function of, in
// increasing order. A variable's only leaf is itself. Variables are RawToken,
// Indices, aggregates, widths, and expressions too large to tabulate.
func (t *Table) Leaves(id sop.ID) []sop.ID { return t.info[id].leaves }

// Selector returns the facts of a selector.
func (t *Table) Selector(id sop.ID) SelectorFacts { return t.info[id].sel }

// Aggregate returns the facts of an aggregate.
func (t *Table) Aggregate(id sop.ID) AggregateFacts { return t.info[id].agg }

// Has reports whether the table knows the node: not every node that an output
// is written with is part of a model of it.
func (t *Table) Has(id sop.ID) bool { return t.info[id] != nil }

// Total returns what a node sums, or nil where it is no total.
func (t *Table) Total(id sop.ID) *Total { return t.info[id].total }

// Hazards returns the possible undefined combinations, in order of node.
func (t *Table) Hazards() []Hazard { return t.hazards }

// Graph returns the graph that the table describes.
func (t *Table) Graph() *sop.Graph { return t.graph }
