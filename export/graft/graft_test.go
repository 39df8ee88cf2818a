package graft

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// numbers are the elements that a weight writes.
func numbers(t *testing.T, w *weight) []float64 {
	t.Helper()
	var first, again bytes.Buffer
	n, err := values{w}.WriteTo(&first)
	if err != nil || n != int64(4*w.rows*w.cols) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if _, err := (values{w}).WriteTo(&again); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Fatalf("it writes something else the second time: %v", err)
	}
	var all []float64
	for b := first.Bytes(); len(b) > 0; b = b[4:] {
		all = append(all, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	}
	return all
}

// TestNoise draws many weights: their moments are those of a normal distribution, rows that
// are centred sum to exactly 0, and other tensors and seeds get others.
func TestNoise(t *testing.T) {
	const rows, cols, sigma = 400, 250, 0.02
	draw := func(name string, seed uint64, centred bool) []float64 {
		return numbers(t, &weight{name: name, rows: rows, cols: cols, host: noise{seed: seed, sigma: sigma, centred: centred}})
	}
	plain, centred := draw("a", 1, false), draw("a", 1, true)
	for name, all := range map[string][]float64{"plain": plain, "centred": centred} {
		moments := [5]float64{}
		for _, x := range all {
			for k := range moments {
				moments[k] += math.Pow(x/sigma, float64(k)) / rows / cols
			}
		}
		for k, want := range []float64{1, 0, 1, 0, 2.9} { // twelve uniform numbers have a fourth moment of 2.9
			if math.Abs(moments[k]-want) > 0.06 {
				t.Errorf("%s: moment %d is %g", name, k, moments[k])
			}
		}
	}
	for r := range rows {
		sum := 0.0
		for _, x := range centred[r*cols : (r+1)*cols] {
			sum += x
		}
		if sum != 0 {
			t.Fatalf("row %d sums to %g", r, sum)
		}
	}
	if slices.Equal(plain, draw("b", 1, false)) || slices.Equal(plain, draw("a", 2, false)) {
		t.Error("other tensors or seeds have the same numbers")
	}
	// On every machine.
	if want := []float64{0.016625404357910156, -0.006167292594909668, 0.024385929107666016}; !slices.Equal(plain[:3], want) {
		t.Errorf("the first numbers are %v", plain[:3])
	}
}

func TestCentre(t *testing.T) {
	for _, all := range [][]int64{nil, {5}, {1, 2, 4}, {-1, -1, -2}, {1 << 40, 3, -7, 0, 0}} {
		got := slices.Clone(all)
		centre(got)
		sum := int64(0)
		for i, x := range got {
			sum += x
			if mean := got[0] - all[0]; (x-all[i])-mean < 0 || (x-all[i])-mean > 1 {
				t.Errorf("%v becomes %v: one moves by more than the others", all, got)
			}
		}
		if sum != 0 {
			t.Errorf("%v becomes %v, which sums to %d", all, got, sum)
		}
	}
}

// TestWeight overlays a circuit on weights of a host.
func TestWeight(t *testing.T) {
	w := &weight{
		name: "w", rows: 3, cols: 3, rowsFrozen: []bool{false, true, false}, colsFrozen: []bool{true, false, false},
		circuit: []decoder.Entry{{Row: 0, Col: 0, W: 7}, {Row: 1, Col: 2, W: 8}}, host: ones{},
	}
	if diff := cmp.Diff([]float64{7, 1, 1, 0, 0, 8, 0, 1, 1}, numbers(t, w)); diff != "" {
		t.Error(diff)
	}
	var b bytes.Buffer
	if _, err := (mask{w}).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]byte{1, 0, 0, 1, 1, 1, 1, 0, 0}, b.Bytes()); diff != "" {
		t.Error(diff)
	}
}

// ones fills with 1.
type ones struct{}

func (ones) start(*weight) (func(int, []float32), error) {
	return func(_ int, row []float32) {
		for i := range row {
			row[i] = 1
		}
	}, nil
}

// TestRelabel moves every kind of number and name.
func TestRelabel(t *testing.T) {
	p := &Place{
		Columns: []int{10, 11, 14, 15}, Normed: true, Layers: []int{3, 4, 6}, Front: 1,
		Heads: [][]int{{0}, {2, 5}, {1}}, Neurons: [][]int{{0}, {7, 8, 9}, {3}}, Tokens: []int{4, 5, 9, 8},
	}
	m := &manifest.Manifest{
		Columns: []manifest.Column{{Index: 1, Written: "layer 1 attention", Cleared: "layer 1 mlp", Writers: []string{"embed", "a1.h0"}, Readers: []string{"m0", "a0.h1<q>", "logits"}}},
		Heads:   []manifest.Head{{Layer: 0, Index: 1, ID: "a0.h1", Query: &manifest.Port{Columns: []int{0, 2}}}},
		Neurons: []manifest.Neuron{{Layer: 0, Index: 2, ID: "m0.n2"}},
		SOps:    []manifest.SOp{{Columns: []int{2}, Heads: []string{"a1.h0"}, Neurons: map[string]manifest.Runs{"m0": {1, 2}}}},
		Edges:   []manifest.Edge{{From: "pos", To: "a1.h0<v>"}},
		Flows:   []manifest.Flow{{From: "a1.h0", Through: []string{"m1"}}}, // a variable's name is left alone
		Output:  manifest.Output{Reads: &manifest.Port{Columns: []int{1, 2}}},
	}
	p.Relabel(m)
	want := &manifest.Manifest{
		Columns: []manifest.Column{{Index: 11, Written: "layer 6 attention", Cleared: "layer 6 mlp", Writers: []string{"embed", "a6.h1"}, Readers: []string{"m4", "a4.h5<q>", "logits"}}},
		Heads:   []manifest.Head{{Layer: 4, Index: 5, ID: "a4.h5", Query: &manifest.Port{Columns: []int{10, 14}}}},
		Neurons: []manifest.Neuron{{Layer: 4, Index: 9, ID: "m4.n9"}},
		SOps:    []manifest.SOp{{Columns: []int{14}, Heads: []string{"a6.h1"}, Neurons: map[string]manifest.Runs{"m4": {8, 9}}}},
		Edges:   []manifest.Edge{{From: "pos", To: "a6.h1<v>"}},
		Flows:   []manifest.Flow{{From: "a1.h0", Through: []string{"m6"}}},
		Output:  manifest.Output{Reads: &manifest.Port{Columns: []int{11, 14}}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	comp, ref := 14, 15
	host := &manifest.Host{
		Arch: "gpt2", DModel: 20, Layers: 9, Heads: 6, DMLP: 12, Columns: manifest.Runs{10, 11}, Compensation: &comp, Reference: &ref,
		LayersAt: []int{3, 4, 6}, HeadsAt: []manifest.Runs{{0, 0}, {2, 2, 5, 5}, {1, 1}}, NeuronsAt: []manifest.Runs{{0, 0}, {7, 9}, {3, 3}}, Tokens: []int{4, 5, 8, 9},
	}
	got := p.Manifest("gpt2", decoder.Config{DModel: 20, Layers: 9, Heads: 6, DMLP: 12}, 3, 2)
	if diff := cmp.Diff(host, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseSlot(t *testing.T) {
	for text, want := range map[string]Slot{
		"blocks.2.mlp": {Layer: 2, MLP: true}, "m10": {Layer: 10, MLP: true}, "blocks.0.attn.head.13": {Head: 13}, "a3.h1": {Layer: 3, Head: 1},
	} {
		if got, err := ParseSlot(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		} else if again, err := ParseSlot(got.String()); err != nil || again != want {
			t.Errorf("%s: %v", got, err)
		}
	}
	for _, text := range []string{"", "blocks.2", "blocks.-1.mlp", "blocks.2.attn.head", "m", "a1", "blocks.9999999999.mlp", "m1 "} {
		if got, err := ParseSlot(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
