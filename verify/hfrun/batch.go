package hfrun

import (
	"runtime"
	"sync"
)

// batch is a number of sequences of one length, one after the other.
type batch struct {
	ids  []int64
	mask []bool // true at tokens, false at padding
	n    int    // tokens of each sequence
	// visit is told what the residual stream is behind the embedding, 0, and of layer
	// k behind its attention, 2k+1, and behind its neurons, 2k+2; nil for nobody.
	visit func(point int, x []float64)
}

// at tells of the residual stream at a point.
func (b batch) at(point int, x []float64) {
	if b.visit != nil {
		b.visit(point, x)
	}
}

// flatten joins the rows of a batch.
func flatten(ids, mask [][]int64) batch {
	b := batch{n: len(ids[0])}
	for i := range ids {
		b.ids = append(b.ids, ids[i]...)
		for _, m := range mask[i] {
			b.mask = append(b.mask, m == 1)
		}
	}
	return b
}

// chunkTokens is about how many tokens are evaluated together: enough to
// keep the matrix products long, few enough to stay in the caches.
const chunkTokens = 1024

// chunks cuts rows of n tokens into runs [from, to).
func chunks(rows, n int) [][2]int {
	size := max(1, chunkTokens/n)
	var out [][2]int
	for from := 0; from < rows; from += size {
		out = append(out, [2]int{from, min(from+size, rows)})
	}
	return out
}

// inParallel calls work on every run and returns the error of the first run
// that has one. Runs are independent, so the result does not depend on how
// many go at once.
func inParallel(runs [][2]int, work func(from, to int) error) error {
	errs := make([]error, len(runs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(runs)) {
		wg.Go(func() {
			for i := range next {
				errs[i] = work(runs[i][0], runs[i][1])
			}
		})
	}
	for i := range runs {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
