package sparse_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/sparse"
)

func TestCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := sparse.Check(networks.Draw(t, "network")); err != nil {
			t.Fatal(err)
		}
	})
	for name, spoil := range map[string]func(n *network.Network){
		"a token":            func(n *network.Network) { n.Tokens[1] = n.Tokens[1][:1] },
		"a position":         func(n *network.Network) { n.Positions[2] = nil },
		"the token type":     func(n *network.Network) { n.TokenType = []float64{1} },
		"a norm":             func(n *network.Network) { n.Final = &network.Norm{Weight: []float64{1, 1}, Bias: []float64{1}} },
		"a layer's norm":     func(n *network.Network) { n.Layers[0].Between = &network.Norm{} },
		"queries and keys":   func(n *network.Network) { n.Layers[0].Heads[0].Q.Columns = make([][]network.Weight, 2) },
		"a row":              func(n *network.Network) { n.Layers[0].Heads[0].K.Columns[0][0].Row = 2 },
		"values":             func(n *network.Network) { n.Layers[0].Heads[0].V.Columns = nil },
		"head outputs":       func(n *network.Network) { n.Layers[0].Heads[0].O.Columns = nil },
		"a bias":             func(n *network.Network) { n.Layers[0].AttnBias = []float64{1} },
		"neurons' outputs":   func(n *network.Network) { n.Layers[0].In.Columns = nil },
		"a bias of outputs":  func(n *network.Network) { n.Layers[0].Out.Bias = []float64{1} },
		"the unembedding":    func(n *network.Network) { n.Unembed.Columns[0][0].Row = -1 },
		"a BOS that is none": func(n *network.Network) { n.BOS = 3 },
	} {
		n := tiny()
		spoil(n)
		if sparse.Check(n) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
