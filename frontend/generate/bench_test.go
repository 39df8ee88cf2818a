package generate_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/generate"
)

func BenchmarkSample(b *testing.B) {
	o := generate.Default()
	for i := uint64(0); b.Loop(); i++ {
		sample(b, o, i)
	}
}

func BenchmarkMutate(b *testing.B) {
	o := generate.Default()
	p := sample(b, o, 0)
	for i := uint64(0); b.Loop(); i++ {
		if _, err := generate.Mutate(p.Source, o, i); err != nil {
			b.Fatal(err)
		}
	}
}
