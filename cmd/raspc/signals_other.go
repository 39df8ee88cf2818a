//go:build !unix

package main

import "os"

// keepRunning has nothing to do where a failed write is no signal.
func keepRunning() {}

// interrupts are the signals that ask the command to stop.
func interrupts() []os.Signal { return []os.Signal{os.Interrupt} }
