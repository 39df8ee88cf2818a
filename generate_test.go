package raspc_test

import (
	"errors"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/generate"
)

// TestSamplesCompile compiles sampled programs: at the default options nine in ten
// or more, and the others for one reason. They are defined everywhere and have
// few values, so that no other is left.
func TestSamplesCompile(t *testing.T) {
	const number = 200
	refused := map[diag.Code]int{}
	compiled := 0
	for i := range uint64(number) {
		p, err := generate.Sample(generate.Default(), i)
		if err != nil {
			t.Fatal(err)
		}
		_, err = raspc.Compile("sample.rasp", p.Source, raspc.Options{Check: true})
		var list diag.List
		switch {
		case err == nil:
			compiled++
		case errors.As(err, &list):
			refused[list.Errors()[0].Code]++
		default:
			t.Errorf("%v\n%s", err, p.Source)
		}
	}
	t.Logf("%d of %d programs compiled; refused: %v", compiled, number, refused)
	if compiled < number*9/10 || compiled+refused[diag.CannotLower] < number {
		t.Errorf("%d of %d programs compiled; refused: %v", compiled, number, refused)
	}
}

// BenchmarkCompileSamples is what BenchmarkSample of package generate is to be
// compared with.
func BenchmarkCompileSamples(b *testing.B) {
	var texts []string
	for i := range uint64(50) {
		p, err := generate.Sample(generate.Default(), i)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, p.Source)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := raspc.Compile("sample.rasp", texts[i%len(texts)], raspc.Options{}); errors.As(err, new(*raspc.InternalError)) {
			b.Fatal(err)
		}
	}
}
