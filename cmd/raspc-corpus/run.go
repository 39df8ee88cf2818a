package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
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
	slog.SetDefault(newEngineLog(os.Stderr)) // Beam has set its own
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
		err := c.try(ctx, j)
		if err == nil {
			break
		}
		if done, _ := c.options.Finished(c.dir); done != nil {
			return done, nil
		}
		if ctx.Err() != nil || final(err) {
			return nil, err
		}
		if try == c.retries {
			return nil, fmt.Errorf("the pipeline failed %s: %w", plural(try+1, "time"), err)
		}
		fmt.Fprintf(stderr, "raspc-corpus: the pipeline failed, and is run again: %v\n", err)
	}
	done, err := corpus.ReadSummary(c.dir)
	if err == nil && done == nil {
		err = errors.New("the pipeline ended, and there is no " + corpus.SuccessFile + " in " + c.dir + ": do all workers see this folder?")
	}
	return done, err
}

// try runs the pipeline once. An error of a part of it in this process is that error, others are what the
// engine says last.
func (c *command) try(ctx context.Context, j job) error {
	noted.forget()
	p, s := beam.NewPipelineWithRoot()
	build(s, j, c.options, c.options.Chunks())
	ended := make(chan error, 1)
	go func() { ended <- beamx.Run(ctx, p) }()
	select {
	case <-ctx.Done(): // an engine need not look
		return ctx.Err()
	case err := <-ended:
		if err == nil || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
		return cmp.Or(noted.get(), errors.New(lastCause(err.Error())))
	}
}

// plural counts things.
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// printSummary says what was made.
func printSummary(w io.Writer, dir string, s *corpus.Summary, state string) {
	n := s.Counts
	refused := 0
	for _, k := range n.Refused {
		refused += k
	}
	fmt.Fprintf(w, "%s: %s in %s: train %d, validation %d, test %d\n",
		dir, plural(n.Written, "program"), plural(len(s.Shards), "shard"), n.Splits["train"], n.Splits["validation"], n.Splits["test"])
	fmt.Fprintf(w, "%d tried, %d refused, %s; %s\n", n.Tried, refused, plural(n.Duplicates, "duplicate"), state)
}
