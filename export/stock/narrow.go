package stock

import (
	"cmp"
	"math"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// narrow reports whether a type has 16 bits.
func narrow(d tensor.DType) bool { return d != tensor.Float32 }

// largestFloat16 is the largest number of float16.
const largestFloat16 = 65504

// fit gives a frame the form that types of 16 bits need. Each column behind which a
// norm subtracts the mean has a mirror; PAD is embedded as BOS is; scores are scaled
// exactly; and the logits stay far below what float16 can hold.
func (f *Frame) fit(normed bool, least int) {
	if f.mirrored = normed; normed {
		f.extra = f.Model.Config.DModel
	}
	if f.DType == tensor.Float16 {
		f.Eps = float16Epsilon
		const room = 16
		for f.Logits*largestSum(f.Model.Unembed) > largestFloat16/room {
			f.Logits /= 2
		}
	}
	f.setHeads(max(least, f.Model.Config.DModel+f.extra), powerOf4(f.Model.Config.DHead))
}

// float16Epsilon is the largest epsilon whose root float16 holds. Columns hold numbers
// of about 1 at most, so that their variance is far below what would change a number of
// 11 bits; the bound of it is not.
const float16Epsilon = 1 << 30

// largestSum returns the largest sum of the absolute values of a column.
func largestSum(m decoder.Matrix) float64 {
	sums := make([]float64, m.Cols)
	for _, e := range m.Entries {
		sums[e.Col] += math.Abs(float64(e.W))
	}
	return slices.Max(sums)
}

// powerOf4 returns the least power of 4 that is not below n, whose root scales exactly.
func powerOf4(n int) int {
	size := 1
	for size < n {
		size *= 4
	}
	return size
}

// padded returns the decoder with PAD embedded as BOS is. No query sees it, and what
// it makes of itself means nothing; but sums of heads that count beside BOS would be
// too large for float16 there, and what is not finite counts even times 0.
func padded(m *decoder.Model) *decoder.Model {
	out := *m
	out.Embed.Entries = nil
	for _, e := range m.Embed.Entries {
		if e.Row == m.Config.PAD {
			continue
		}
		out.Embed.Entries = append(out.Embed.Entries, e)
		if e.Row == m.Config.BOS {
			e.Row = m.Config.PAD
			out.Embed.Entries = append(out.Embed.Entries, e)
		}
	}
	slices.SortFunc(out.Embed.Entries, func(a, b decoder.Entry) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	return &out
}
