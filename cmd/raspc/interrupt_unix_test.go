//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterruptLetsCleanUp sends this process the signals that a user and a
// system send, while something is at work that has to clean up.
func TestInterruptLetsCleanUp(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		cleaned := false
		err := interruptible(t.Context(), func(ctx context.Context) error {
			defer func() { cleaned = true }()
			if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		})
		var stderr bytes.Buffer
		code := newConsole(nil, io.Discard, &stderr).report(err)
		if !cleaned || code != exitInterrupted || stderr.String() != "error: interrupted\n" {
			t.Errorf("%v: cleaned up %t, exit code %d, %q", signal, cleaned, code, stderr.String())
		}
	}
}

// TestInterruptedExport interrupts an export that has begun to write a large
// file. An export that ends before the signal arrives is complete, and tried
// again.
func TestInterruptedExport(t *testing.T) {
	const program = "#: vocab = \"ab\"\n#: max_len = 2500\nfirst = aggregate(select(indices, 0, ==), tokens);"
	late := make(chan os.Signal, 8) // keeps a late signal from ending the test
	signal.Notify(late, os.Interrupt)
	defer signal.Stop(late)
	for range 5 {
		dir := filepath.Join(t.TempDir(), "out")
		done := make(chan int)
		var stderr bytes.Buffer
		go func() {
			args := []string{"export", "-", "-o", dir, "--format", "safetensors"}
			done <- run(args, strings.NewReader(program), io.Discard, &stderr)
		}()
		code := interruptWhenStaged(t, dir, done)
		files, err := os.ReadDir(dir)
		switch {
		case code == exitInterrupted && os.IsNotExist(err):
			return
		case code != exitHolds || len(files) != 6:
			t.Fatalf("exit code %d, %q; the folder holds %v", code, stderr.String(), files)
		}
	}
	t.Error("every export ended before it could be interrupted")
}

// interruptWhenStaged interrupts this process when dir holds something, and
// returns what comes from done.
func interruptWhenStaged(t *testing.T, dir string, done <-chan int) int {
	t.Helper()
	for {
		select {
		case code := <-done:
			return code
		case <-time.After(time.Millisecond):
		}
		if staged, err := os.ReadDir(dir); err == nil && len(staged) > 0 {
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			return <-done
		}
	}
}
