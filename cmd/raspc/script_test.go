package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run raspc, and raspc under unusual conditions, as
// processes of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"raspc":   main,
		"limited": limited,
		"ontty":   onTTY,
		"full":    full,
		"typed":   typed,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// The race detector lets every process wait for a second at its end.
			env.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"fills":    fills,
			"keys":     keys,
			"lists":    lists,
			"replace":  replace,
			"truncate": truncate,
			"damage":   damage,
		},
	})
}

// exits runs a command that must end with the given exit code.
//
//	exits CODE PROGRAM [ARGUMENT …]
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitOf(ts, args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// exitOf runs a command and returns its exit code.
func exitOf(ts *testscript.TestScript, args []string) int {
	err := ts.Exec(args[0], args[1:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	return 0
}

// fills runs raspc on a disk that is full at one place after another, until
// what it writes fits. Before that it must fail, and leave no such folder.
//
//	fills FOLDER ARGUMENT …
func fills(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fills FOLDER ARGUMENT …")
	}
	for limit := 0; ; limit += limit/3 + 200 {
		code := exitOf(ts, slices.Concat([]string{"limited", strconv.Itoa(limit)}, args[1:]))
		_, err := os.Stat(ts.MkAbs(args[0]))
		switch {
		case code == exitHolds && err == nil && limit > 0:
			return
		case code != exitIO || !os.IsNotExist(err):
			ts.Fatalf("%d bytes: exit code %d; the folder: %v", limit, code, err)
		}
	}
}

// lists checks the names in a folder, hidden ones too.
//
//	lists FOLDER [NAME …]
func lists(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: lists FOLDER [NAME …]")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := slices.Sorted(slices.Values(args[1:])); !slices.Equal(got, want) {
		ts.Fatalf("%s holds %q, not %q", args[0], got, want)
	}
}

// replace puts a text in the place of another one, which a file must have once.
//
//	replace FILE OLD NEW
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%q stands %d times in %s", args[1], n, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}

// truncate cuts the last bytes off a file.
//
//	truncate FILE BYTES
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE BYTES")
	}
	less, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()-less))
}

// onTTY runs raspc with standard error on the controlling terminal.
func onTTY() {
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	fatal(err)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, tty))
}

// full runs raspc with standard output on a device without room.
func full() {
	device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	fatal(err)
	os.Exit(run(os.Args[1:], os.Stdin, device, os.Stderr))
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, strings.TrimSpace(err.Error()))
		os.Exit(99)
	}
}
