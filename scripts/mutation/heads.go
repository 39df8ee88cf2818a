package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/raspc/raspc"
)

// head is what tensors hold of one attention head, by role.
type head struct {
	name  string
	roles [4][]lines
}

// roles are a head's projections.
var roles = [4]string{"queries", "keys", "values", "outputs"}

// lines are some rows (axis 0) or columns (axis 1) of a tensor.
type lines struct {
	t             *tensor
	axis, from, n int
}

// places says where the heads of a layer stand, by the end of a tensor's name:
// along an axis, in one of some equal parts of it.
var places = []struct {
	suffix      string
	role, axis  int
	part, parts int
}{
	{".attn.q.weight", 0, 1, 0, 1},
	{".attn.k.weight", 1, 1, 0, 1},
	{".attn.v.weight", 2, 1, 0, 1},
	{".attn.o.weight", 3, 0, 0, 1},
	{".attn.c_attn.weight", 0, 1, 0, 3},
	{".attn.c_attn.weight", 1, 1, 1, 3},
	{".attn.c_attn.weight", 2, 1, 2, 3},
	{".attn.c_attn.bias", 0, 0, 0, 3},
	{".attn.c_attn.bias", 1, 0, 1, 3},
	{".attn.c_attn.bias", 2, 0, 2, 3},
	{".attn.c_proj.weight", 3, 0, 0, 1},
	{".attention.self.query.weight", 0, 0, 0, 1},
	{".attention.self.query.bias", 0, 0, 0, 1},
	{".attention.self.key.weight", 1, 0, 0, 1},
	{".attention.self.key.bias", 1, 0, 0, 1},
	{".attention.self.value.weight", 2, 0, 0, 1},
	{".attention.self.value.bias", 2, 0, 0, 1},
	{".attention.output.dense.weight", 3, 1, 0, 1},
}

// heads returns the heads of all layers, which have so many each.
func (w *weights) heads(perLayer int) []*head {
	found := map[string]*head{}
	for _, t := range w.tensors {
		for _, p := range places {
			layer, ok := strings.CutSuffix(t.name, p.suffix)
			if !ok {
				continue
			}
			size := t.dims[p.axis] / p.parts
			for h := range perLayer {
				name := fmt.Sprintf("%s head %d", layer, h)
				if found[name] == nil {
					found[name] = &head{name: name}
				}
				n := size / perLayer
				role := &found[name].roles[p.role]
				*role = append(*role, lines{t, p.axis, p.part*size + h*n, n})
			}
		}
	}
	var all []*head
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, found[name])
	}
	return all
}

// swapHeads exchanges one projection of two heads, or all of them, which changes
// nothing where both are of one layer.
func swapHeads(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
	perLayer, err := s.headsPerLayer()
	if err != nil {
		return nil, err
	}
	return onWeights(func(w *weights, rng *rand.Rand) string {
		heads := w.heads(perLayer)
		if len(heads) < 2 {
			return ""
		}
		rng.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
		role := rng.IntN(len(roles) + 1)
		return fmt.Sprintf("%s of %s and %s are exchanged", heads[0].swap(heads[1], role), heads[0].name, heads[1].name)
	})(ctx, s, rng)
}

// swap exchanges a projection of two heads, all of them for the role behind the
// last, and says which.
func (h *head) swap(g *head, role int) string {
	if role == len(roles) {
		for r := range roles {
			h.swap(g, r)
		}
		return "all projections"
	}
	for i, l := range h.roles[role] {
		l.swap(g.roles[role][i])
	}
	return "the " + roles[role]
}

func (l lines) swap(m lines) {
	for i := range l.n {
		exchange(l.t, m.t, l.axis, l.from+i, m.from+i)
	}
}

// headsPerLayer is what the file that is run says.
func (s *subject) headsPerLayer() (int, error) {
	if s.format == raspc.FormatONNX {
		m, err := s.manifest()
		if err != nil {
			return 0, err
		}
		return m.Model.Heads, nil
	}
	var config struct {
		GPT2 int `json:"n_head"`
		BERT int `json:"num_attention_heads"`
	}
	err := json.Unmarshal(s.files[configFile], &config)
	return config.GPT2 + config.BERT, err
}
