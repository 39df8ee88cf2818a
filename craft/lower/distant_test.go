package lower

import (
	"testing"

	"github.com/raspc/raspc/frontend/value"
)

func TestDistant(t *testing.T) {
	for _, c := range []struct {
		numbers []int64
		want    int64
	}{
		{[]int64{999998, 1000001, 999999, 1000000}, 999999},
		{[]int64{-999998, -1000000}, -999999},
		{[]int64{1024, 1025}, 1024},
		{[]int64{1023, 1024}, 0}, // not far enough
		{[]int64{-1, 1000000}, 0},
		{[]int64{0, 1}, 0},
		{[]int64{1000000, 1000000}, 0}, // a constant as it is
	} {
		var w []value.Rat
		for _, x := range c.numbers {
			w = append(w, value.Int(x))
		}
		if got := distant(w); !got.Equal(value.Int(c.want)) {
			t.Errorf("%v: %v, want %d", c.numbers, got, c.want)
		}
	}
}
