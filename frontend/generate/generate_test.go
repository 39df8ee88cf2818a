package generate_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/format"
	"github.com/raspc/raspc/frontend/generate"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/internal/golden"
)

// sample samples a program, which has to be there.
func sample(t testing.TB, o generate.Options, index uint64) generate.Program {
	t.Helper()
	p, err := generate.Sample(o, index)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read resolves the text of a program, which has to have no errors and no warnings.
func read(t testing.TB, text string) *resolve.Program {
	t.Helper()
	p, list := resolve.Run(diag.NewSource("sample.rasp", text), resolve.Options{})
	if len(list) > 0 {
		t.Fatalf("%v\n%s", list, text)
	}
	return p
}

// few are the samples whose texts are kept.
func few() []generate.Options {
	deep := generate.Default()
	deep.Seed, deep.Size, deep.Depth, deep.Causal = 1, generate.Range{Min: 12, Max: 20}, generate.Range{Min: 3, Max: 4}, 1
	words := generate.Default()
	words.Vocab, words.Depth = []value.Value{value.Str("up"), value.Str("down"), value.Str("é")}, generate.Range{}
	return []generate.Options{generate.Default(), deep, words}
}

// TestTexts keeps the texts: a change of them changes every corpus.
func TestTexts(t *testing.T) {
	var all strings.Builder
	for k, o := range few() {
		for i := range uint64(4) {
			p := sample(t, o, i)
			fmt.Fprintf(&all, "# options %d, index %d: %d operators, depth %d, %s, attempt %d\n# behaviour %s\n# graph %s\n%s\n",
				k, i, p.Ops, p.Depth, p.Kind, p.Attempts, p.Behaviour, p.Graph, p.Source)
			m, err := generate.Mutate(p.Source, o, i)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "# changed, attempt %d\n%s\n", m.Attempts, m.Source)
		}
	}
	golden.Compare(t, filepath.Join("testdata", "samples.golden"), all.String())
}

// TestOrderDoesNotMatter samples in another order, and several at a time.
func TestOrderDoesNotMatter(t *testing.T) {
	const number = 40
	o := generate.Default()
	want := make([]generate.Program, number)
	for i := range want {
		want[i] = sample(t, o, uint64(i))
	}
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for _, i := range rand.New(rand.NewPCG(1, uint64(worker))).Perm(number) {
				got, err := generate.Sample(o, uint64(i))
				if err != nil || got.Source != want[i].Source || got.Behaviour != want[i].Behaviour || got.Attempts != want[i].Attempts {
					t.Errorf("sample %d is another one, error %v:\n%s", i, err, got.Source)
				}
			}
		})
	}
	wait.Wait()
}

func TestSeedsAndIndicesGiveOtherPrograms(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(5) {
		o := generate.Default()
		o.Seed = seed
		for i := range uint64(20) {
			seen[sample(t, o, i).Source] = true
		}
	}
	if len(seen) < 99 {
		t.Errorf("100 samples are %d programs", len(seen))
	}
}

// TestSamples checks what is promised of each.
func TestSamples(t *testing.T) {
	o := generate.Default()
	kinds, ints, causal := map[value.Kind]int{}, 0, 0
	const number = 300
	for i := range uint64(number) {
		p := sample(t, o, i)
		checkSample(t, p, o)
		kinds[p.Kind]++
		if p.Causal {
			causal++
		}
		if !p.Vocab[0].IsString() {
			ints++
		}
	}
	for _, k := range []value.Kind{value.KindString, value.KindBool, value.KindInt, value.KindFloat} {
		if kinds[k] < number/25 {
			t.Errorf("%d of %d programs give %ss", kinds[k], number, k)
		}
	}
	if causal < number/5 || causal > number*2/5 || ints < number/4 || ints > number/2 {
		t.Errorf("of %d programs %d are causal, of which there should be 0.3, and %d read integers, of which there should be 0.4", number, causal, ints)
	}
}

// checkSample reads a sample again and compares it with what is said of it.
func checkSample(t *testing.T, s generate.Program, o generate.Options) {
	t.Helper()
	if laidOut, err := format.Source(diag.NewSource("sample.rasp", s.Source)); err != nil || laidOut != s.Source {
		t.Errorf("it is not laid out, error %v:\n%s", err, s.Source)
	}
	p := read(t, s.Source)
	checkFacts(t, s, p)
	if s.Ops < o.Size.Min || s.Ops > o.Size.Max || s.Depth < o.Depth.Min || s.Depth > o.Depth.Max ||
		s.MaxLen < o.MaxLen.Min || s.MaxLen > o.MaxLen.Max {
		t.Errorf("it has %d operators of depth %d and inputs of up to %d:\n%s", s.Ops, s.Depth, s.MaxLen, s.Source)
	}
	reached := p.Graph.Reachable(p.Output.ID)
	for _, b := range p.Bindings {
		id, ok := node(b.Value)
		if ok && !slices.Contains(reached, id) {
			t.Errorf("the output does not depend on %s:\n%s", b.Name, s.Source)
		}
	}
	checkOutput(t, p, reached)
}

func node(v resolve.Value) (sop.ID, bool) {
	switch v := v.(type) {
	case resolve.SOp:
		return v.ID, true
	case resolve.Selector:
		return v.ID, true
	}
	return 0, false
}

func checkFacts(t *testing.T, s generate.Program, p *resolve.Program) {
	t.Helper()
	ops := 0
	depths := map[sop.ID]int{}
	for _, id := range p.Graph.Reachable(p.Output.ID) {
		n := p.Graph.Node(id)
		if n.Op != sop.Tokens && n.Op != sop.Indices && n.Op != sop.Const {
			ops++
		}
		for _, a := range n.Args {
			depths[id] = max(depths[id], depths[a])
		}
		if n.Op == sop.Aggregate || n.Op == sop.Width {
			depths[id]++
		}
	}
	behaviour, err := generate.BehaviourOf(p)
	if err != nil || behaviour != s.Behaviour || generate.GraphOf(p.Graph, p.Output.ID) != s.Graph {
		t.Errorf("the fingerprints are others, error %v:\n%s", err, s.Source)
	}
	if s.Ops != ops || s.Depth != depths[p.Output.ID] || s.Causal != p.Settings.Causal.Value || s.MaxLen != p.Settings.MaxLen.Value ||
		!slices.EqualFunc(s.Vocab, p.Settings.Vocab.Value, value.Identical) {
		t.Errorf("what is said of it is wrong: %+v", s)
	}
}

// checkOutput runs a program on random inputs: it is defined, and its output
// is no other s-op and not constant.
func checkOutput(t *testing.T, p *resolve.Program, reached []sop.ID) {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	e := interp.New(p.Graph, p.Settings.Causal.Value, p.Output.ID)
	same := map[sop.ID]bool{}
	for _, id := range reached {
		same[id] = id != p.Output.ID && !p.Graph.Node(id).Selector()
	}
	outputs := map[value.Key]bool{}
	byLength := map[int][]value.Value{}
	reads := false
	for range 200 {
		in := make([]value.Value, 1+rng.IntN(p.Settings.MaxLen.Value))
		for k := range in {
			in[k] = p.Settings.Vocab.Value[rng.IntN(len(p.Settings.Vocab.Value))]
		}
		r, err := e.Run(in)
		if err != nil {
			t.Errorf("it is undefined on %v: %v\n%s", in, err, p.Files[0].Text())
			return
		}
		out := r.Sequence(p.Output.ID)
		for _, v := range out {
			outputs[v.Key()] = true
		}
		first, ok := byLength[len(in)]
		if !ok {
			byLength[len(in)] = slices.Clone(out)
		}
		reads = reads || ok && !slices.EqualFunc(first, out, value.Equal)
		for id := range same {
			same[id] = same[id] && slices.EqualFunc(out, r.Sequence(id), value.Equal)
		}
	}
	if len(outputs) == 1 || !reads {
		t.Errorf("its output is constant, or does not depend on the tokens:\n%s", p.Files[0].Text())
	}
	for id, is := range same {
		if is {
			t.Errorf("its output is the same as n%d:\n%s", id, p.Files[0].Text())
		}
	}
}

func TestBehaviourOf(t *testing.T) {
	const head = "#: vocab = \"ab\"\n#: max_len = 4\n"
	behaviour := func(text string) generate.Fingerprint {
		p, list := resolve.Run(diag.NewSource("a.rasp", text), resolve.Options{})
		f, err := generate.BehaviourOf(p)
		if err != nil || list.HasErrors() {
			t.Fatal(err, list)
		}
		return f
	}
	hist := behaviour(head + "same = select(tokens, tokens, ==);\nhist = selector_width(same);\n")
	for _, text := range []string{
		head + "n = selector_width(select(tokens, tokens, ==));\n",
		head + "unlike = selector_width(select(tokens, tokens, !=));\nn = length - unlike;\n",
		head + "n = 1.0 * selector_width(select(tokens, tokens, ==));\n",
		"#: max_len = 4\n#: vocab = [\"b\", \"a\"]\nn = count(tokens, tokens);\nn = selector_width(select(tokens, tokens, ==));\n",
	} {
		if behaviour(text) != hist {
			t.Errorf("it behaves otherwise:\n%s", text)
		}
	}
	for _, text := range []string{
		head + "n = selector_width(select(tokens, tokens, !=));\n",
		head + "#: causal = on\nn = selector_width(select(tokens, tokens, ==));\n",
		head + "n = {1: \"1\", 2: \"2\", 3: \"3\", 4: \"4\"}[selector_width(select(tokens, tokens, ==))];\n",
		"#: vocab = \"abc\"\n#: max_len = 4\nn = selector_width(select(tokens, tokens, ==));\n",
		"#: vocab = \"ab\"\n#: max_len = 5\nn = selector_width(select(tokens, tokens, ==));\n",
		// Different on one input of 32 only.
		head + "last = aggregate(select(tokens, \"a\", ==), indices) == 1.5 and indices == 3;\nn = 9 if last else selector_width(select(tokens, tokens, ==));\n",
	} {
		if behaviour(text) == hist {
			t.Errorf("it behaves alike:\n%s", text)
		}
	}
}

// TestBehaviourOfManyInputs has too many to try all: of BOS and of patterns, too.
func TestBehaviourOfManyInputs(t *testing.T) {
	const rest = "same = select(tokens, tokens, ==);\nn = selector_width(same and select(indices, indices, <=));\n"
	seen := map[generate.Fingerprint]string{}
	for _, head := range []string{
		"#: vocab = \"abcdefgh\"\n#: max_len = 12\n",
		"#: vocab = \"abcdefgh\"\n#: max_len = 12\n#: bos = \"$\"\n",
		"#: vocab = \"abcdefgh\"\n#: max_len = 12\n#: inputs = \"a.*\"\n",
		"#: vocab = \"abcdefgh\"\n#: max_len = 900\n",
	} {
		p := read(t, head+rest)
		f, err := generate.BehaviourOf(p)
		if err != nil {
			t.Error(err)
		}
		if old, ok := seen[f]; ok {
			t.Errorf("as if these had the same inputs:\n%s\n%s", old, head)
		}
		seen[f] = head
		late := read(t, head+strings.Replace(rest, "<=)", "<=) and select(indices, 7, !=)", 1))
		if g, err := generate.BehaviourOf(late); err != nil || g == f {
			t.Errorf("what happens from the eighth token on is not seen, error %v:\n%s", err, head)
		}
	}
}

func TestBehaviourOfNone(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"#: vocab = \"ab\"\n#: max_len = 4\n", "no s-op"},
		{"#: vocab = \"ab\"\n#: max_len = 4\ns = select(tokens, tokens, ==);\n", "no s-op"},
		{"#: vocab = \"ab\"\nn = indices + 1;\n", "no maximum length"},
		{"#: max_len = 4\nn = indices + 1;\n", "no vocabulary"},
		{"#: vocab = \"ab\"\n#: max_len = 4\nn = 1 / (3 - indices);\n", "division by zero"},
	} {
		p := read(t, c.text)
		if _, err := generate.BehaviourOf(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v is not about %q:\n%s", err, c.want, c.text)
		}
	}
}

func TestGraphOf(t *testing.T) {
	graph := func(text string) generate.Fingerprint {
		p := read(t, text)
		return generate.GraphOf(p.Graph, p.Output.ID)
	}
	const text = "a = select(tokens, tokens, ==);\nb = selector_width(a);\nc = indices + 1;\nd = b - c;\n"
	want := graph(text)
	for _, same := range []string{
		"w = indices + 1;\nx = select(tokens, tokens, ==);\ny = selector_width(x);\nz = y - w;\n",
		"z = selector_width(select(tokens, tokens, ==)) - (indices + 1);\n",
		"#: max_len = 4\nidle = indices + 7;\n" + text,
		"def f(x) { return selector_width(select(x, x, ==)); }\nz = f(tokens) - (indices + 1);\n",
	} {
		if graph(same) != want {
			t.Errorf("it is another graph:\n%s", same)
		}
	}
	seen := map[generate.Fingerprint]string{want: text}
	for _, c := range []struct{ from, to string }{
		{"==", "!="}, {"+ 1", "+ 2"}, {"+ 1", "+ 1.0"}, {"b - c", "c - b"}, {"b - c", "b + c"}, {"tokens, tokens", "tokens, indices"},
		{"selector_width(a)", "aggregate(a, indices)"}, {"selector_width(a)", "aggregate(a, indices, 0)"}, {"selector_width(a)", "aggregate(a, indices, 1)"},
		{"indices + 1", "[1, 2][indices]"}, {"indices + 1", "[1, 3][indices]"}, {"tokens, tokens", "tokens_int, tokens_int"},
	} {
		other := strings.Replace(text, c.from, c.to, 1)
		f := graph(other)
		if old, ok := seen[f]; ok {
			t.Errorf("two graphs are the same:\n%s\n%s", old, other)
		}
		seen[f] = other
	}
}
