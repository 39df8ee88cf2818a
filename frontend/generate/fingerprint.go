package generate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"github.com/raspc/raspc/frontend/batch"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Fingerprint is a hash of 256 bits; what has the same one is taken to be the same.
type Fingerprint [sha256.Size]byte

// String returns 64 hexadecimal digits.
func (f Fingerprint) String() string { return fmt.Sprintf("%x", f[:]) }

// BehaviourOf returns a hash of what a program computes: its output on a set of
// inputs that depends on the vocabulary, the longest input and the inputs that the program is meant for,
// alone. Programs of equal behaviour have equal ones, whatever their names and
// their operators, and whether a number is an int or a float. Those that differ only
// on inputs outside the set have equal ones, too. The error says why there is no
// behaviour: no output, no vocabulary, an input on which the program is undefined.
func BehaviourOf(p *resolve.Program) (Fingerprint, error) {
	if err := lacks(p); err != nil {
		return Fingerprint{}, err
	}
	o, err := observe(p, newInputSet(p.Settings))
	return o.behaviour, err
}

// lacks says why a program has no behaviour, whatever its inputs.
func lacks(p *resolve.Program) error {
	switch {
	case p.Output == nil || p.Output.Selector:
		return errors.New("the program has no s-op as its output")
	case !p.Settings.Vocab.Set || !p.Settings.MaxLen.Set:
		return errors.New("the program has no vocabulary or no maximum length")
	}
	return nil
}

// observation is what is seen of a program on its input set.
type observation struct {
	behaviour Fingerprint
	// Of the inputs that are fair:
	most    float64 // the largest share of positions at which the output is one value
	changes float64 // how often the output is not that on the input before, of the same length
}

func observe(p *resolve.Program, set *inputSet) (observation, error) {
	var text []byte
	var seen numbering
	for _, v := range set.alphabet {
		text, _ = seen.spell(text, v)
	}
	var counts []int // by number
	total, pairs, changes := 0, 0, 0
	e := batch.New(p.Graph, p.Settings.Causal.Value, p.Output.ID, set.alphabet)
	for _, group := range set.groups {
		text = binary.AppendUvarint(text, uint64(len(group.places)))
		for _, place := range group.places {
			text = binary.AppendUvarint(text, uint64(place))
		}
		now, last := make([]uint64, group.length), make([]uint64, group.length)
		err := e.Run(group.places, group.length, func(number int, out []value.Value, err error) error {
			for i, v := range out {
				text, now[i] = seen.spell(text, v)
			}
			if !group.fair || err != nil {
				return err
			}
			counts = append(counts, make([]int, len(seen.numbers)-len(counts))...)
			for _, n := range now {
				counts[n]++
			}
			total += len(now)
			if number > 0 {
				pairs++
			}
			if number > 0 && !slices.Equal(now, last) {
				changes++
			}
			now, last = last, now
			return nil
		})
		if err != nil {
			return observation{}, err
		}
	}
	o := observation{behaviour: sha256.Sum256(text)}
	if pairs > 0 {
		o.most, o.changes = float64(slices.Max(counts))/float64(total), float64(changes)/float64(pairs)
	}
	return o, nil
}

// numbering numbers values in the order in which they come, equal ones alike.
type numbering struct{ numbers map[value.Key]uint64 }

// of returns the number of a value, and whether it is new.
func (s *numbering) of(v value.Value) (number uint64, isNew bool) {
	number, known := s.numbers[v.Key()]
	if known {
		return number, false
	}
	if s.numbers == nil {
		s.numbers = map[value.Key]uint64{}
	}
	number = uint64(len(s.numbers))
	s.numbers[v.Key()] = number
	return number, true
}

// spell appends the number of a value, and behind that, where it is new, what it is.
func (s *numbering) spell(text []byte, v value.Value) ([]byte, uint64) {
	number, isNew := s.of(v)
	text = binary.AppendUvarint(text, number)
	if !isNew {
		return text, number
	}
	word := v.Rat().String()
	if !v.IsNumber() {
		word = v.Repr() // in quotes, so that it is no number
	}
	text = binary.AppendUvarint(text, uint64(len(word)))
	return append(text, word...), number
}

// GraphOf returns a hash of the s-ops and selectors that an output is computed from.
// Names, the order of declarations, and what the output does not depend on are not in it.
func GraphOf(g *sop.Graph, output sop.ID) Fingerprint {
	hashes := make([]Fingerprint, g.Len())
	for _, id := range g.Reachable(output) {
		n := g.Node(id)
		h := sha256.New()
		write(h, n.Op.String(), n.Read.String(), n.Cmp.String(), strconv.FormatBool(n.HasDefault))
		write(h, n.Value.Kind().String(), n.Value.Repr())
		if n.Table != nil {
			write(h, n.Table.String())
		}
		for _, a := range n.Args {
			h.Write(hashes[a][:])
		}
		hashes[id] = Fingerprint(h.Sum(nil))
	}
	return hashes[output]
}

// write hashes texts with their lengths, so that none runs into the next.
func write(h hash.Hash, texts ...string) {
	for _, t := range texts {
		h.Write(binary.AppendUvarint(nil, uint64(len(t))))
		h.Write([]byte(t))
	}
}
