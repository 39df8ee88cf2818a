package certify_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/hfrun"
	"github.com/raspc/raspc/verify/network"
)

// small exports every program for short inputs; where=corpus or fixtures.
func small(t *testing.T) []*subject {
	var files []string
	for _, pat := range []string{"../../fixtures/*.rasp", "../../fixtures/corpus/*.rasp"} {
		m, _ := filepath.Glob(pat)
		files = append(files, m...)
	}
	var all []*subject
	only := os.Getenv("ATTACK_ONLY")
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".rasp")
		if only != "" && !strings.Contains(name, only) {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{4, 3} {
			var s *subject
			t.Run(name, func(t *testing.T) {
				if _, err := raspc.Compile(name+".rasp", string(text), raspc.Options{MaxLen: n}); err != nil {
					t.Skip(err)
				}
				s = export(t, name, string(text), raspc.Options{MaxLen: n})
			})
			if s == nil || inputs(s) > 800 {
				continue
			}
			all = append(all, s)
			break
		}
	}
	return all
}

func inputs(s *subject) int {
	total, pow := 0, 1
	for range s.spec.MaxLen {
		pow *= len(s.spec.Vocab)
		total += pow
	}
	return total
}

func prove(s *subject) (r certify.Result, bad any) {
	defer func() { bad = recover() }()
	return certify.Prove(context.Background(), s.spec, s.net), nil
}

// linears lists all matrices.
func linears(n *network.Network) (all []*network.Linear, names []string) {
	add := func(name string, l *network.Linear) { all, names = append(all, l), append(names, name) }
	for l := range n.Layers {
		for h := range n.Layers[l].Heads {
			head := &n.Layers[l].Heads[h]
			for i, m := range []*network.Linear{&head.Q, &head.K, &head.V, &head.O} {
				add(fmt.Sprintf("layer %d head %d %c", l, h, "QKVO"[i]), m)
			}
		}
		add(fmt.Sprintf("layer %d in", l), &n.Layers[l].In)
		add(fmt.Sprintf("layer %d out", l), &n.Layers[l].Out)
	}
	add("unembed", &n.Unembed)
	return all, names
}

// maul makes a larger change than damage: whole columns, rows, heads, biases.
func maul(n *network.Network, rng *rand.Rand) (undo func(), what string) {
	ls, names := linears(n)
	i := rng.IntN(len(ls))
	for len(ls[i].Columns) == 0 {
		i = rng.IntN(len(ls))
	}
	l, name := ls[i], names[i]
	old := *l
	clone := func() {
		l.Columns = slices.Clone(l.Columns)
		for c := range l.Columns {
			l.Columns[c] = slices.Clone(l.Columns[c])
		}
		l.Bias = slices.Clone(l.Bias)
	}
	clone()
	back := func() { *l = old }
	f := []float64{0, -1, 0.5, 2, 0.9, 1.1, 0.99, 1.01, 1 + 1e-4, 1 + 1e-6}[rng.IntN(10)]
	j := rng.IntN(len(l.Columns))
	switch rng.IntN(11) {
	case 0: // swap columns
		k := rng.IntN(len(l.Columns))
		l.Columns[j], l.Columns[k] = l.Columns[k], l.Columns[j]
		if l.Bias != nil {
			l.Bias[j], l.Bias[k] = l.Bias[k], l.Bias[j]
		}
		return back, fmt.Sprintf("%s: columns %d and %d", name, j, k)
	case 1: // scale a column
		for k := range l.Columns[j] {
			l.Columns[j][k].W = float64(float32(l.Columns[j][k].W * f))
		}
		return back, fmt.Sprintf("%s: column %d times %g", name, j, f)
	case 2: // scale a row
		row := -1
		for _, ws := range l.Columns {
			for _, w := range ws {
				if row < 0 || rng.IntN(5) == 0 {
					row = w.Row
				}
			}
		}
		for _, ws := range l.Columns {
			for k := range ws {
				if ws[k].Row == row {
					ws[k].W = float64(float32(ws[k].W * f))
				}
			}
		}
		return back, fmt.Sprintf("%s: row %d times %g", name, row, f)
	case 3: // scale all
		for _, ws := range l.Columns {
			for k := range ws {
				ws[k].W = float64(float32(ws[k].W * f))
			}
		}
		return back, fmt.Sprintf("%s times %g", name, f)
	case 4: // no bias, or moved by half a step
		if l.Bias == nil {
			l.Bias = make([]float64, len(l.Columns))
		}
		d := []float64{0.5, -0.5, 1, -1, 0.25, 0.01, -l.Bias[j]}[rng.IntN(7)]
		l.Bias[j] = float64(float32(l.Bias[j] + d))
		return back, fmt.Sprintf("%s: bias %d moves by %g", name, j, d)
	case 5: // a weight where there is none
		rows := n.Width
		switch {
		case strings.HasSuffix(name, "O"):
			rows = 0
			for _, h := range n.Layers {
				for _, x := range h.Heads {
					if &x.O == l {
						rows = len(x.V.Columns)
					}
				}
			}
			if rows == 0 {
				for _, ws := range l.Columns {
					for _, w := range ws {
						rows = max(rows, w.Row+1)
					}
				}
			}
		case strings.HasSuffix(name, "out"):
			rows = 0
			for _, ws := range l.Columns {
				for _, w := range ws {
					rows = max(rows, w.Row+1)
				}
			}
		}
		if rows == 0 {
			return back, ""
		}
		row := rng.IntN(rows)
		w := []float64{1, -1, 0.1, -0.1, 1e-3, 1e-5, 4, 100}[rng.IntN(8)]
		k := slices.IndexFunc(l.Columns[j], func(x network.Weight) bool { return x.Row >= row })
		if k < 0 {
			k = len(l.Columns[j])
		}
		if k < len(l.Columns[j]) && l.Columns[j][k].Row == row {
			l.Columns[j][k].W += w
		} else {
			l.Columns[j] = slices.Insert(l.Columns[j], k, network.Weight{Row: row, W: w})
		}
		return back, fmt.Sprintf("%s: %d->%d plus %g", name, row, j, w)
	case 6: // exchange Q and K, or V's and others
		for li := range n.Layers {
			for h := range n.Layers[li].Heads {
				head := &n.Layers[li].Heads[h]
				if &head.Q == l || &head.K == l {
					*l = old
					head.Q, head.K = head.K, head.Q
					return func() { head.Q, head.K = head.K, head.Q }, name + ": Q and K exchanged"
				}
				if &head.V == l || &head.O == l {
					*l = old
					other := &n.Layers[li].Heads[rng.IntN(len(n.Layers[li].Heads))]
					head.V, other.V = other.V, head.V
					return func() { head.V, other.V = other.V, head.V }, name + ": Vs exchanged"
				}
			}
		}
		return back, ""
	case 7: // tokens exchanged
		a, b := rng.IntN(len(n.Tokens)), rng.IntN(len(n.Tokens))
		n.Tokens[a], n.Tokens[b] = n.Tokens[b], n.Tokens[a]
		*l = old
		return func() { n.Tokens[a], n.Tokens[b] = n.Tokens[b], n.Tokens[a] }, fmt.Sprintf("tokens %d and %d", a, b)
	case 8: // positions exchanged
		a, b := rng.IntN(len(n.Positions)), rng.IntN(len(n.Positions))
		n.Positions[a], n.Positions[b] = n.Positions[b], n.Positions[a]
		*l = old
		return func() { n.Positions[a], n.Positions[b] = n.Positions[b], n.Positions[a] }, fmt.Sprintf("places %d and %d", a, b)
	case 9: // causal
		*l = old
		n.Causal = !n.Causal
		return func() { n.Causal = !n.Causal }, "causal"
	}
	// noise on all weights of a matrix
	e := math.Pow(10, -1-5*rng.Float64())
	for _, ws := range l.Columns {
		for k := range ws {
			ws[k].W = float64(float32(ws[k].W * (1 + e*(2*rng.Float64()-1))))
		}
	}
	return back, fmt.Sprintf("%s: noise of %g", name, e)
}

func TestAttackMutants(t *testing.T) {
	minutes, _ := strconv.ParseFloat(os.Getenv("ATTACK_MINUTES"), 64)
	if minutes == 0 {
		t.Skip()
	}
	end := time.Now().Add(time.Duration(minutes * float64(time.Minute)))
	seed, _ := strconv.Atoi(os.Getenv("ATTACK_SEED"))
	rng := rand.New(rand.NewPCG(uint64(seed), 7))
	all := small(t)
	var good []*subject
	for _, s := range all {
		start := time.Now()
		r, bad := prove(s)
		if bad != nil {
			t.Errorf("%s: panic %v", s.name, bad)
		}
		d := time.Since(start)
		if !r.Proved || d > time.Second {
			t.Logf("%s: not used: %v, %v", s.name, r.Reason, d)
			continue
		}
		if in := s.wrong(); in != nil {
			t.Errorf("%s: proved, wrong on %v", s.name, in)
			continue
		}
		good = append(good, s)
	}
	tried, erring, refused, harmless, proved, panics, checked := 0, 0, 0, 0, 0, 0, 0
	reasons := map[string]bool{}
	for time.Now().Before(end) {
		s := good[rng.IntN(len(good))]
		for range 10 {
			undo, what := func() {}, ""
			if rng.IntN(2) == 0 {
				undo, what = damage(s.net, rng)
			} else {
				undo, what = maul(s.net, rng)
			}
			tried++
			r, bad := prove(s)
			if bad != nil {
				panics++
				if !reasons[fmt.Sprint(bad)] {
					reasons[fmt.Sprint(bad)] = true
					t.Errorf("%s: panic %v: %s", s.name, bad, what)
				}
			}
			if r.Proved {
				proved++
				if in := s.wrong(); in != nil {
					t.Errorf("%s: PROVED, but wrong on %v: %s", s.name, in, what)
				} else {
					harmless++
				}
				if rng.IntN(3) == 0 {
					checked++
					s.quiet32(t, r, what, rng)
				}
			} else {
				refused++
				if rng.IntN(10) == 0 && s.wrong() != nil {
					erring++
				}
			}
			undo()
		}
	}
	t.Logf("%d programs, %d mutants: %d refused (of a tenth of them %d err), %d proved, %d of them right; %d run in float32; %d panics", len(good), tried, refused, erring, proved, harmless, checked, panics)
}

// quiet32 compares float32 runs with what is claimed.
func (s *subject) quiet32(t *testing.T, r certify.Result, what string, rng *rand.Rand) {
	for range 40 {
		ids := make([]int, 1+rng.IntN(s.spec.MaxLen))
		for i := range ids {
			ids[i] = rng.IntN(len(s.spec.Vocab))
		}
		in := s.tokens(ids)
		if !s.right(in, ids) || s.accept != nil && !s.accept(in) || s.spec.BOS != nil {
			continue
		}
		run, err := s.oracle.Run(in)
		if err != nil {
			continue
		}
		want := run.Sequence(s.spec.Output)
		for i, row := range forward32(s.net, ids, rng)[1:] {
			if s.spec.Labels == nil {
				if e := math.Abs(float64(row[0]) - want[i].Rat().Float64()); !(e <= r.WorstError) {
					t.Errorf("%s: error %.4g, claimed %.4g: %s", s.name, e, r.WorstError, what)
					return
				}
				continue
			}
			for k, v := range s.spec.Labels {
				if !v.IsString() && v.IsNumber() != want[i].IsNumber() || v.Repr() != want[i].Repr() && !(v.IsNumber() && want[i].IsNumber() && v.Rat().Equal(want[i].Rat())) {
					continue
				}
				for l, y := range row {
					if m := float64(row[k]) - float64(y); l != k && !(m >= r.WorstMargin-2e-7*math.Abs(float64(row[k]))) {
						t.Errorf("%s: margin %.7g, claimed %.7g: %s", s.name, m, r.WorstMargin, what)
						return
					}
				}
			}
		}
	}
}

// TestAttackPairs proves networks against other programs' specifications.
func TestAttackPairs(t *testing.T) {
	if os.Getenv("ATTACK_MINUTES") == "" {
		t.Skip()
	}
	all := small(t)
	tried, proved := 0, 0
	for _, a := range all {
		for _, b := range all {
			if len(a.spec.Vocab) != len(b.spec.Vocab) || a == b {
				continue
			}
			for _, max := range []int{a.spec.MaxLen, b.spec.MaxLen, b.spec.MaxLen + 1} {
				for _, causal := range []bool{false, true} {
					s := *a
					s.net = b.net
					s.spec.MaxLen = max
					s.spec.Labels = b.spec.Labels
					if causal != s.spec.Causal {
						continue
					}
					tried++
					r, bad := prove(&s)
					if bad != nil {
						t.Errorf("%s by %s: panic %v", a.name, b.name, bad)
					}
					if r.Proved {
						proved++
						if in := s.wrong(); in != nil {
							t.Errorf("%s by %s: PROVED, but wrong on %v", a.name, b.name, in)
						}
					}
				}
			}
		}
	}
	t.Logf("%d pairs, %d proved", tried, proved)
}

// TestAttackSpecs changes the specification instead of the network.
func TestAttackSpecs(t *testing.T) {
	if os.Getenv("ATTACK_MINUTES") == "" {
		t.Skip()
	}
	tried, proved := 0, 0
	for _, s := range small(t) {
		if r, _ := prove(s); !r.Proved {
			continue
		}
		try := func(what string, change func(*subject)) {
			c := *s
			n := *s.net
			c.net = &n
			c.spec.Labels, c.spec.Vocab = slices.Clone(s.spec.Labels), slices.Clone(s.spec.Vocab)
			change(&c)
			tried++
			r, bad := prove(&c)
			if bad != nil {
				t.Errorf("%s, %s: panic %v", s.name, what, bad)
			}
			if r.Proved {
				proved++
				func() {
					defer func() {
						if e := recover(); e != nil {
							t.Errorf("%s, %s: PROVED, but the run fails: %v", s.name, what, e)
						}
					}()
					if in := c.wrong(); in != nil {
						t.Errorf("%s, %s: PROVED, but wrong on %v", s.name, what, in)
					}
				}()
			}
		}
		for i := range s.spec.Labels {
			for k := range i {
				try(fmt.Sprintf("labels %d %d", i, k), func(c *subject) { l := c.spec.Labels; l[i], l[k] = l[k], l[i] })
			}
		}
		for i := range s.spec.Vocab {
			for k := range i {
				try(fmt.Sprintf("vocab %d %d", i, k), func(c *subject) { l := c.spec.Vocab; l[i], l[k] = l[k], l[i] })
			}
			try("BOS is a token", func(c *subject) { c.net.BOS = i })
		}
		try("longer", func(c *subject) { c.spec.MaxLen++ })
		try("longer, with places", func(c *subject) {
			c.spec.MaxLen++
			c.net.Positions = append(slices.Clone(c.net.Positions), c.net.Positions[len(c.net.Positions)-1])
		})
		try("no token type", func(c *subject) { c.net.Tokens = c.net.Tokens[:1] })
		try("BOS out of range", func(c *subject) { c.net.BOS = len(c.net.Tokens) })
	}
	t.Logf("%d specifications, %d proved", tried, proved)
}

// TestAttackFolders compares stock models in float32 with what is claimed.
func TestAttackFolders(t *testing.T) {
	if os.Getenv("ATTACK_MINUTES") == "" {
		t.Skip()
	}
	rng := rand.New(rand.NewPCG(5, 5))
	tried, proved := 0, 0
	for _, s := range small(t) {
		text, err := os.ReadFile("../../fixtures/" + s.name + ".rasp")
		if err != nil {
			text, _ = os.ReadFile("../../fixtures/corpus/" + s.name + ".rasp")
		}
		m, err := raspc.Compile(s.name+".rasp", string(text), raspc.Options{MaxLen: s.spec.MaxLen})
		if err != nil {
			continue
		}
		dir := filepath.Join(t.TempDir(), s.name)
		if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{"safetensors"}}); err != nil {
			t.Fatal(err)
		}
		man, err := manifest.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range man.Files {
			h, err := hfrun.Open(filepath.Dir(filepath.Join(dir, f.Name)))
			if err != nil {
				t.Logf("%s: %v", f.Name, err)
				continue
			}
			c := *s
			c.net = h.Network(man.Tokens.BOS)
			tried++
			r, bad := prove(&c)
			if bad != nil {
				t.Errorf("%s: panic %v", s.name, bad)
			}
			if r.Proved {
				proved++
				c.quiet32norm(t, r, rng)
			} else {
				t.Logf("%s: %v", s.name, r.Reason)
			}
		}
	}
	t.Logf("%d folders, %d proved", tried, proved)
}

// quiet32norm is quiet32 for networks with norms, which wrong cannot run.
func (s *subject) quiet32norm(t *testing.T, r certify.Result, rng *rand.Rand) {
	lowest, worst := math.Inf(1), 0.0
	for range 60 {
		ids := make([]int, 1+rng.IntN(s.spec.MaxLen))
		for i := range ids {
			ids[i] = rng.IntN(len(s.spec.Vocab))
		}
		in := s.tokens(ids)
		if s.accept != nil && !s.accept(in) || s.spec.BOS != nil {
			continue
		}
		run, err := s.oracle.Run(in)
		if err != nil {
			continue
		}
		want := run.Sequence(s.spec.Output)
		for i, row := range forward32(s.net, ids, rng)[1:] {
			if s.spec.Labels == nil {
				worst = max(worst, math.Abs(float64(row[0])-want[i].Rat().Float64()))
				continue
			}
			k := slices.IndexFunc(s.spec.Labels, func(v value.Value) bool { return value.Equal(v, want[i]) })
			for l, y := range row {
				if l != k {
					lowest = min(lowest, float64(row[k])-float64(y))
				}
			}
		}
	}
	if s.spec.Labels == nil && !(worst <= r.WorstError) || s.spec.Labels != nil && !math.IsInf(r.WorstMargin, 1) && !(lowest >= r.WorstMargin-1e-5*math.Abs(lowest)) {
		t.Errorf("%s: error %.4g, claimed %.4g; margin %.7g, claimed %.7g", s.name, worst, r.WorstError, lowest, r.WorstMargin)
	}
	t.Logf("%s: error %.3g of %.3g, margin %.6g of %.6g", s.name, worst, r.WorstError, lowest, r.WorstMargin)
}

// TestAttackVariants proves and runs the programs as they are compiled in other
// ways.
func TestAttackVariants(t *testing.T) {
	if os.Getenv("ATTACK_MINUTES") == "" {
		t.Skip()
	}
	rng := rand.New(rand.NewPCG(6, 5))
	files, _ := filepath.Glob("../../fixtures/*.rasp")
	more, _ := filepath.Glob("../../fixtures/corpus/*.rasp")
	tried, proved, cross, crossProved := 0, 0, 0, 0
	for _, f := range append(files, more...) {
		name := strings.TrimSuffix(filepath.Base(f), ".rasp")
		text, _ := os.ReadFile(f)
		var made []*subject
		for _, o := range []raspc.Options{{MaxLen: 1}, {MaxLen: 2}, {MaxLen: 3, Causal: "on"}, {MaxLen: 3, Causal: "off", BothWays: true}, {MaxLen: 3, Reuse: true}, {MaxLen: 3, Faithful: true}} {
			if _, err := raspc.Compile(name+".rasp", string(text), o); err != nil {
				continue
			}
			s := export(t, name, string(text), o)
			if inputs(s) > 1500 {
				continue
			}
			made = append(made, s)
			tried++
			r, bad := prove(s)
			if bad != nil {
				t.Errorf("%s %+v: panic %v", name, o, bad)
			}
			if r.Proved {
				proved++
				if in := s.wrong(); in != nil {
					t.Errorf("%s %+v: PROVED, but wrong on %v", name, o, in)
				}
				s.quiet32(t, r, fmt.Sprintf("%+v", o), rng)
			}
		}
		for _, a := range made {
			for _, b := range made {
				if a == b || len(a.spec.Vocab) != len(b.spec.Vocab) {
					continue
				}
				s := a.against(b)
				cross++
				r, bad := prove(s)
				if bad != nil {
					t.Errorf("%s: panic %v", name, bad)
				}
				if r.Proved {
					crossProved++
					if in := s.wrong(); in != nil {
						t.Errorf("%s, max_len %d causal %v by max_len %d causal %v: PROVED, but wrong on %v", name, a.spec.MaxLen, a.spec.Causal, b.spec.MaxLen, b.net.Causal, in)
					}
				}
			}
		}
	}
	t.Logf("%d variants, %d proved; %d against each other, %d proved", tried, proved, cross, crossProved)
}
