package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/page"
)

// graph is a random graph on an input, and what the interpreter makes of it.
type graph struct {
	Nodes  page.Nodes `json:"nodes"`
	Causal bool       `json:"causal"`
	Input  []string   `json:"input"`
	Want   []any      `json:"want,omitempty"` // of each node
	Shown  []string   `json:"shown,omitempty"`
	Error  *undefined `json:"error,omitempty"`
}

type undefined struct {
	Node     int    `json:"node"`
	Position int    `json:"position"`
	Message  string `json:"message"`
}

// graphs draws graphs of several sizes, the same ones every time. Those with strings that
// are no UTF-8 are left out: programs have none, and neither has JSON.
func graphs() ([]json.RawMessage, error) {
	const count = 3000
	var all []json.RawMessage
	for seed := range count {
		g := soptest.Graph(3 + seed%20).Example(seed)
		input := soptest.Input(6).Example(seed)
		text, err := json.Marshal(evaluated(g, sop.ID(g.Len()-1), input, seed%3 == 0))
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte(`\ufffd`)) {
			all = append(all, text)
		}
	}
	return all, nil
}

func evaluated(g *sop.Graph, root sop.ID, input []value.Value, causal bool) graph {
	out := graph{Nodes: page.NodesOf(g, root), Causal: causal, Input: page.Atoms(input)}
	r, err := interp.New(g, causal, root).Run(input)
	place := map[sop.ID]int{}
	for i, n := range out.Nodes {
		place[n.ID] = i
	}
	if u := (*interp.Undefined)(nil); errors.As(err, &u) {
		out.Error = &undefined{place[u.Node], u.Position, u.Error()}
		return out
	}
	for _, n := range out.Nodes {
		shown := ""
		if m := r.Matrix(n.ID); m != nil {
			out.Want = append(out.Want, rows(m))
		} else {
			seq := r.Sequence(n.ID)
			out.Want = append(out.Want, page.Atoms(seq))
			for _, v := range seq {
				shown += v.Display() + " " + v.Repr() + " " + v.Element() + ";"
			}
		}
		out.Shown = append(out.Shown, shown)
	}
	return out
}

func rows(m *interp.Matrix) [][]bool {
	all := make([][]bool, m.Size())
	for q := range all {
		all[q] = make([]bool, m.Size())
		for k := range all[q] {
			all[q][k] = m.At(q, k)
		}
	}
	return all
}
