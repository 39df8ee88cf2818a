package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// run makes the dataset, or finds it made.
func (c *command) run(ctx context.Context, stdout, stderr io.Writer) error {
	flag.CommandLine.Init("beam", flag.ContinueOnError)
	flag.CommandLine.SetOutput(io.Discard)
	if err := flag.CommandLine.Parse(c.beam); err != nil {
		return usageError{fmt.Errorf("behind --: %w", err)}
	}
	if rest := flag.Args(); len(rest) > 0 {
		return usageError{fmt.Errorf("behind -- are flags of Beam alone, and %q is none", rest[0])}
	}
	beam.Init()
	done, err := c.options.Begin(c.dir)
	if err != nil {
		return err
	}
	begin, state := time.Now(), "was complete already"
	if done == nil {
		if done, err = c.make(ctx, stderr); err != nil {
			return err
		}
		took := time.Since(begin).Seconds()
		state = fmt.Sprintf("%.1f s, %.0f a second", took, float64(done.Counts.Tried)/max(took, 1e-3))
	}
	if !c.quiet {
		printSummary(stdout, c.dir, done, state)
	}
	return nil
}

// make runs the pipeline until it ends well, or has failed too often. What was made before a failure
// is not made again.
func (c *command) make(ctx context.Context, stderr io.Writer) (*corpus.Summary, error) {
	j := job{Dir: c.dir, Options: string(c.options.Text()), Workers: c.workers}
	if c.processes > 0 {
		j.Workers, j.Processes = c.processes, true
	}
	for try := 0; ; try++ {
		p, s := beam.NewPipelineWithRoot()
		build(s, j, c.options, c.options.Chunks())
		err := beamx.Run(ctx, p)
		if err == nil {
			break
		}
		if try == c.retries || ctx.Err() != nil {
			return nil, fmt.Errorf("the pipeline failed %d times: %w", try+1, err)
		}
		fmt.Fprintf(stderr, "raspc-corpus: the pipeline failed, and is run again: %v\n", err)
	}
	done, err := corpus.ReadSummary(c.dir)
	if err == nil && done == nil {
		err = errors.New("the pipeline ended, and there is no " + corpus.SuccessFile + " in " + c.dir + ": do all workers see this folder?")
	}
	return done, err
}

// printSummary says what was made.
func printSummary(w io.Writer, dir string, s *corpus.Summary, state string) {
	n := s.Counts
	refused := 0
	for _, k := range n.Refused {
		refused += k
	}
	fmt.Fprintf(w, "%s: %d programs in %d shards: train %d, validation %d, test %d\n",
		dir, n.Written, len(s.Shards), n.Splits["train"], n.Splits["validation"], n.Splits["test"])
	fmt.Fprintf(w, "%d tried, %d refused, %d duplicates; %s\n", n.Tried, refused, n.Duplicates, state)
}
