package verify

import (
	"fmt"
	"math"
)

// stage is a point of sparse.Forward: 0 is behind the embedding, then come, for
// layer k, 2k+1 behind its attention and 2k+2 behind its neurons.
type stage int

// stageOf reads how the manifest says when a column is written.
func stageOf(written string) (s stage, ok bool) {
	switch written {
	case "embedding", "position":
		return 0, true
	}
	var layer int
	var part string
	if _, err := fmt.Sscanf(written, "layer %d %s", &layer, &part); err != nil || layer < 0 || layer > math.MaxInt32 {
		return 0, false
	}
	switch part {
	case "attention":
		return stage(2*layer + 1), true
	case "mlp":
		return stage(2*layer + 2), true
	}
	return 0, false
}

// layer returns the stage's layer; nil for the embedding.
func (s stage) layer() *int {
	if s == 0 {
		return nil
	}
	layer := int(s-1) / 2
	return &layer
}

// part is the word for what the stage is behind.
func (s stage) part() string {
	switch {
	case s == 0:
		return "embedding"
	case s%2 == 1:
		return "attention"
	}
	return "mlp"
}
