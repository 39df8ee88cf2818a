// Command raspc-corpus makes datasets of RASP programs, the weights of transformers that
// compute them, and what each part of these does. The work is distributed by Apache Beam;
// what is made of a program is decided in package corpus.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// workerVariable is set in the environment of processes that make programs for another one.
const workerVariable = "RASPC_CORPUS_WORKER"

// plenty is how much memory is taken, in bytes, before it is collected more often: what
// is grouped is kept until it is written.
const plenty = 8 << 30

func main() {
	debug.SetGCPercent(800) // models are made and let go; memory there is
	debug.SetMemoryLimit(plenty)
	if os.Getenv(workerVariable) != "" {
		os.Exit(report(corpus.Serve(context.Background(), os.Stdin, os.Stdout), os.Stderr))
	}
	if beamStarts(os.Args[1:]) {
		flag.Parse()
		beam.Init() // works for the engine, and does not return
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// beamStarts reports whether an engine has started this process to work for it.
func beamStarts(args []string) bool {
	for _, a := range args {
		if a == "--" {
			return false
		}
		if name := strings.TrimLeft(a, "-"); a != name && (name == "worker" || strings.HasPrefix(name, "worker=")) {
			return true
		}
	}
	return false
}

// Exit codes, those of raspc.
const (
	exitDone     = 0
	exitWrong    = 1
	exitUsage    = 2
	exitInternal = 70
	exitIO       = 74

	exitInterrupted = 130 // what a shell says of an interrupted command
)

// usageError is a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run executes one command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err == nil {
		// The first interrupt lets the command say how to go on, the second ends the process.
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		err = c.run(ctx, stdout, stderr)
	}
	return report(err, stderr)
}

// report prints an error and returns the exit code of its kind.
func report(err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "raspc-corpus: interrupted; the same command goes on from here")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "raspc-corpus: %v\n", err)
	var other *corpus.OtherError
	var internal *raspc.InternalError
	switch {
	case errors.As(err, new(usageError)):
		fmt.Fprintln(stderr, "see raspc-corpus --help")
		return exitUsage
	case errors.As(err, &other):
		return exitUsage
	case errors.As(err, &internal):
		return exitInternal
	case raspc.IsIO(err):
		return exitIO
	}
	return exitWrong
}
