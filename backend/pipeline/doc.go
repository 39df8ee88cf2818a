// Package pipeline runs the stages of the compiler in order: one table says
// what they are called, what each does, how its result is checked and how it
// is printed. The same names serve --dump, the timings and the documentation.
package pipeline
