//go:build unix

package main

import (
	"os"
	"strconv"
	"syscall"
)

// limited runs raspc where files may have so many bytes and no more, as on a
// disk that fills up.
//
//	limited BYTES ARGUMENT …
func limited() {
	bytes, err := strconv.ParseUint(os.Args[1], 10, 64)
	fatal(err)
	fatal(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes}))
	os.Exit(run(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
}
