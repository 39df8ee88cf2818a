// Command states prints what the hidden states of an exported ONNX file are by the
// runner that verify uses:
//
//	go run ./scripts/states DIR < BATCHES > STATES
//
// BATCHES are lines {"ids":[[…]],"mask":[[…]]}, and each gives a line with the
// hidden states, the first one first, by row, position and column. It is what
// the cross-check compares the hidden states of other runtimes with.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/raspc/raspc/verify/onnxrun"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: states DIR < BATCHES > STATES")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "states:", err)
		os.Exit(1)
	}
}

// run answers each batch before it reads the next.
func run(dir string, in io.Reader, out io.Writer) error {
	m, err := onnxrun.Open(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return err
	}
	if m.HiddenStates() == 0 {
		return fmt.Errorf("%s: the model has no hidden states as outputs", dir)
	}
	batches, states := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var b struct{ IDs, Mask [][]int64 }
		if err := batches.Decode(&b); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		s, err := m.RunHidden(b.IDs, b.Mask)
		if err != nil {
			return err
		}
		if err := states.Encode(s); err != nil {
			return err
		}
	}
}
