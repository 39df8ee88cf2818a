package onnx

import (
	"errors"
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
)

// check reports a model whose matrices do not have the shapes that its config
// gives them. The graph's fixed shapes are taken from the config, so a
// disagreement would make a file that no runtime loads.
func check(m *decoder.Model) error {
	if m == nil {
		return errors.New("onnx: no model")
	}
	c := m.Config
	if c.DModel < 1 || c.Vocab < 1 || c.Positions < 1 || c.Outputs < 1 {
		return fmt.Errorf("onnx: d_model %d, vocabulary %d, positions %d, outputs %d: each must be at least 1", c.DModel, c.Vocab, c.Positions, c.Outputs)
	}
	if c.Heads < 0 || c.DMLP < 0 || (c.Heads > 0 && c.DHead < 1) {
		return fmt.Errorf("onnx: %d heads of size %d, d_mlp %d", c.Heads, c.DHead, c.DMLP)
	}
	if len(m.Layers) != c.Layers {
		return fmt.Errorf("onnx: %d layers, config says %d", len(m.Layers), c.Layers)
	}
	errs := []error{
		checkShape("embedding", m.Embed, c.Vocab, c.DModel),
		checkShape("position table", m.Position, c.Positions, c.DModel),
		checkShape("unembedding", m.Unembed, c.DModel, c.Outputs),
	}
	for i, l := range m.Layers {
		if err := checkLayer(c, l); err != nil {
			errs = append(errs, fmt.Errorf("layer %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// checkLayer reports a layer whose matrices do not fit the config.
func checkLayer(c decoder.Config, l decoder.Layer) error {
	if len(l.Heads) != c.Heads {
		return fmt.Errorf("onnx: %d heads, config says %d", len(l.Heads), c.Heads)
	}
	errs := []error{
		checkShape("in", l.In, c.DModel, c.DMLP),
		checkShape("out", l.Out, c.DMLP, c.DModel),
		checkShape("out bias", l.OutBias, 1, c.DModel),
	}
	for _, h := range l.Heads {
		errs = append(errs,
			checkShape("q", h.Q, c.DModel, c.DHead),
			checkShape("k", h.K, c.DModel, c.DHead),
			checkShape("v", h.V, c.DModel, c.DHead),
			checkShape("o", h.O, c.DHead, c.DModel))
	}
	return errors.Join(errs...)
}

// checkShape reports a matrix that is not rows x cols. A matrix that would
// hold no element at all is not looked at: nothing of it is written, and its
// zero value is a fair way to spell it.
func checkShape(what string, m decoder.Matrix, rows, cols int) error {
	if rows == 0 || cols == 0 {
		if len(m.Entries) > 0 {
			return fmt.Errorf("onnx: %s has weights, but its shape is %dx%d", what, rows, cols)
		}
		return nil
	}
	if m.Rows != rows || m.Cols != cols {
		return fmt.Errorf("onnx: %s is %dx%d, not %dx%d", what, m.Rows, m.Cols, rows, cols)
	}
	return nil
}
