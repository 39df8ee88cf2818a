package hf

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/stock"
	"github.com/raspc/raspc/export/tensor"
)

// frame is a decoder's residual stream inside that of a stock architecture.
type frame struct{ stock.Frame }

// newFrame frames a decoder, with the columns that layer norms need or without.
func newFrame(m *decoder.Model, numeric bool, d tensor.DType, normed bool) (frame, error) {
	f, err := stock.New(m, d, numeric, normed)
	if err != nil {
		return frame{}, fmt.Errorf("hf: %w", err)
	}
	return frame{f}, nil
}
