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
	Options   string // as corpus.Options.JSON writes them
	Workers   int    // how many programs are made at a time by one process of the engine
	Processes bool   // each in a process of its own
}

func (j job) options() (corpus.Options, error) { return corpus.ParseOptions([]byte(j.Options)) }

// build adds the pipeline to a scope. Elements are small: the numbers of chunks, then records,
// which are compressed. Keys are texts.
//
//	chunks → make → first of a behaviour → first of a graph → shards → write → finish
//	            ↘ failures ------------------------------------------------↗
func build(s beam.Scope, j job, o corpus.Options, all []corpus.Chunk) {
	chunks := beam.CreateList(s.Scope("chunks"), texts(all, func(c corpus.Chunk) string { return fmt.Sprintf("%d %d", c.From, c.To) }))
	records, failures := beam.ParDo2(s.Scope("make"), &makeFn{job: j}, beam.Reshuffle(s, chunks))
	kept := first(s.Scope("behaviour"), records, keyBehaviour)
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

// first keeps one record of each key, that of the smallest number.
func first(s beam.Scope, records beam.PCollection, key any) beam.PCollection {
	return beam.ParDo(s, keepFirst, beam.GroupByKey(s, beam.ParDo(s, key, records)))
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
func (f *makeFn) ProcessElement(ctx context.Context, chunk string, record func([]byte), failure func(string, []byte)) error {
	var c corpus.Chunk
	if _, err := fmt.Sscan(chunk, &c.From, &c.To); err != nil {
		return err
	}
	outcomes, err := f.options.MakeChunk(ctx, corpus.WorkFolder(f.Dir), c, f.Workers, f.making)
	if err != nil {
		return err
	}
	for _, out := range outcomes {
		if out.Failure != nil {
			text, err := corpus.EncodeOutcomes([]corpus.Outcome{out})
			if err != nil {
				return err
			}
			refusedCount.Inc(ctx, 1)
			failure(gathered, text)
			continue
		}
		text, err := out.Record.MarshalBinary()
		if err != nil {
			return err
		}
		madeCount.Inc(ctx, 1)
		record(text)
	}
	return nil
}

func keyBehaviour(record []byte) (string, []byte, error) {
	r, err := decode(record)
	if err != nil {
		return "", nil, err
	}
	return r.Behaviour.String(), record, nil
}

func keyGraph(record []byte) (string, []byte, error) {
	r, err := decode(record)
	if err != nil {
		return "", nil, err
	}
	return r.Graph.String(), record, nil
}

func decode(text []byte) (*corpus.Record, error) {
	r := &corpus.Record{}
	return r, r.UnmarshalBinary(text)
}

// keepFirst keeps the record of the smallest number, whatever their order.
func keepFirst(ctx context.Context, _ string, records func(*[]byte) bool, keep func([]byte)) error {
	var text, kept []byte
	var best *corpus.Record
	n := int64(0)
	for ; records(&text); n++ {
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

// keyEmpty keys a shard without records, so that there is one for each shard.
func keyEmpty(shard string) (string, bool) { return shard, true }

// keyShard keys records by their shards.
type keyShard struct {
	job
	options corpus.Options
}

// Setup prepares for many bundles.
func (f *keyShard) Setup() (err error) {
	f.options, err = f.job.options()
	return err
}

// ProcessElement keys a record.
func (f *keyShard) ProcessElement(record []byte) (string, []byte, error) {
	r, err := decode(record)
	if err != nil {
		return "", nil, err
	}
	return shardKey(f.options.ShardOf(r)), record, nil
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
func (f *writeFn) ProcessElement(ctx context.Context, key string, _ func(*bool) bool, records func(*[]byte) bool, emit func(string, []byte)) error {
	var s corpus.Shard
	if _, err := fmt.Sscan(key, &s.Split, &s.Number, &s.Of); err != nil {
		return err
	}
	var all []*corpus.Record
	for {
		var text []byte
		if !records(&text) {
			break
		}
		r, err := decode(text)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	w, err := f.options.WriteShard(f.Dir, s, all)
	if err != nil {
		return err
	}
	text, err := w.JSON()
	if err != nil {
		return err
	}
	writtenCount.Inc(ctx, int64(len(all)))
	emit(gathered, text)
	return nil
}

// finishFn completes the dataset.
type finishFn struct{ job }

// ProcessElement writes what there is one of.
func (f *finishFn) ProcessElement(_ string, shards, failures func(*[]byte) bool) error {
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
