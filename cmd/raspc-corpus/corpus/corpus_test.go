package corpus_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
	"github.com/raspc/raspc/verify/hfrun/stfile"
)

// few are options for some programs.
func few(n int) corpus.Options {
	o := corpus.Default()
	o.Count = n
	return o
}

// sampled makes programs once for all tests.
var sampled = sync.OnceValues(func() ([]corpus.Outcome, error) {
	return few(40).MakeHere(context.Background(), corpus.Chunk{From: 0, To: 40})
})

func records(t *testing.T) []*corpus.Record {
	t.Helper()
	all, err := sampled()
	if err != nil {
		t.Fatal(err)
	}
	var rs []*corpus.Record
	for _, out := range all {
		if out.Record != nil {
			rs = append(rs, out.Record)
		}
	}
	if len(rs) < 30 {
		t.Fatalf("%d of %d programs are right", len(rs), len(all))
	}
	return rs
}

func TestOutcomesAreReadAsWritten(t *testing.T) {
	all, err := sampled()
	if err != nil {
		t.Fatal(err)
	}
	all = append(slices.Clone(all), corpus.Outcome{Failure: &corpus.Failure{Index: 99, Name: "x", Stage: corpus.StageCompile, Code: "E1", Message: "no", Source: "<a>"}})
	text, err := corpus.EncodeOutcomes(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := corpus.DecodeOutcomes(text)
	if err != nil || len(got) != len(all) {
		t.Fatalf("%d outcomes, %v", len(got), err)
	}
	again, err := corpus.EncodeOutcomes(got)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("they are written otherwise, %v", err)
	}
	if diff := cmp.Diff(all[len(all)-1].Failure, got[len(all)-1].Failure); diff != "" {
		t.Error(diff)
	}
	for n := range len(text) / 97 {
		if cut, err := corpus.DecodeOutcomes(text[:97*n+1]); err == nil && len(cut) == len(all) {
			t.Errorf("%d of %d bytes are read as all", 97*n+1, len(text))
		}
	}
}

// TestRowsSayWhatWasMade compares the row of a program with what is known of it.
func TestRowsSayWhatWasMade(t *testing.T) {
	o := corpus.Default()
	o.Samples = 20
	out, err := o.Compile(t.Context(), corpus.Program{Index: 7, Name: "reverse.rasp", Text: reverse})
	if err != nil || out.Failure != nil {
		t.Fatal(out.Failure, err)
	}
	row, err := out.Record.Row()
	if err != nil {
		t.Fatal(err)
	}
	if row.Index != 7 || row.Source != reverse || row.MaxLen != 4 || row.Causal || row.Attention != "full" || row.Output != "mirror" || row.Kind != "categorical" {
		t.Errorf("got %+v", row)
	}
	if !slices.Equal(row.Vocab, []string{`"a"`, `"b"`}) || row.Verdict != corpus.Exhaustive || row.InputsTried != 30 || row.ExhaustiveTo != 4 {
		t.Errorf("vocabulary %q, %s on %d to length %d", row.Vocab, row.Verdict, row.InputsTried, row.ExhaustiveTo)
	}
	if len(row.Samples) != 20 {
		t.Errorf("%d samples", len(row.Samples))
	}
	seen := map[string]bool{}
	for _, s := range row.Samples {
		if seen[fmt.Sprint(s.Input)] {
			t.Errorf("%q is a sample twice", s.Input)
		}
		seen[fmt.Sprint(s.Input)] = true
		want := slices.Clone(s.Input)
		if slices.Reverse(want); !slices.Equal(s.Output, want) {
			t.Errorf("%q gives %q", s.Input, s.Output)
		}
	}
	o.Certify = true
	out, err = o.Compile(t.Context(), corpus.Program{Text: reverse})
	if err != nil || out.Failure != nil {
		t.Fatal(out.Failure, err)
	}
	if row, err := out.Record.Row(); err != nil || row.Verdict != corpus.Proved {
		t.Errorf("%+v, %v", row, err)
	}
}

const reverse = `#: vocab = "ab"
#: max_len = 4
mirror = aggregate(select(indices, length - indices - 1, ==), tokens);
`

// TestSamplesAreSpelledAsLabels has outputs of several types, of which some are equal.
func TestSamplesAreSpelledAsLabels(t *testing.T) {
	for _, body := range []string{
		`x = indices if tokens == "a" else (tokens == "b");`,
		`x = aggregate(select(indices, 1, ==), tokens == "a", 0);`,
		`x = 1.0 if tokens == "a" else indices;`,
		`x = (tokens == "a") if indices > 0 else 1.0;`,
	} {
		out, err := corpus.Default().Compile(t.Context(), corpus.Program{Text: "#: vocab = \"ab\"\n#: max_len = 3\n" + body})
		if err != nil || out.Failure != nil {
			t.Fatal(out.Failure, err)
		}
		row, err := out.Record.Row()
		if err != nil || len(row.Samples) != 8 || row.Kind != "categorical" {
			t.Fatalf("%s: %+v, %v", body, row, err)
		}
		for _, s := range row.Samples {
			for _, v := range s.Output {
				if !slices.Contains(row.Labels, v) {
					t.Errorf("%s: %s is none of the labels %q", body, v, row.Labels)
				}
			}
		}
	}
}

// TestAttentionIsTheModels has a program whose selectors look back, without a pragma that says so.
func TestAttentionIsTheModels(t *testing.T) {
	out, err := corpus.Default().Compile(t.Context(), corpus.Program{
		Text: "#: vocab = \"ab\"\n#: max_len = 3\nx = selector_width(select(tokens, tokens, ==) and select(indices, indices, <));"})
	if err != nil || out.Failure != nil {
		t.Fatal(out.Failure, err)
	}
	if row, err := out.Record.Row(); err != nil || row.Causal || row.Attention != "causal" {
		t.Errorf("causal %t, attention %s, %v", row.Causal, row.Attention, err)
	}
}

// TestSampledAndReadAreOne makes a sampled program again from its text.
func TestSampledAndReadAreOne(t *testing.T) {
	for _, r := range records(t) {
		row, err := r.Row()
		if err != nil {
			t.Fatal(err)
		}
		out, err := few(40).Compile(t.Context(), corpus.Program{Index: r.Index, Base: r.Index, Text: row.Source})
		if err != nil || out.Failure != nil {
			t.Fatal(out.Failure, err)
		}
		a, _ := r.MarshalBinary()
		b, _ := out.Record.MarshalBinary()
		if !bytes.Equal(a, b) {
			t.Errorf("program %d is another one", r.Index)
		}
	}
}

// TestCopiesDifferInMoreThanInputs: a change of the longest input alone is made only where programs of
// one graph are kept.
func TestCopiesDifferInMoreThanInputs(t *testing.T) {
	o := corpus.Default()
	o.Files, o.Root, o.Mutations = []string{"a.rasp"}, t.TempDir(), 30
	const head = "#: vocab = \"ab\"\n#: max_len = 4\n"
	if err := os.WriteFile(filepath.Join(o.Root, "a.rasp"), []byte(head+"\nx = selector_width(select(tokens, tokens, ==)) + 1;\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, o.SameGraph = range []bool{false, true} {
		longer := 0
		for i := range uint64(31) {
			out, err := o.Make(t.Context(), i)
			if err != nil {
				t.Fatal(err)
			}
			if row, err := rowOf(out); err == nil && !strings.HasPrefix(row.Source, head) {
				longer++
			}
		}
		if (longer > 0) != o.SameGraph {
			t.Errorf("with programs of one graph %t, %d of 30 copies have other inputs", o.SameGraph, longer)
		}
	}
}

// rowOf is the row of a program that was not refused.
func rowOf(out corpus.Outcome) (*corpus.Row, error) {
	if out.Failure != nil {
		return nil, errors.New(out.Failure.Message)
	}
	return out.Record.Row()
}

// TestRefusals names the stage and the code of what is wrong.
func TestRefusals(t *testing.T) {
	small := corpus.Default()
	small.MostParams = 10
	for name, test := range map[string]struct {
		o                   corpus.Options
		text, stage, inText string
		code                bool
	}{
		"no program":       {corpus.Default(), "x = ;", corpus.StageCompile, "expected", true},
		"no vocabulary":    {corpus.Default(), "x = indices;", corpus.StageCompile, "vocab", true},
		"too many weights": {small, reverse, corpus.StageCompile, "more than 10", false},
	} {
		out, err := test.o.Compile(t.Context(), corpus.Program{Index: 3, Name: "p.rasp", Text: test.text})
		if err != nil || out.Failure == nil {
			t.Errorf("%s: %+v, %v", name, out, err)
			continue
		}
		f := out.Failure
		if f.Index != 3 || f.Name != "p.rasp" || f.Source != test.text || f.Stage != test.stage || !strings.Contains(f.Message, test.inText) || (f.Code != "") != test.code {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestShardHasTheVerifiedWeights reads shards of both forms, and compares every number with the file
// that was verified.
func TestShardHasTheVerifiedWeights(t *testing.T) {
	rs := records(t)
	for _, form := range []string{corpus.Dense, corpus.Sparse} {
		o, dir := few(40), t.TempDir()
		o.Weights = form
		s := o.Shards()[0]
		if _, err := o.WriteShard(dir, s, slices.Clone(rs)); err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.ReadFile[corpus.Row](filepath.Join(dir, s.Rows()))
		if err != nil || len(rows) != len(rs) {
			t.Fatalf("%d rows of %d, %v", len(rows), len(rs), err)
		}
		shard, err := os.ReadFile(filepath.Join(dir, "data", rows[0].Weights))
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			r := rs[slices.IndexFunc(rs, func(r *corpus.Record) bool { return r.ID() == row.ID })]
			if i > 0 && rows[i-1].ID >= row.ID {
				t.Errorf("%s stands behind %s", row.ID, rows[i-1].ID)
			}
			weights, err := r.Weights()
			if err != nil {
				t.Fatal(err)
			}
			verified, err := stfile.Parse(weights)
			if err != nil {
				t.Fatal(err)
			}
			nonzero := int64(0)
			for number, tensor := range row.Tensors {
				shape := make([]int, len(tensor.Shape))
				for i, d := range tensor.Shape {
					shape[i] = int(d)
				}
				want, err := verified.Values(tensor.Name, stfile.F32, shape...)
				if err != nil {
					t.Fatal(err)
				}
				var got []float32
				if form == corpus.Dense {
					got = floats(t, shard, row.ID+"/"+tensor.Name)
				} else {
					got = unfold(t, shard, row.ID, number, shape)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s: %s of %s differs", form, tensor.Name, row.ID)
				}
				for _, w := range want {
					if w != 0 {
						nonzero++
					}
				}
			}
			if nonzero != row.NonZero {
				t.Errorf("%d weights of %s are not 0, the row has %d", nonzero, row.ID, row.NonZero)
			}
			if len(row.Tensors) != len(verified.Names()) {
				t.Errorf("%s lists %d tensors of %d", row.ID, len(row.Tensors), len(verified.Names()))
			}
		}
	}
}

// unfold makes a dense tensor of the triples of a program.
func unfold(t *testing.T, shard []byte, id string, number int, shape []int) []float32 {
	n, columns := 1, shape[len(shape)-1]
	for _, d := range shape {
		n *= d
	}
	dense := make([]float32, n)
	at, values := raw(t, shard, id+"/at", "I32"), raw(t, shard, id+"/values", "F32")
	if len(at) != 3*len(values) {
		t.Fatalf("%d bytes of places, %d of values", len(at), len(values))
	}
	for i := range len(values) / 4 {
		if int(le32(at[12*i:])) == number {
			dense[int(le32(at[12*i+4:]))*columns+int(le32(at[12*i+8:]))] = math.Float32frombits(le32(values[4*i:]))
		}
	}
	return dense
}

// TestShardDoesNotDependOnOrder writes the same records in another order, and again.
func TestShardDoesNotDependOnOrder(t *testing.T) {
	o, rs := few(40), records(t)
	dir, other := t.TempDir(), t.TempDir()
	s := o.Shards()[1]
	a, err := o.WriteShard(dir, s, slices.Clone(rs))
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rs)
	b, err := o.WriteShard(other, s, rs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" || a.Programs != len(rs) || a.Split != "validation" {
		t.Errorf("%+v %s", a, diff)
	}
	// Whole files are left alone, and others written again.
	place := filepath.Join(dir, s.Rows())
	before, err := os.Stat(place)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.WriteShard(dir, s, rs); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(place); err != nil || !os.SameFile(before, after) {
		t.Errorf("a file that was there is written again, %v", err)
	}
	if c, err := o.WriteShard(dir, s, rs[1:]); err != nil || c.Programs != len(rs)-1 || c.Files[0].SHA256 == a.Files[0].SHA256 {
		t.Errorf("other records: %+v, %v", c, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "data", ".*")); err != nil || len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}

func TestSplitsGoByBehaviour(t *testing.T) {
	o := few(100_000)
	var splits [3]int
	shards := map[corpus.Shard]int{}
	for i := range 10_000 {
		s := o.ShardOf(hash(i))
		splits[s.Split]++
		shards[s]++
	}
	if splits[0] < 7800 || splits[0] > 8200 || splits[1] < 850 || splits[1] > 1150 {
		t.Errorf("splits of %v", splits)
	}
	for _, s := range o.Shards() {
		if shards[s] == 0 {
			t.Errorf("nothing is in %+v", s)
		}
		delete(shards, s)
	}
	if len(shards) > 0 {
		t.Errorf("%v are no shards", shards)
	}
	o.Shares = [3]float64{1, 0, 0}
	for i := range 100 {
		if s := o.ShardOf(hash(i)); s.Split != 0 {
			t.Errorf("%+v, of a split without a share", s)
		}
	}
	if n := len(o.Shards()); n != 100 {
		t.Errorf("%d shards", n)
	}
}

// TestChunkIsKept makes a chunk once, and again where what is kept is damaged.
func TestChunkIsKept(t *testing.T) {
	o, dir := few(12), t.TempDir()
	c := o.Chunks()[0]
	want, err := o.MakeChunk(t.Context(), dir, c, 2, o.MakeHere)
	if err != nil || len(want.Outcomes) != 12 {
		t.Fatal(want, err)
	}
	never := func(_ ctx, _ corpus.Chunk) ([]corpus.Outcome, error) { return nil, errors.New("made again") }
	got, err := o.MakeChunk(t.Context(), dir, c, 1, never)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := corpus.EncodeOutcomes(want.Outcomes)
	b, _ := corpus.EncodeOutcomes(got.Outcomes)
	if !bytes.Equal(a, b) {
		t.Error("what is kept differs")
	}
	checkRefs(t, dir, got)
	other := o
	other.Samples = 3
	if _, err := other.MakeChunk(t.Context(), dir, c, 1, never); err == nil {
		t.Error("other options get what was kept")
	}
	kept, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if err := os.Truncate(kept[0], 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := o.MakeChunk(t.Context(), dir, c, 1, never); err == nil || err.Error() != "made again" {
		t.Errorf("a damaged file: %v", err)
	}
}

// checkRefs reads the records that references name, some of them and in another order.
func checkRefs(t *testing.T, work string, k *corpus.Kept) {
	t.Helper()
	refs, err := k.Refs()
	if err != nil {
		t.Fatal(err)
	}
	var want []*corpus.Record
	for _, out := range k.Outcomes {
		if out.Record != nil {
			want = append(want, out.Record)
		}
	}
	if len(refs) != len(want) {
		t.Fatalf("%d references of %d records", len(refs), len(want))
	}
	refs, want = refs[1:], want[1:]
	slices.Reverse(refs)
	for i, r := range refs {
		text, _ := r.MarshalBinary()
		refs[i] = &corpus.Ref{}
		if err := refs[i].UnmarshalBinary(text); err != nil {
			t.Fatal(err)
		}
		if err := new(corpus.Ref).UnmarshalBinary(text[:80]); err == nil {
			t.Error("half a reference is read")
		}
	}
	got, err := corpus.ReadRecords(work, refs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		a, _ := want[i].MarshalBinary()
		b, _ := got[i].MarshalBinary()
		if !bytes.Equal(a, b) {
			t.Errorf("record %d differs", i)
		}
	}
	refs[0].Index++
	if _, err := corpus.ReadRecords(work, refs); err == nil {
		t.Error("a reference to another program is followed")
	}
}

// TestChunksHaveAllPrograms counts.
func TestChunksHaveAllPrograms(t *testing.T) {
	for _, n := range []int{1, 31, 32, 33, 1000} {
		next := uint64(0)
		for _, c := range few(n).Chunks() {
			if c.From != next || c.To <= c.From {
				t.Errorf("%d programs: %+v behind %d", n, c, next)
			}
			next = c.To
		}
		if next != uint64(n) {
			t.Errorf("%d programs: %d are in chunks", n, next)
		}
	}
}

func TestFolderIsClaimed(t *testing.T) {
	o, other := few(10), few(11)
	dir := filepath.Join(t.TempDir(), "new", "corpus")
	for range 2 { // the second finds what the first began
		if done, err := o.Begin(dir); done != nil || err != nil {
			t.Fatal(done, err)
		}
	}
	var taken *corpus.OtherError
	if _, err := other.Begin(dir); !errors.As(err, &taken) {
		t.Errorf("a part of another dataset: %v", err)
	}
	half := filepath.Join(dir, "data", ".train-00000-of-00001.parquet.17.0.tmp") // of a writer that was killed
	if err := errors.Join(os.Mkdir(filepath.Dir(half), 0o777), os.WriteFile(half, []byte("PAR1"), 0o666)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Finish(dir, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("a half-written file is left")
	}
	if done, err := o.Begin(dir); err != nil || done == nil || done.Raspc != raspc.Version {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := other.Begin(dir); !errors.As(err, &taken) {
		t.Errorf("another dataset: %v", err)
	}
	begun := t.TempDir() // by a run that was killed while it claimed it
	if err := os.WriteFile(filepath.Join(begun, "..raspc-corpus.17.0.tmp"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(begun); err != nil {
		t.Error(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(foreign); !errors.As(err, &taken) {
		t.Errorf("a folder with a file: %v", err)
	}
}

// TestDamageIsNoticed takes from a complete dataset what its summary lists.
func TestDamageIsNoticed(t *testing.T) {
	o, dir := few(10), t.TempDir()
	w, err := o.WriteShard(dir, o.Shards()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Finish(dir, []*corpus.Written{w}, nil); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(dir, filepath.FromSlash(w.Files[1].Name))
	var damaged *corpus.DamagedError
	if err := os.Truncate(place, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(dir); !errors.As(err, &damaged) || damaged.Path != place || damaged.Is[:11] != "has 3 bytes" || raspc.IsIO(err) {
		t.Errorf("a short file: %v", err)
	}
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(dir); !errors.As(err, &damaged) || damaged.Path != place || raspc.IsIO(err) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestCardNamesSplitsWithPrograms: datasets cannot load one that has none.
func TestCardNamesSplitsWithPrograms(t *testing.T) {
	for _, test := range []struct {
		test   int // programs
		want   []string
		absent []string
	}{
		{5, []string{"configs:", "split: test\n", `("THIS FOLDER")["test"]`}, []string{"split: train", "split: validation"}},
		{0, []string{"| test | 0 |", `["train"]`}, []string{"configs:", "split: "}},
	} {
		dir := t.TempDir()
		shards := []*corpus.Written{{Split: "train", Files: []corpus.File{{}}}, {Split: "test", Programs: test.test, Files: []corpus.File{{}}}}
		if _, err := few(10).Finish(dir, shards, nil); err != nil {
			t.Fatal(err)
		}
		card, err := os.ReadFile(filepath.Join(dir, corpus.CardFile))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(string(card), want) {
				t.Errorf("%q is missing in\n%s", want, card)
			}
		}
		for _, absent := range test.absent {
			if strings.Contains(string(card), absent) {
				t.Errorf("%q is in\n%s", absent, card)
			}
		}
	}
}

// TestChangedProgramsAreNoticed changes a file while its dataset is made, and when it is complete.
func TestChangedProgramsAreNoticed(t *testing.T) {
	o, dir := corpus.Default(), filepath.Join(t.TempDir(), "out")
	o.Files, o.Root = []string{"a.rasp"}, t.TempDir()
	hold := func(text string) {
		t.Helper()
		err := os.WriteFile(filepath.Join(o.Root, "a.rasp"), []byte(text), 0o666)
		if err == nil {
			o.Sources, err = o.SourcesOf()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	hold(reverse)
	before := o
	if done, err := o.Begin(dir); done != nil || err != nil {
		t.Fatal(done, err)
	}
	hold(reverse + "# changed")
	var changed *corpus.ChangedError
	if _, err := before.Finish(dir, nil, nil); !errors.As(err, &changed) {
		t.Errorf("a program changed in between: %v", err)
	}
	var taken *corpus.OtherError
	if _, err := o.Begin(dir); !errors.As(err, &taken) {
		t.Errorf("a program changed since it was begun: %v", err)
	}
	hold(reverse)
	if _, err := o.Finish(dir, nil, nil); err != nil {
		t.Fatal(err)
	}
	if done, err := o.Begin(dir); done == nil || err != nil {
		t.Errorf("the same again: %+v, %v", done, err)
	}
	hold(reverse + "# changed")
	if _, err := o.Begin(dir); !errors.As(err, &taken) {
		t.Errorf("a program changed since it is complete: %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*corpus.Options){
		"Count": func(o *corpus.Options) { o.Count = 0 }, "Files": func(o *corpus.Options) { o.Files = []string{"a"} },
		"Weights": func(o *corpus.Options) { o.Weights = "full" }, "MostParams": func(o *corpus.Options) { o.MostParams = 0 },
		"Inputs": func(o *corpus.Options) { o.Inputs = 0 }, "Samples": func(o *corpus.Options) { o.Samples = -1 },
		"ShardPrograms": func(o *corpus.Options) { o.ShardPrograms = 0 }, "Shares": func(o *corpus.Options) { o.Shares[0] = math.NaN() },
		"Vocab": func(o *corpus.Options) { o.Vocab = "aa" },
	} {
		o := few(1)
		if err := o.Check(); err != nil {
			t.Fatal(err)
		}
		change(&o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := few(3)
	o.Vocab = "xyz"
	got, err := corpus.ParseOptions(o.JSON())
	if err != nil || got.Digest() != o.Digest() {
		t.Errorf("%+v, %v", got, err)
	}
	if o.Count++; got.Digest() == o.Digest() {
		t.Error("other options have the same digest")
	}
}

func hash(i int) [32]byte { return sha256.Sum256(fmt.Append(nil, i)) }
