// Package decoder holds the concrete transformer: a plain decoder-only stack
// with learned positions, softmax attention and ReLU MLPs, and no norm:
//
//	x_0      = Embed[id] + Position[pos]
//	x       += sum over heads h of softmax(x Q_h (x K_h)^T) x V_h O_h
//	x       += relu(x In) Out + OutBias
//	logits   = x_last Unembed
//
// Vectors are rows and matrices act on the right. Attention scores are not
// scaled: whoever realises the stack in an architecture that divides by
// sqrt(d_head) folds the inverse into Q. Position 0 of every sequence holds
// the BOS token; PAD stands on the right, under the attention mask.
//
// A Model is immutable once Check has accepted it.
package decoder

// Config gives the sizes of a Model.
type Config struct {
	Layers    int // blocks, each attention then MLP; may be 0
	Heads     int // heads per layer, the same in each; may be 0
	DModel    int // columns of the residual stream
	DHead     int // query, key and value size of a head
	DMLP      int // hidden neurons per layer; may be 0
	Vocab     int // token ids, BOS and PAD included
	Positions int // longest sequence, BOS included (max_len + 1)
	Outputs   int // columns of the unembedding
	BOS, PAD  int // token ids

	// Causal restricts each query to keys at or before its own position.
	// Without it a query sees every unmasked position.
	Causal bool
	// Sums says that queries which are to be 0 may read that as a sum of columns that
	// are not, so that it is exact only where weights keep few digits.
	Sums bool
	// Rotated says that the residual stream is in a basis in which no column stands
	// for anything, so that what reads it reads all columns.
	Rotated bool
}

// Entry is one non-zero weight.
type Entry struct {
	Row, Col int
	W        float32
}

// Matrix is a sparse matrix. Entries are sorted by (Row, Col), hold no
// duplicates, no zeros and only finite weights.
type Matrix struct {
	Rows, Cols int
	Entries    []Entry
}

// Head is one attention head. Q, K and V are d_model x d_head, O is
// d_head x d_model. A padding head has no entries at all.
type Head struct {
	Q, K, V, O Matrix
}

// Layer is one block: attention heads, then one MLP. In is d_model x d_mlp,
// Out is d_mlp x d_model, OutBias is 1 x d_model.
type Layer struct {
	Heads   []Head
	In, Out Matrix
	OutBias Matrix
}

// Model is a complete decoder. Embed is vocab x d_model, Position is
// positions x d_model, Unembed is d_model x outputs.
type Model struct {
	Config   Config
	Embed    Matrix
	Position Matrix
	Layers   []Layer
	Unembed  Matrix
}
