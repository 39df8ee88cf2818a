package lower

import (
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// copied holds an affine form in a direction of its own by one neuron:
// lo + ReLU(s - lo) = s, where lo is the least value of s. Nothing is rounded
// to a value of the set, so that the error of s stays.
func (b *builder) copied(id sop.ID, s functional) *plan {
	set := b.table.Set(id)
	lo := set[0].Rat()
	r := b.reach(s)
	return &plan{
		neurons: 1,
		copies:  true,
		why:     "a copy of an affine form",
		emit: func(m *mlp) {
			v := m.b.v(m.target)
			held := lo.Quo(v.Scale)
			m.bias = append(m.bias, craft.Entry{To: v.First, W: held})
			v.AtBOS[0] = held
			i := m.neuron("copy", craft.Role{Kind: craft.Copy, At: lo}, s.plus(constant(lo), value.Int(-1)))
			m.out = append(m.out, craft.Entry{From: i, To: v.First, W: value.Int(1).Quo(v.Scale)})
		},
		noise: func(v *craft.Variable) {
			if v.Noise = b.noise(s); !b.exactly(r) {
				v.Noise += 4*unit*r.size + 4*b.coarse()*r.size
			}
			v.L1 = v.Noise
		},
	}
}
