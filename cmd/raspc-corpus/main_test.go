package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/parquet-go/parquet-go"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// commandVariable lets the test binary be the command.
const commandVariable = "RASPC_CORPUS_TEST_COMMAND"

// TestMain lets the test binary be a process of a pool, as the command is.
func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" && os.Getenv(workerVariable) == "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	if os.Getenv(workerVariable) != "" {
		os.Exit(report(corpus.Serve(context.Background(), os.Stdin, os.Stdout), os.Stderr))
	}
	flag.Parse()
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// dataset runs the pipeline, with the numbers of its chunks in another order.
func dataset(t *testing.T, o corpus.Options, j job, order func([]corpus.Chunk)) map[string]string {
	t.Helper()
	j.Dir, j.Options = filepath.Join(t.TempDir(), "out"), string(o.Text())
	if _, err := o.Begin(j.Dir); err != nil {
		t.Fatal(err)
	}
	chunks := o.Chunks()
	order(chunks)
	p, s := beam.NewPipelineWithRoot()
	build(s, j, o, chunks)
	if err := beamx.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return read(t, j.Dir)
}

// read returns the content of all files.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func asTheyAre([]corpus.Chunk) {}

// options are those of a dataset of a hundred programs, some of which behave alike.
func options() corpus.Options {
	o := corpus.Default()
	o.Count, o.ShardPrograms, o.Vocab = 100, 30, "ab"
	o.Generate.Size.Min, o.Generate.Size.Max = 1, 5
	o.Generate.Depth.Min, o.Generate.MaxLen.Min, o.Generate.MaxLen.Max = 0, 3, 4
	return o
}

// TestDatasetDoesNotDependOnWorkers makes it by one worker, by several, by processes, and with its
// chunks in another order.
func TestDatasetDoesNotDependOnWorkers(t *testing.T) {
	o := options()
	want := dataset(t, o, job{Workers: 1}, asTheyAre)
	names := slices.Sorted(maps.Keys(want))
	if len(names) != 3+2*len(o.Shards()) {
		t.Errorf("the files are %q", names)
	}
	for name, got := range map[string]map[string]string{
		"four workers":    dataset(t, o, job{Workers: 4}, asTheyAre),
		"three processes": dataset(t, o, job{Workers: 3, Processes: true}, asTheyAre),
		"another order":   dataset(t, o, job{Workers: 2}, func(c []corpus.Chunk) { slices.Reverse(c) }),
	} {
		if !maps.Equal(got, want) {
			t.Errorf("%s: another dataset, of %q", name, slices.Sorted(maps.Keys(got)))
		}
	}
}

// TestDatasetHasEachBehaviourOnce counts, and looks for what splits share.
func TestDatasetHasEachBehaviourOnce(t *testing.T) {
	o := options()
	files := dataset(t, o, job{Workers: 2}, asTheyAre)
	outcomes, err := o.MakeHere(t.Context(), corpus.Chunk{From: 0, To: 100})
	if err != nil {
		t.Fatal(err)
	}
	behaviours, graphs, failed := map[string]uint64{}, map[string]bool{}, 0
	for _, out := range outcomes { // by number, so that the first is kept
		if out.Failure != nil {
			failed++
			continue
		}
		b := out.Record.Behaviour.String()
		if _, ok := behaviours[b]; ok {
			continue
		}
		g := out.Record.Graph.String()
		behaviours[b] = out.Record.Index
		if graphs[g] {
			behaviours[b] = 1 << 40 // left out for its graph
		}
		graphs[g] = true
	}
	got := map[string]uint64{}
	for name, text := range files {
		if !strings.HasSuffix(name, ".parquet") {
			continue
		}
		for _, row := range rows(t, text) {
			if _, ok := got[row.Behaviour]; ok {
				t.Errorf("%s is in %s and elsewhere", row.ID, name)
			}
			got[row.Behaviour] = uint64(row.Index)
		}
	}
	maps.DeleteFunc(behaviours, func(_ string, i uint64) bool { return i == 1<<40 })
	if !maps.Equal(got, behaviours) {
		t.Errorf("%d programs are written, %d should be", len(got), len(behaviours))
	}
	if len(behaviours) > 95 || len(behaviours) < 20 {
		t.Errorf("%d of 100 programs differ: nothing to see", len(behaviours))
	}
	if n := strings.Count(files[corpus.FailuresFile], "\n"); n != failed {
		t.Errorf("%d failures are written of %d", n, failed)
	}
}

// TestCommand reads programs from files, one of which is none.
func TestCommand(t *testing.T) {
	programs, dir := t.TempDir(), filepath.Join(t.TempDir(), "out")
	for name, text := range map[string]string{
		"a.rasp":      "#: vocab = \"ab\"\n#: max_len = 3\nx = aggregate(select(indices, 0, ==), tokens);\n",
		"b/same.rasp": "#: vocab = \"ab\"\n#: max_len = 3\ny = aggregate(select(indices, 1, <), tokens);\n",
		"c.rasp":      "x = ;",
		"d.txt":       "no program",
	} {
		place := filepath.Join(programs, name)
		if err := os.MkdirAll(filepath.Dir(place), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{programs, "-o", dir, "--split", "1,0,0"}, &out, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if !strings.Contains(out.String(), "1 program in 1 shard: train 1") || !strings.Contains(out.String(), "3 tried, 1 refused, 1 duplicate;") {
		t.Errorf("got %s", out.String())
	}
	files := read(t, dir)
	if text := files[corpus.FailuresFile]; !strings.Contains(text, `"stage":"compile","code":"E0`) || !strings.Contains(text, `"source":"x = ;"`) {
		t.Errorf("failures: %s", text)
	}
	for name := range files {
		if strings.Contains(name, ".work") || strings.HasPrefix(filepath.Base(name), ".") {
			t.Errorf("%s is left", name)
		}
	}
	// Again: it is complete.
	if code := run([]string{programs, "-o", dir, "--split", "1,0,0"}, io.Discard, &errs); code != exitDone {
		t.Errorf("again: exit code %d: %s", code, errs.String())
	}
	t.Chdir(programs)
	other := filepath.Join(t.TempDir(), "out")
	if code := run([]string{"-o", other, "--split", "1,0,0", "c.rasp", "./b", "b/../a.rasp", "a.rasp"}, io.Discard, &errs); code != exitDone {
		t.Errorf("files spelled otherwise: exit code %d: %s", code, errs.String())
	}
	if !maps.Equal(read(t, other), files) {
		t.Error("files spelled otherwise are another dataset")
	}
	if code := run([]string{programs, "-o", dir}, io.Discard, &errs); code != exitUsage || !strings.Contains(errs.String(), "another dataset") {
		t.Errorf("other options: exit code %d: %s", code, errs.String())
	}
}

// TestMutations copies programs with changes, and finds what they are copies of.
func TestMutations(t *testing.T) {
	programs := t.TempDir()
	text := "#: vocab = \"abc\"\n#: max_len = 4\nseen = selector_width(select(tokens, tokens, ==) and select(indices, indices, <));\nx = seen + 1;\n"
	if err := os.WriteFile(filepath.Join(programs, "a.rasp"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a file":  {programs, "--mutations", "20"},
		"sampled": {"--count", "3", "--mutations", "20"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		var errs bytes.Buffer
		if code := run(append(args, "-o", dir, "--split", "1,0,0", "--same-graph"), io.Discard, &errs); code != exitDone {
			t.Fatalf("%s: exit code %d: %s", name, code, errs.String())
		}
		sources, copies := map[int64]corpus.Row{}, []corpus.Row(nil)
		for file, text := range read(t, dir) {
			if !strings.HasSuffix(file, ".parquet") {
				continue
			}
			for _, row := range rows(t, text) {
				if row.Base == row.Index {
					sources[row.Index] = row
				} else {
					copies = append(copies, row)
				}
			}
		}
		if len(sources) == 0 || len(copies) < 5 {
			t.Errorf("%s: %d programs, %d copies", name, len(sources), len(copies))
		}
		for _, c := range copies {
			base, ok := sources[c.Base]
			if c.Index <= c.Base || c.Index > c.Base+20 || c.Base%21 != 0 {
				t.Errorf("%s: program %d is a copy of %d", name, c.Index, c.Base)
			}
			if ok && (c.Behaviour == base.Behaviour || c.Name != base.Name || differing(c.Source, base.Source) > 2) {
				t.Errorf("%s: this is no copy with one change:\n%s%s", name, c.Source, base.Source)
			}
		}
	}
}

// differing counts the lines that differ, where neither text has more than the other.
func differing(a, b string) int {
	as, bs, n := strings.Split(a, "\n"), strings.Split(b, "\n"), 0
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			n++
		}
	}
	return n
}

// TestMix leaves operators out.
func TestMix(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	args := []string{"-o", dir, "--count", "40", "--mix", "width=0,sel-or=0,sel-not=0,boolean=0,aggregate=9", "--vocab-size", "3", "--ints", "1", "--split", "1,0,0"}
	var errs bytes.Buffer
	if code := run(args, io.Discard, &errs); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	aggregates := 0
	for file, text := range read(t, dir) {
		if !strings.HasSuffix(file, ".parquet") {
			continue
		}
		for _, row := range rows(t, text) {
			for _, word := range []string{"width", " or ", " not ", "length"} {
				if strings.Contains(row.Source, word) {
					t.Errorf("%s has %q", row.Source, word)
				}
			}
			if !slices.Equal(row.Vocab, []string{"0", "1", "2"}) {
				t.Errorf("the vocabulary is %q", row.Vocab)
			}
			aggregates += strings.Count(row.Source, "aggregate(")
		}
	}
	if aggregates < 20 {
		t.Errorf("%d aggregates", aggregates)
	}
}

func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		args, want string
		code       int
	}{
		{"--count 5", "-o DIR is missing", exitUsage},
		{"-o " + dir, "nothing to make", exitUsage},
		{"-o " + dir + " --count 5 --nonsense", "nonsense", exitUsage},
		{"-o " + dir + " --count five", "five", exitUsage},
		{"-o " + dir + " --count 5 --size 5..2", "raspc-corpus: --size is 5..2, and has", exitUsage},
		{"-o " + dir + " --count 5 --size 3..x", "a range is", exitUsage},
		{"-o " + dir + " --count 5 --split 1,2", "three shares", exitUsage},
		{"-o " + dir + " --count 5 --split 0.5,0.6,0.7", ": --split are", exitUsage},
		{"-o " + dir + " --count 5 --weights full", ": --weights is", exitUsage},
		{"-o " + dir + " --count 5 --workers 0", "--workers", exitUsage},
		{"-o " + dir + " --count 5 -- --nonsense", "behind --", exitUsage},
		{"-o " + dir + " --count 5 -- runner", "behind --", exitUsage},
		{"-o " + dir + " " + dir, "no .rasp file", exitUsage},
		{"-o " + dir + " " + dir + " --seed 4", "--seed is of sampled programs", exitUsage},
		{"-o " + dir + " " + dir + " --seed 4 --mutations 2", "no .rasp file", exitUsage},
		{"-o " + dir + " " + dir + " --size 4 --mutations 2", "--size is of sampled programs", exitUsage},
		{"-o " + dir + " " + dir + " --max-len 4 --mutations 2", "--same-graph", exitUsage},
		{"-o " + dir + " --count 5 --mutations -1", ": --mutations is", exitUsage},
		{"-o " + dir + " --count 5 --mix plus=2", "none of the weights arithmetic=2,", exitUsage},
		{"-o " + dir + " --count 5 --mix sel-or", "is a number, as in sel-or=2", exitUsage},
		{"-o " + dir + " --count 5 --mix aggregate=0,width=0", "weights of both in --mix are 0", exitUsage},
		{"-o " + dir + " --count 5 --mix sel-or=-1", ": sel-or of --mix is -1", exitUsage},
		{"-o " + dir + " --count 5 --vocab-size 1", ": --vocab-size is 1..1", exitUsage},
		{"-o " + dir + " --count 5 --ints 2", ": --ints is 2", exitUsage},
		{"-o " + dir + " --count 5 --max-params 0", ": --max-params is 0", exitUsage},
		{"-o " + dir + " --count 5 --shard-programs 0", ": --shard-programs is 0", exitUsage},
		{"-o " + dir + " --count 5 --vocab a", "has 2 to 26 tokens, and --vocab has 1", exitUsage},
		{"-o " + dir + " --count 5 --vocab ab --ints 0.5", "--ints is of programs that draw", exitUsage},
		{"-o " + dir + " --count 5 --vocab ab --vocab-size 3", "--vocab-size is of programs that draw", exitUsage},
		{"-o " + dir + " --count 5 --vocab=", "--vocab is empty", exitUsage},
		{"-o " + dir + " --count 5 --mix map=1,map=2", "the weight of map is given twice", exitUsage},
		{"-o " + dir + " --count 5 --mix and=1", "none of the weights", exitUsage},
		{"-o " + dir + " /dev/null", "/dev/null is no regular file", exitUsage},
		{"-o " + dir + " missing.rasp", "missing.rasp", exitIO},
	} {
		var errs bytes.Buffer
		if code := run(strings.Fields(test.args), io.Discard, &errs); code != test.code || !strings.Contains(errs.String(), test.want) {
			t.Errorf("%s: exit code %d: %s", test.args, code, errs.String())
		}
	}
	if err := os.Symlink("missing.rasp", filepath.Join(dir, "link.rasp")); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	if code := run([]string{"-o", dir, dir}, io.Discard, &errs); code != exitIO || !strings.Contains(errs.String(), "link.rasp") {
		t.Errorf("a link to nothing: exit code %d: %s", code, errs.String())
	}
	var out bytes.Buffer
	if code := run([]string{"--help"}, &out, io.Discard); code != exitDone || !strings.Contains(out.String(), "-shard-programs") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}

func rows(t *testing.T, file string) []corpus.Row {
	t.Helper()
	all, err := parquet.Read[corpus.Row](strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return all
}
