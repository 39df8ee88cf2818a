//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestInterrupt: the command says that it can go on.
func TestInterrupt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	c, stderr := asProcess("--count", "100000", "-o", dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // once there is something to go on from
		defer close(ended)
		for range 6000 {
			if kept, err := filepath.Glob(filepath.Join(dir, ".work", "0*")); err == nil && len(kept) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		_ = c.Process.Signal(os.Interrupt)
	}()
	_ = c.Wait()
	<-ended
	if code := c.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(stderr.String(), "the same command goes on") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
