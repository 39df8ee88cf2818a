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

// What a program lacks to have a behaviour.
var (
	errNoOutput = errors.New("the program has no s-op as its output")
	errNoDomain = errors.New("the program has no vocabulary or no maximum length")
)

// BehaviourOf returns a hash of what a program computes: its output on a set of
// inputs that depends on the vocabulary, the longest input and the inputs that the program is meant for,
// alone. Programs of equal behaviour have equal ones, whatever their names and
// their operators, and whether a number is an int or a float. Those that differ only
// on inputs outside the set have equal ones, too. The error says why there is no
// behaviour: no output, no vocabulary, an input on which the program is undefined.
func BehaviourOf(p *resolve.Program) (Fingerprint, error) {
	o, err := observe(p)
	return o.behaviour, err
}

// observation is what is seen of a program on its input set.
type observation struct {
	behaviour Fingerprint
	// Of the inputs that are fair:
	most    float64 // the largest share of positions at which the output is one value
	changes float64 // how often the output is not that on the input before, of the same length
}

func observe(p *resolve.Program) (observation, error) {
	s := p.Settings
	switch {
	case p.Output == nil || p.Output.Selector:
		return observation{}, errNoOutput
	case !s.Vocab.Set || !s.MaxLen.Set:
		return observation{}, errNoDomain
	}
	set := newInputSet(s)
	o := observation{}
	h := sha256.New()
	seen := numbering{}
	var counts []int // by number
	total, pairs, changes := 0, 0, 0
	e := batch.New(p.Graph, s.Causal.Value, p.Output.ID, set.alphabet)
	for _, group := range set.groups {
		if len(group.places) == 0 {
			continue
		}
		text := seen.spell(nil, set.tokens(group.places))
		var last []value.Value
		err := e.Run(group.places, group.length, func(_ int, out []value.Value, err error) error {
			text = seen.spell(text, out)
			if !group.fair || err != nil {
				return err
			}
			counts = append(counts, make([]int, len(seen)-len(counts))...)
			for _, v := range out {
				number, _ := seen.of(v)
				counts[number]++
			}
			total += len(out)
			if last != nil {
				pairs++
				if !slices.EqualFunc(last, out, value.Equal) {
					changes++
				}
			}
			last = append(last[:0], out...)
			return nil
		})
		if err != nil {
			return observation{}, err
		}
		h.Write(binary.AppendUvarint(nil, uint64(len(text))))
		h.Write(text)
	}
	if pairs > 0 {
		o.most, o.changes = float64(slices.Max(counts))/float64(total), float64(changes)/float64(pairs)
	}
	o.behaviour = Fingerprint(h.Sum(nil))
	return o, nil
}

// numbering numbers values in the order in which they come, equal ones alike.
type numbering map[value.Key]uint64

// of returns the number of a value, and whether it is new.
func (s numbering) of(v value.Value) (number uint64, isNew bool) {
	number, known := s[v.Key()]
	if !known {
		number = uint64(len(s))
		s[v.Key()] = number
	}
	return number, !known
}

// spell appends a sequence of values: each as its number, and behind that, where
// it comes first, as what it is.
func (s numbering) spell(text []byte, values []value.Value) []byte {
	for _, v := range values {
		number, isNew := s.of(v)
		text = binary.AppendUvarint(text, number)
		if !isNew {
			continue
		}
		word := v.Rat().String()
		if !v.IsNumber() {
			word = v.Repr() // in quotes, so that it is no number
		}
		text = binary.AppendUvarint(text, uint64(len(word)))
		text = append(text, word...)
	}
	return text
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
