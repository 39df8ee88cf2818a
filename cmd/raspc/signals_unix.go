//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// keepRunning lets writes fail where the system would end the process: behind
// a closed pipe, and beyond the largest file.
func keepRunning() { signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) }

// interrupts are the signals that ask the command to stop.
func interrupts() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} }
