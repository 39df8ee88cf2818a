package corpus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/raspc/raspc/cmd/raspc-corpus/corpus"
)

// A test binary with this variable set is a process of a pool. With "at N" it ends at the program
// of this number, with "for D" it is killed after a time.
const served = "RASPC_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(served) != "" {
		if d, ok := strings.CutPrefix(os.Getenv(served), "for "); ok {
			go killed(d)
		}
		if err := corpus.Serve(context.Background(), &mortal{os.Stdin, os.Getenv(served)}, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killed has the system end this process after a time.
func killed(after string) {
	d, err := time.ParseDuration(after)
	if err != nil {
		panic(err)
	}
	time.Sleep(d)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	_ = self.Kill()
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

// pooled is a pool whose processes have the values that next returns.
func pooled(o corpus.Options, next func() string) *corpus.Pool {
	return corpus.NewPool(o, func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), served+"="+next())
		return c
	})
}

func always(value string) func() string { return func() string { return value } }

// TestPoolLosesNothing has processes killed after random times, and compares with what one makes that
// lives.
func TestPoolLosesNothing(t *testing.T) {
	o := few(40)
	want, err := sampled()
	if err != nil {
		t.Fatal(err)
	}
	rng, started := rand.New(rand.NewPCG(1, 2)), 0
	pool := pooled(o, func() string { // which is called by one at a time
		if started++; started <= 8 {
			return fmt.Sprintf("for %dms", rng.IntN(100))
		}
		return "yes"
	})
	defer pool.Close()
	var got []corpus.Outcome
	for _, c := range o.Chunks() {
		some, err := o.MakeChunk(t.Context(), t.TempDir(), c, 3, pool.Make)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, some.Outcomes...)
	}
	if started <= 3 {
		t.Errorf("%d processes were started, so that none was killed", started)
	}
	if len(got) != len(want) {
		t.Fatalf("%d outcomes, not %d", len(got), len(want))
	}
	for i := range want {
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
	pool := pooled(o, always("at 5"))
	defer pool.Close()
	kept, err := o.MakeChunk(t.Context(), t.TempDir(), o.Chunks()[0], 1, pool.Make)
	if err != nil || len(kept.Outcomes) != 8 {
		t.Fatal(kept, err)
	}
	for i, out := range kept.Outcomes {
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
	pool := pooled(o, always("yes"))
	defer pool.Close()
	if all, err := pool.Make(t.Context(), corpus.Chunk{From: 0, To: 1}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "missing.rasp") {
		t.Errorf("%+v, %v", all, err)
	}
}
