//go:build unix

package onnx

import (
	"errors"
	"os/signal"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFullDisk lets the system refuse bytes in the middle of a file, as a full
// disk does.
func TestFullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	for name, o := range map[string]Options{"inline": {}, "external": {External: true}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := Write(dir, sample(small()), Options{}); err != nil {
				t.Fatal(err)
			}
			before := read(t, dir, ModelFile)

			var limit syscall.Rlimit
			if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
				t.Fatal(err)
			}
			low := limit
			low.Cur = 6000
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
				t.Fatal(err)
			}
			_, err := Write(dir, wide(), o)
			if e := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); e != nil {
				t.Fatal(e)
			}

			if !errors.Is(err, syscall.EFBIG) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff([]string{ModelFile}, list(t, dir)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, read(t, dir, ModelFile)); diff != "" {
				t.Error("the earlier export changed")
			}
		})
	}
}
