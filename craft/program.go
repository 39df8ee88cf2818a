package craft

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// The residual directions that every program has.
const (
	BOS  = 0 // 1 at the BOS position, 0 elsewhere
	Real = 1 // 0 at the BOS position, 1 elsewhere
)

// Program is a transformer before it is laid out: what is embedded, the heads
// and MLPs in an order in which each reads only what is written before it,
// and the unembedding. It is immutable once Check has accepted it.
type Program struct {
	Residual  Space
	Variables []Variable

	Vocab  []value.Value // token id i stands for Vocab[i]; BOS is len(Vocab)
	MaxLen int           // longest input, BOS not counted
	Causal bool          // attention sees no later position

	Embed    Map // from token id, BOS included, to Residual
	Position Map // from position, BOS at 0, to Residual
	Parts    []Part
	Unembed  Map // from Residual to logits
	Output   Output

	// Sums says that queries of heads which weigh keys alike may read 0 as a sum of
	// directions that are not 0.
	Sums bool

	Assumptions []Assumption
}

// Encoding is how a variable is held.
type Encoding uint8

// The encodings.
const (
	Categorical Encoding = iota // one direction a value: 1 where the variable has it
	Steps                       // one direction a value but the first: 1 from that value on
	Numeric                     // one direction, the number itself
	Marks                       // one direction a set of values: 1 where the variable has one of them
	Digits                      // one direction a digit of the value's number
)

// String returns the name of the encoding.
func (e Encoding) String() string {
	return [...]string{"categorical", "steps", "numeric", "marks", "digits"}[e]
}

// Variable is a group of adjacent residual directions that hold one quantity.
type Variable struct {
	Name     string
	SOp      sop.ID // the node it holds; RawToken for the input token
	Encoding Encoding
	First    int           // its first direction in Residual
	Values   []value.Value // sorted; nil for a numeric variable
	// Members are the values of the s-op that each of Values stands for; nil
	// where it stands for itself alone.
	Members [][]value.Value
	// Part says in words what is held where that is not the s-op's value but
	// something of it; else it is empty.
	Part string
	// Sets are the value numbers of each mark, increasing; nil for the other
	// encodings.
	Sets [][]int
	// Base is that of digits, the lowest first: all values have one or two.
	Base int
	// Scale is a power of two by which a number is divided where it is held,
	// so that no column is much larger than 1: the norms of stock
	// architectures round all columns by the size of the largest. Digits are
	// divided as well; it is 1 for the other encodings.
	Scale value.Rat
	// AtBOS is what its directions hold at the BOS position.
	AtBOS []value.Rat
	// Kept says that its directions have columns even if nothing reads them.
	Kept bool
	// Copy numbers the copies of a variable that is held more than once, from 1
	// on; 0 stands for the only one.
	Copy int
	// Noise bounds the float32 error of each of its directions, L1 the sum of
	// the errors of all of them at one position. 0 means exact.
	Noise, L1 float64
}

// Size returns the number of directions.
func (v *Variable) Size() int {
	switch v.Encoding {
	case Numeric:
		return 1
	case Steps:
		return len(v.Values) - 1
	case Marks:
		return len(v.Sets)
	case Digits:
		if len(v.Values) <= v.Base {
			return 1
		}
		return 2
	}
	return len(v.Values)
}

// Digit returns digit k of value number i.
func (v *Variable) Digit(i, k int) int {
	if k == 0 {
		return i % v.Base
	}
	return i / v.Base
}

// Part is a head or an MLP; exactly one of the two is set.
type Part struct {
	Head *Head
	MLP  *MLP
}

// HeadKind is what a head is for.
type HeadKind string

// The kinds of heads.
const (
	Move HeadKind = "move" // copies the value of at most one position
	Mean HeadKind = "mean" // averages numbers
	Sum  HeadKind = "sum"  // counts selected positions
)

// Head is one attention head. For each query it scores the keys by
// (x Q)(x K)^T, takes the softmax, averages x V and adds the result times O
// to the residual. Q and K go from Residual to Score, V from Residual to
// Value, O from Value to Residual.
type Head struct {
	Name       string
	SOp        sop.ID
	Kind       HeadKind
	Selector   string // in words
	Score      Space
	Value      Space
	Q, K, V, O Map
	Copy       int // of the variable that it writes; see Variable
}

// MLP is one group of ReLU neurons that computes one variable: it adds
// relu(x In) Out + Bias to the residual. In goes from Residual to Hidden, Out
// from Hidden to Residual; Bias has From = 0 throughout.
type MLP struct {
	Name   string
	SOp    sop.ID
	Why    string // the construction, and what it was cheaper than
	Hidden Space  // one direction a neuron
	Roles  []Role // one a neuron; nil where they are not known
	In     Map
	Out    Map
	Bias   Map
	Copy   int // of the variable that it writes; see Variable
}

// Output says what the logits mean.
type Output struct {
	Encoding Encoding
	Labels   []value.Value // of a categorical output, one a logit
	Name     string
}

// Assumption is a claim about the program that was used without proof.
type Assumption struct {
	SOp   string
	Claim string
}
