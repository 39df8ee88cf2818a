package corpus_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// A test binary with this variable set is a process of a pool. One whose value is a path ends at
// programs that are in a file of this name.
const served = "RASPC_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(served) != "" {
		if err := corpus.Serve(context.Background(), &mortal{os.Stdin, os.Getenv(served)}, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// mortal ends the process when it is asked for the program of a number, which is the last byte of a
// request's first half.
type mortal struct {
	in   *os.File
	dies string
}

// Read implements io.Reader.
func (m *mortal) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	if n == 16 && strings.HasPrefix(m.dies, "at ") && b[7] <= m.dies[3]-'0' && m.dies[3]-'0' < b[15] {
		os.Exit(9)
	}
	return n, err
}

func pooled(o corpus.Options, value string, started func(*exec.Cmd)) *corpus.Pool {
	return corpus.NewPool(o, func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), served+"="+value)
		started(c)
		return c
	})
}

// TestPoolLosesNothing kills processes at random, and compares with what one makes that lives.
func TestPoolLosesNothing(t *testing.T) {
	o := few(40)
	want, err := sampled()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var started []*exec.Cmd
	pool := pooled(o, "yes", func(c *exec.Cmd) {
		mu.Lock()
		defer mu.Unlock()
		started = append(started, c)
	})
	defer pool.Close()
	ended := make(chan struct{})
	killed := make(chan int)
	go func() {
		n, rng := 0, rand.New(rand.NewPCG(1, 2))
		for n < 8 {
			select {
			case <-ended:
				killed <- n
				return
			case <-time.After(60 * time.Millisecond):
			}
			mu.Lock()
			if k := len(started); k > 0 {
				if c := started[k-1-rng.IntN(min(k, 3))]; c.Process != nil && c.Process.Kill() == nil {
					n++
				}
			}
			mu.Unlock()
		}
		<-ended
		killed <- n
	}()
	var got []corpus.Outcome
	for _, c := range o.Chunks() {
		some, err := o.MakeChunk(t.Context(), t.TempDir(), c, 3, pool.Make)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, some...)
	}
	close(ended)
	if n := <-killed; n == 0 {
		t.Error("no process was killed")
	}
	for i := range max(len(got), len(want)) {
		a, _ := corpus.EncodeOutcomes(want[i : i+1])
		b, _ := corpus.EncodeOutcomes(got[i : i+1])
		if !bytes.Equal(a, b) {
			t.Errorf("program %d differs: %+v, %+v", i, want[i], got[i])
		}
	}
}

// TestPoolRefusesWhatEndsProcesses has a program that no process survives.
func TestPoolRefusesWhatEndsProcesses(t *testing.T) {
	o := few(8)
	pool := pooled(o, "at 5", func(*exec.Cmd) {})
	defer pool.Close()
	all, err := o.MakeChunk(t.Context(), t.TempDir(), o.Chunks()[0], 1, pool.Make)
	if err != nil || len(all) != 8 {
		t.Fatal(len(all), err)
	}
	for i, out := range all {
		switch {
		case i == 5 && (out.Failure == nil || out.Failure.Stage != corpus.StageWorker || out.Failure.Index != 5 || !strings.Contains(out.Failure.Message, "exit status 9")):
			t.Errorf("%+v", out.Failure)
		case i != 5 && out.Failure != nil && out.Failure.Stage == corpus.StageWorker:
			t.Errorf("program %d: %+v", i, out.Failure)
		}
	}
}

// TestPoolSaysErrors has files that are not there, which is no process's fault.
func TestPoolSaysErrors(t *testing.T) {
	o := corpus.Default()
	o.Files = []string{"missing.rasp"}
	pool := pooled(o, "yes", func(*exec.Cmd) {})
	defer pool.Close()
	if all, err := pool.Make(t.Context(), corpus.Chunk{From: 0, To: 1}); err == nil || !strings.Contains(err.Error(), "missing.rasp") {
		t.Errorf("%+v, %v", all, err)
	}
}
