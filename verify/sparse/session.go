package sparse

import (
	"fmt"

	"github.com/raspc/raspc/verify/network"
)

// Session evaluates inputs one after the other. It is for one goroutine.
type Session struct {
	n      *network.Network
	levels []level // one a layer, and one behind the last

	first [][]int32   // stream at level 0 of each token at each position, or -1
	ids   [][]int32   // streams of the last input, at each level
	keys  [][][]int32 // keys of the last input, at each level, of each head
	last  []int       // the last input, BOS in front

	bytes, limit int
	resets       int
}

// DefaultLimit is the memory of a session, in bytes, above which it begins anew.
const DefaultLimit = 256 << 20

// NewSession prepares the evaluation of a network, which must not change.
func NewSession(n *network.Network, limit int) *Session {
	s := &Session{n: n, limit: limit}
	s.reset()
	return s
}

// reset forgets all streams.
func (s *Session) reset() {
	s.levels = s.levels[:0]
	for i := range s.n.Layers {
		s.levels = append(s.levels, newLevel(s.n, &s.n.Layers[i]))
	}
	s.levels = append(s.levels, newLevel(s.n, nil))
	s.first = make([][]int32, len(s.n.Positions))
	s.ids = make([][]int32, len(s.levels))
	s.keys = make([][][]int32, len(s.levels))
	for i := range s.levels {
		s.keys[i] = make([][]int32, len(s.levels[i].heads))
	}
	s.last, s.bytes = s.last[:0], 0
	s.resets++
}

// Resets counts how often the session has begun anew; rows have other numbers
// then.
func (s *Session) Resets() int { return s.resets }

// Rows returns how many different rows of logits there are.
func (s *Session) Rows() int { return len(s.levels[len(s.levels)-1].logits) }

// Row returns the logits of a number below Rows.
func (s *Session) Row(number int32) []float32 { return s.levels[len(s.levels)-1].logits[number] }

// Run evaluates an input, token ids without BOS, and returns the number of the
// logits at each of its positions. They hold until the next Run. It is an error
// if there are too many tokens, an id that is not in the vocabulary, or an
// activation that overflows float32.
func (s *Session) Run(input []int) ([]int32, error) {
	if s.bytes > s.limit {
		s.reset()
	}
	if len(input) >= len(s.n.Positions) {
		return nil, fmt.Errorf("%d tokens behind BOS; the network takes up to %d", len(input), len(s.n.Positions)-1)
	}
	common := s.common(input)
	s.last = append(append(s.last[:0], s.n.BOS), input...)
	rows, err := s.run(common)
	if err != nil {
		s.last = s.last[:0] // what is left of the streams belongs to no input
		return nil, err
	}
	return rows[1:], nil
}

// common counts the first positions that an input has in common with the last one.
func (s *Session) common(input []int) int {
	if len(s.last) == 0 {
		return 0
	}
	n := 1
	for n <= len(input) && n < len(s.last) && s.last[n] == input[n-1] {
		n++
	}
	return n
}

// run brings the streams of all levels up to date with s.last, of which the first
// positions are those of the input before.
func (s *Session) run(common int) ([]int32, error) {
	if err := s.embed(common); err != nil {
		return nil, err
	}
	for l := range len(s.levels) - 1 {
		from := 0
		if s.n.Causal {
			from = common
		}
		if err := s.layer(l, common, from); err != nil {
			return nil, err
		}
		common = from
	}
	return s.ids[len(s.levels)-1], nil
}

// embed numbers the streams of level 0.
func (s *Session) embed(common int) error {
	ids := s.ids[0][:common]
	for i, token := range s.last[common:] {
		id, err := s.embedded(token, common+i)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	s.ids[0] = ids
	return nil
}

// embedded returns the stream of a token at a position.
func (s *Session) embedded(token, position int) (int32, error) {
	if token < 0 || token >= len(s.n.Tokens) {
		return 0, fmt.Errorf("token id %d; the vocabulary has %d", token, len(s.n.Tokens))
	}
	row := s.first[position]
	if row == nil {
		row = make([]int32, len(s.n.Tokens))
		for i := range row {
			row[i] = -1
		}
		s.first[position] = row
		s.bytes += 4 * len(row)
	}
	if row[token] < 0 {
		id, bytes, err := s.levels[0].stream(s.n, embedded(s.n, token, position))
		if err != nil {
			return 0, err
		}
		row[token] = id
		s.bytes += bytes
	}
	return row[token], nil
}

// layer brings the streams behind a layer up to date. Before it, the first
// positions are unchanged since the last input, behind it those before from.
func (s *Session) layer(l, unchanged, from int) error {
	level, ids, keys := &s.levels[l], s.ids[l], s.keys[l]
	for i := range level.heads {
		h := &level.heads[i]
		k := keys[i][:unchanged]
		for _, id := range ids[unchanged:] {
			k = append(k, h.key[id])
		}
		keys[i] = k
		h.hold(k[0])
	}
	next := s.ids[l+1][:from]
	for i, id := range ids[from:] {
		seen := len(ids)
		if s.n.Causal {
			seen = from + i + 1
		}
		behind, err := s.step(l, id, seen)
		if err != nil {
			return err
		}
		next = append(next, behind)
	}
	s.ids[l+1] = next
	return nil
}

// step returns what a layer makes of a stream that sees the first positions.
func (s *Session) step(l int, id int32, seen int) (int32, error) {
	level := &s.levels[l]
	around, bytes := level.surroundings(id, s.keys[l], seen)
	s.bytes += bytes
	if behind := level.after.get(around); behind >= 0 {
		return behind, nil
	}
	x := level.compute(id, s.keys[l], seen)
	behind, bytes, err := s.levels[l+1].stream(s.n, x)
	if err != nil {
		return 0, err
	}
	s.bytes += bytes + level.after.put(around, behind)
	return behind, nil
}
