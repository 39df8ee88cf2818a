// Package graft puts a decoder, the circuit, into a larger model of a stock
// architecture, its host: it takes columns, heads and neurons of its own, and all other
// weights are the host's, to be trained.
//
// The circuit computes the same whatever the host's weights are, as long as no column of
// its stream exceeds about 10^8:
//
//   - Norms are identities, as in package stock, with the largest epsilon.
//   - The circuit reads and writes no column but its own, and the host writes none of
//     them. It may read them all.
//   - Where norms subtract the mean of all columns, to which the host's contribute, each
//     reader of the circuit has weights that sum to 0: see stock.Closed. Writers of
//     the host are centred, so that the mean is small and costs no precision.
//
// A mask says which weights keep this up: training has to leave them as they are.
package graft
