package page

import (
	"math"
	"slices"
	"strconv"

	file "github.com/raspc/raspc/verify/network"
)

// network is a file.Network without its zeros. Rows of tables and biases are lists of
// index and number, one after the other.
type network struct {
	Width     int       `json:"width"`
	Causal    bool      `json:"causal"`
	BOS       int       `json:"bos"`
	Tokens    []numbers `json:"tokens"`
	TokenType numbers   `json:"tokenType"`
	Positions []numbers `json:"positions"`
	EmbedNorm *norm     `json:"embedNorm"`
	Layers    []layer   `json:"layers"`
	Final     *norm     `json:"final"`
	Unembed   linear    `json:"unembed"`
	Type      *format   `json:"type,omitempty"` // nil for float32
}

// format is a file.Type.
type format struct {
	Bits  int `json:"bits"`
	Least int `json:"least"`
	Most  int `json:"most"`
}

type layer struct {
	AttnNorm *norm   `json:"attnNorm"`
	Heads    []head  `json:"heads"`
	AttnBias numbers `json:"attnBias"`
	Between  *norm   `json:"between"`
	MLPNorm  *norm   `json:"mlpNorm"`
	In       linear  `json:"in"`
	GELU     bool    `json:"gelu,omitempty"` // else a ReLU
	Out      linear  `json:"out"`
	After    *norm   `json:"after"`
}

type head struct {
	Q     linear `json:"q"`
	K     linear `json:"k"`
	V     linear `json:"v"`
	O     linear `json:"o"`
	Scale number `json:"scale"`
}

// linear has, for each output, the inputs that it reads and their weights.
type linear struct {
	Columns []numbers `json:"c"`
	Bias    numbers   `json:"b"` // nil for none
}

// norm has a single weight where all are the same.
type norm struct {
	Weight numbers `json:"w"`
	Bias   numbers `json:"b"` // nil where the norm subtracts no mean
	Eps    number  `json:"eps"`
}

// numbers are float32s; nil is null.
type numbers []float64

// number is a float32. What JSON has no number for is a string.
type number float64

// MarshalJSON writes the shortest decimals that give the float32s.
func (x numbers) MarshalJSON() ([]byte, error) {
	if x == nil {
		return []byte("null"), nil
	}
	b := []byte{'['}
	for i, v := range x {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, v)
	}
	return append(b, ']'), nil
}

// MarshalJSON writes one number.
func (x number) MarshalJSON() ([]byte, error) { return appendNumber(nil, float64(x)), nil }

func appendNumber(b []byte, v float64) []byte {
	switch f := float64(float32(v)); {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 0):
		return strconv.AppendQuote(b, strconv.FormatFloat(f, 'f', -1, 64)+"inity")
	}
	return strconv.AppendFloat(b, v, 'g', -1, 32)
}

// sparse lists what is not 0; nil stays nil.
func sparse(dense []float64) numbers {
	if dense == nil {
		return nil
	}
	x := numbers{}
	for i, v := range dense {
		if v != 0 {
			x = append(x, float64(i), v)
		}
	}
	return x
}

func tableOf(rows [][]float64) []numbers {
	all := make([]numbers, len(rows))
	for i, row := range rows {
		all[i] = sparse(row)
	}
	return all
}

func linearOf(l file.Linear) linear {
	out := linear{Columns: make([]numbers, len(l.Columns)), Bias: sparse(l.Bias)}
	for j, column := range l.Columns {
		out.Columns[j] = numbers{}
		for _, w := range column {
			out.Columns[j] = append(out.Columns[j], float64(w.Row), w.W)
		}
	}
	return out
}

func normOf(n *file.Norm) *norm {
	if n == nil {
		return nil
	}
	out := &norm{Weight: n.Weight, Bias: sparse(n.Bias), Eps: number(n.Eps)}
	if len(n.Weight) > 0 && !slices.ContainsFunc(n.Weight, func(w float64) bool { return w != n.Weight[0] }) {
		out.Weight = n.Weight[:1]
	}
	return out
}

// networkOf keeps the first positions only.
func networkOf(n *file.Network, positions int) *network {
	out := &network{
		Width: n.Width, Causal: n.Causal, BOS: n.BOS, Tokens: tableOf(n.Tokens), TokenType: sparse(n.TokenType),
		Positions: tableOf(n.Positions[:positions]), EmbedNorm: normOf(n.EmbedNorm), Layers: []layer{},
		Final: normOf(n.Final), Unembed: linearOf(n.Unembed),
	}
	if n.Type != file.Float32 {
		out.Type = &format{n.Type.Bits, n.Type.Least, n.Type.Most}
	}
	for _, l := range n.Layers {
		x := layer{
			AttnNorm: normOf(l.AttnNorm), Heads: []head{}, AttnBias: sparse(l.AttnBias), Between: normOf(l.Between),
			MLPNorm: normOf(l.MLPNorm), In: linearOf(l.In), GELU: l.Act == file.GELU, Out: linearOf(l.Out), After: normOf(l.After),
		}
		for _, h := range l.Heads {
			x.Heads = append(x.Heads, head{linearOf(h.Q), linearOf(h.K), linearOf(h.V), linearOf(h.O), number(h.Scale)})
		}
		out.Layers = append(out.Layers, x)
	}
	return out
}

// weights counts what is written of a network.
func weights(n *file.Network) int {
	count := 0
	rows := func(rows ...[]float64) {
		for _, row := range rows {
			for _, v := range row {
				if v != 0 {
					count++
				}
			}
		}
	}
	linears := func(ls ...file.Linear) {
		for _, l := range ls {
			count += len(l.Columns)
			for _, c := range l.Columns {
				count += len(c)
			}
			rows(l.Bias)
		}
	}
	rows(n.Tokens...)
	rows(n.Positions...)
	for _, l := range n.Layers {
		linears(l.In, l.Out)
		rows(l.AttnBias)
		for _, h := range l.Heads {
			linears(h.Q, h.K, h.V, h.O)
		}
	}
	linears(n.Unembed)
	return count
}
