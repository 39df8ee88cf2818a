package network

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestHalf(t *testing.T) {
	for x, want := range map[float64]float64{
		0: 0, 1: 1, -2.5: -2.5, 1 + 0x1p-11: 1, 1 + 3*0x1p-11: 1 + 0x1p-9, 0x1p-24: 0x1p-24, 0x1p-25: 0, 0x1.8p-24: 0x1p-23,
		9.9999: 10, 0.1: 0.0999755859375, -0.1: -0.0999755859375,
	} {
		if got := half(x); got != want {
			t.Errorf("%g is rounded to %g, not to %g", x, got, want)
		}
	}
}

// TestGELU has values of ggml's table.
func TestGELU(t *testing.T) {
	for x, want := range map[float64]float64{
		-11: 0, -10: 0, 10: 10, 1e30: 1e30, 0: 0, 1: 0.84130859375, -1: -0.1588134765625, 3: 2.99609375, 9.9999: 10, -0.75: -0.1700439453125,
	} {
		if got := GELU.Of(x); got != want {
			t.Errorf("the GELU of %g is %.17g, not %.17g", x, got, want)
		}
	}
}

// TestError bounds a GELU of any number near the one that is named.
func TestError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, r := rapid.Float64Range(-12, 12).Draw(t, "x"), rapid.Float64Range(0, 3).Draw(t, "r")
		y := float64(float32(x + r*rapid.Float64Range(-1, 1).Draw(t, "at")))
		if d := math.Abs(GELU.Of(y) - max(y, 0)); d > GELU.Error(x, r+1e-6) {
			t.Fatalf("%g is off by %g", y, d)
		}
	})
	if e := GELU.Error(0, 0); e != 0 {
		t.Errorf("0 is off by %g", e)
	}
}
