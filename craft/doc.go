// Package craft describes transformers made by hand: attention heads and MLPs
// whose weights are linear maps between named spaces.
//
// A space is a list of basis directions. The residual space is the direct sum
// of the directions of all variables: a categorical variable has one direction
// for each of its values and holds a value as that direction's unit vector; a
// numeric variable has one direction and holds a number as its multiple. An
// ordered variable may also be held in steps, one direction for each value but
// the first, which is 1 from that value on: any function of it is as linear as
// of a one-hot variable, and each direction is the work of a single step.
// Vectors are rows, so that a map acts on the right. The idea and the words
// are those of Tracr (Lindner et al. 2023, section 3).
//
// Two directions are always there. "bos" is 1 at the BOS position and 0
// elsewhere, "real" is 0 at BOS and 1 elsewhere; constants are read from them.
// At BOS every other direction holds a constant, whatever the input: its
// variable's AtBOS code. Check and Run keep this invariant.
package craft
