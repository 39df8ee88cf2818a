// Package disguise makes of a model another one that computes the same and is
// harder to read: a test for tools that look for what a model computes. What is
// known of the model stays true, as its labels follow.
//
// Duplicate works on the craft program, before it is laid out; Permute, Noise
// and Rotate on the layout. Each has a file of its own, returns something new
// and leaves what it was given alone. A seed gives the same model on every
// machine.
package disguise
