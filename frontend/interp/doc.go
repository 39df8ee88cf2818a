// Package interp is the reference interpreter: it evaluates an s-op graph on
// an input. It is the one judge of what a program means; everything that
// compiles, runs or verifies a program is compared with it.
//
// Numbers are exact. Every s-op that the output depends on is evaluated in
// full, so that a program is undefined on an input as soon as one of them is.
package interp
