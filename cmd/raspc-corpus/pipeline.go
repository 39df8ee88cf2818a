package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// job is what all parts of the pipeline know.
type job struct {
	Dir       string
	Options   string // as corpus.Options.Text writes them
	Workers   int    // how many programs are made at a time by one process of the engine
	Processes bool   // each in a process of its own
}

func (j job) options() (corpus.Options, error) { return corpus.ParseOptions([]byte(j.Options)) }

// build adds the pipeline to a scope. Elements are small: the numbers of chunks, then references to
// records, which stay where they are kept until a shard is written. Keys are texts.
//
//	chunks → make → first of a behaviour → first of a graph → shards → write → finish
//	            ↘ failures ------------------------------------------------↗
func build(s beam.Scope, j job, o corpus.Options, all []corpus.Chunk) {
	chunks := beam.CreateList(s.Scope("chunks"), texts(all, func(c corpus.Chunk) string { return fmt.Sprintf("%d %d", c.From, c.To) }))
	made, failures := beam.ParDo2(s.Scope("make"), &makeFn{job: j}, beam.Reshuffle(s, chunks))
	kept := first(s.Scope("behaviour"), made, keyBehaviour)
	if !o.SameGraph {
		kept = first(s.Scope("graph"), kept, keyGraph)
	}
	shards := beam.CreateList(s.Scope("shards"), texts(o.Shards(), shardKey))
	named := beam.ParDo(s, &keyShard{job: j}, kept)
	written := beam.ParDo(s.Scope("write"), &writeFn{job: j}, beam.CoGroupByKey(s, beam.ParDo(s, keyEmpty, shards), named))
	beam.ParDo0(s.Scope("finish"), &finishFn{job: j}, beam.CoGroupByKey(s, written, failures))
}

func texts[T any](of []T, text func(T) string) []string {
	all := make([]string, len(of))
	for i, x := range of {
		all[i] = text(x)
	}
	return all
}

// first keeps one program of each key, that of the smallest number.
func first(s beam.Scope, refs beam.PCollection, key any) beam.PCollection {
	return beam.ParDo(s, keepFirst, beam.GroupByKey(s, beam.ParDo(s, key, refs)))
}

// gathered is the key of what is gathered in one place.
const gathered = "all"

var (
	madeCount      = beam.NewCounter("raspc-corpus", "made")
	refusedCount   = beam.NewCounter("raspc-corpus", "refused")
	duplicateCount = beam.NewCounter("raspc-corpus", "duplicates")
	writtenCount   = beam.NewCounter("raspc-corpus", "written")
)

// makeFn makes the records of chunks.
type makeFn struct {
	job
	options corpus.Options
	pool    *corpus.Pool
	making  corpus.Making
}

// Setup prepares for many bundles.
func (f *makeFn) Setup() (err error) {
	defer noted.keep(&err)
	if f.options, err = f.job.options(); err != nil {
		return err
	}
	f.making = f.options.MakeHere
	if f.Processes {
		f.pool = corpus.NewPool(f.options, workerCommand)
		f.making = f.pool.Make
	}
	return nil
}

// workerCommand is a process of a pool: this program.
func workerCommand() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), workerVariable+"=1", "GOMAXPROCS=1")
	return c
}

// Teardown ends the processes.
func (f *makeFn) Teardown() {
	if f.pool != nil {
		f.pool.Close()
	}
}

// ProcessElement makes a chunk.
func (f *makeFn) ProcessElement(ctx context.Context, chunk string, ref func([]byte), failure func(string, []byte)) (err error) {
	defer noted.keep(&err)
	var c corpus.Chunk
	if _, err := fmt.Sscan(chunk, &c.From, &c.To); err != nil {
		return err
	}
	kept, err := f.options.MakeChunk(ctx, corpus.WorkFolder(f.Dir), c, f.Workers, f.making)
	if err != nil {
		return err
	}
	refs, err := kept.Refs()
	if err != nil {
		return err
	}
	for _, r := range refs {
		text, err := r.MarshalBinary()
		if err != nil {
			return err
		}
		ref(text)
	}
	for _, out := range kept.Outcomes {
		if out.Failure == nil {
			continue
		}
		text, err := corpus.EncodeOutcomes([]corpus.Outcome{out})
		if err != nil {
			return err
		}
		failure(gathered, text)
	}
	madeCount.Inc(ctx, int64(len(refs)))
	refusedCount.Inc(ctx, int64(len(kept.Outcomes)-len(refs)))
	return nil
}

func keyBehaviour(ref []byte) (string, []byte, error) {
	r, err := decode(ref)
	if err != nil {
		return "", nil, err
	}
	return r.Behaviour.String(), ref, nil
}

func keyGraph(ref []byte) (string, []byte, error) {
	r, err := decode(ref)
	if err != nil {
		return "", nil, err
	}
	return r.Graph.String(), ref, nil
}

func decode(text []byte) (*corpus.Ref, error) {
	r := &corpus.Ref{}
	return r, r.UnmarshalBinary(text)
}

// keepFirst keeps the program of the smallest number, whatever their order.
func keepFirst(ctx context.Context, _ string, refs func(*[]byte) bool, keep func([]byte)) error {
	var text, kept []byte
	var best *corpus.Ref
	n := int64(0)
	for ; refs(&text); n++ {
		r, err := decode(text)
		if err != nil {
			return err
		}
		if r.Before(best) {
			best, kept = r, text
		}
		text = nil // the next one must not be read into what is kept
	}
	duplicateCount.Inc(ctx, n-1)
	keep(kept)
	return nil
}

func shardKey(s corpus.Shard) string { return fmt.Sprintf("%d %d %d", s.Split, s.Number, s.Of) }

// keyEmpty keys a shard without programs, so that there is one for each shard.
func keyEmpty(shard string) (string, bool) { return shard, true }

// keyShard keys programs by their shards.
type keyShard struct {
	job
	options corpus.Options
}

// Setup prepares for many bundles.
func (f *keyShard) Setup() (err error) {
	f.options, err = f.job.options()
	return err
}

// ProcessElement keys a program.
func (f *keyShard) ProcessElement(ref []byte) (string, []byte, error) {
	r, err := decode(ref)
	if err != nil {
		return "", nil, err
	}
	return shardKey(f.options.ShardOf(r.Behaviour)), ref, nil
}

// writeFn writes shards.
type writeFn struct {
	job
	options corpus.Options
}

// Setup prepares for many bundles.
func (f *writeFn) Setup() (err error) {
	f.options, err = f.job.options()
	return err
}

// ProcessElement writes a shard.
func (f *writeFn) ProcessElement(ctx context.Context, key string, _ func(*bool) bool, refs func(*[]byte) bool, emit func(string, []byte)) (err error) {
	defer noted.keep(&err)
	var s corpus.Shard
	if _, err := fmt.Sscan(key, &s.Split, &s.Number, &s.Of); err != nil {
		return err
	}
	var all []*corpus.Ref
	for text := []byte(nil); refs(&text); {
		r, err := decode(text)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	records, err := corpus.ReadRecords(corpus.WorkFolder(f.Dir), all)
	if err != nil {
		return err
	}
	w, err := f.options.WriteShard(f.Dir, s, records)
	if err != nil {
		return err
	}
	text, err := w.JSON()
	if err != nil {
		return err
	}
	writtenCount.Inc(ctx, int64(len(records)))
	emit(gathered, text)
	return nil
}

// finishFn completes the dataset.
type finishFn struct{ job }

// ProcessElement writes what there is one of.
func (f *finishFn) ProcessElement(_ string, shards, failures func(*[]byte) bool) (err error) {
	defer noted.keep(&err)
	o, err := f.job.options()
	if err != nil {
		return err
	}
	var written []*corpus.Written
	for {
		var text []byte
		if !shards(&text) {
			break
		}
		w, err := corpus.ParseWritten(text)
		if err != nil {
			return err
		}
		written = append(written, w)
	}
	var failed []*corpus.Failure
	for {
		var text []byte
		if !failures(&text) {
			break
		}
		out, err := corpus.DecodeOutcomes(text)
		if err != nil {
			return err
		}
		failed = append(failed, out[0].Failure)
	}
	_, err = o.Finish(f.Dir, written, failed)
	return err
}

func init() {
	register.DoFn4x1[context.Context, string, func([]byte), func(string, []byte), error](&makeFn{})
	register.DoFn1x3[[]byte, string, []byte, error](&keyShard{})
	register.DoFn5x1[context.Context, string, func(*bool) bool, func(*[]byte) bool, func(string, []byte), error](&writeFn{})
	register.DoFn3x1[string, func(*[]byte) bool, func(*[]byte) bool, error](&finishFn{})
	register.Function1x3(keyBehaviour)
	register.Function1x3(keyGraph)
	register.Function4x1(keepFirst)
	register.Function1x2(keyEmpty)
	register.Emitter1[[]byte]()
	register.Emitter2[string, []byte]()
	register.Iter1[[]byte]()
	register.Iter1[bool]()
}
