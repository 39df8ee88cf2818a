package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
)

// class is a kind of damage.
type class struct {
	name string
	// damage makes a mutant, nil where the damage has nothing to act on. It may
	// leave everything as it was.
	damage damage
	nudge  bool // meant to be harmless
}

// damage makes a mutant of a file.
type damage func(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error)

// mutant is a damaged folder.
type mutant struct {
	name  string // PROGRAM/FORMAT/CLASS/INDEX
	what  string // was done to it
	files map[string][]byte
}

// classes are in the order of the table.
var classes = slices.Concat([]class{
	{name: "a weight changed", damage: onWeights(changeWeight)},
	{name: "a weight just too far", damage: moveTooFar},
	{name: "a sign flipped", damage: onWeights(flipSign)},
	{name: "two heads swapped", damage: swapHeads},
	{name: "a bias lost", damage: onWeights(loseBias)},
	{name: "a mask dropped", damage: dropMask},
	{name: "a dtype narrowed", damage: onWeights(narrow)},
	{name: "a label renamed", damage: renameLabel},
	{name: "a tensor truncated", damage: truncate},
	{name: "a tensor reordered", damage: onWeights(reorder)},
}, nudges())

// onWeights makes a damage of what changes decoded weights and says how; "" where
// it cannot.
func onWeights(change func(w *weights, rng *rand.Rand) string) damage {
	return func(_ context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
		w, err := s.weights()
		if err != nil {
			return nil, err
		}
		what := change(w, rng)
		if what == "" {
			return nil, nil
		}
		data, err := w.encode()
		return &mutant{what: what, files: map[string][]byte{weightsFile[s.format]: data}}, err
	}
}

// patience is how often a class may give what it has given, or the good files,
// before it has no more mutants.
const patience = 32

// mutants makes up to count different mutants of a class. The first ones are the
// same whatever the count.
func (c class) mutants(ctx context.Context, s *subject, seed uint64, count int) ([]*mutant, error) {
	path := s.path(c)
	h := fnv.New64a()
	h.Write([]byte(path))
	rng := rand.New(rand.NewPCG(seed, h.Sum64()))
	var all []*mutant
	made := map[[32]byte]bool{}
	for range count * patience {
		m, err := c.damage(ctx, s, rng)
		if err != nil {
			return nil, err
		}
		if m == nil || s.good(m) || made[m.hash()] {
			continue
		}
		made[m.hash()] = true
		m.name = fmt.Sprintf("%s/%d", path, len(all))
		if all = append(all, m); len(all) == count {
			break
		}
	}
	return all, nil
}

// path is the common part of the names of a class's mutants.
func (s *subject) path(c class) string { return fmt.Sprintf("%s/%s/%s", s.name, s.format, c.name) }

// good reports whether a mutant is none.
func (s *subject) good(m *mutant) bool {
	for name, data := range m.files {
		if !bytes.Equal(data, s.files[name]) {
			return false
		}
	}
	return true
}

// hash tells the mutants of a subject apart.
func (m *mutant) hash() [32]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(m.files[name]))
		h.Write(m.files[name])
	}
	return [32]byte(h.Sum(nil))
}
