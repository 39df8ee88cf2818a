package hfrun

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// settings reads config.json or GenerationFile. The first error stays; later reads return
// zeros. Every member has to be read or named as harmless: an unknown one
// might change what the stock class computes.
type settings struct {
	file    string // its name
	members map[string]json.RawMessage
	read    map[string]bool
	err     error
}

// fail keeps the first error.
func (s *settings) fail(k fault.Kind, format string, args ...any) {
	if s.err == nil {
		s.err = fault.In(s.file, fault.New(k, format, args...))
	}
}

// decode reads a member into v and reports whether it was there.
func (s *settings) decode(key string, v any) bool {
	s.read[key] = true
	text, ok := s.members[key]
	if !ok {
		return false
	}
	if err := json.Unmarshal(text, v); err != nil {
		s.fail(fault.WrongType, "%s: %w", key, err)
	}
	return true
}

// maxSize bounds every size, so that products of two fit an int64 with ease.
const maxSize = 1 << 28

// size reads a required number of things.
func (s *settings) size(key string, least int) int {
	var n *int
	if !s.decode(key, &n) || n == nil {
		s.fail(fault.Missing, "%s is missing", key)
		return least
	}
	if *n < least || *n > maxSize {
		s.fail(fault.TooLarge, "%s is %d, outside %d to %d", key, *n, least, maxSize)
		return least
	}
	return *n
}

// positive reads a required positive number.
func (s *settings) positive(key string) float64 {
	var v *float64
	if !s.decode(key, &v) || v == nil {
		s.fail(fault.Missing, "%s is missing", key)
		return 1
	}
	if !(*v > 0) || math.IsInf(float64(float32(*v)), 0) {
		s.fail(fault.Setting, "%s is %g, not a positive float32", key, *v)
	}
	return *v
}

// text requires a member to be one of the given strings.
func (s *settings) text(key string, want ...string) {
	var v string
	if !s.decode(key, &v) {
		s.fail(fault.Missing, "%s is missing", key)
	} else if !slices.Contains(want, v) {
		s.fail(fault.Setting, "%s is %q; the forward pass knows %q", key, v, want)
	}
}

// token reads a token's id, which may be null or missing. The stock classes do not
// load with a padding outside the vocabulary.
func (s *settings) token(key string, vocab int) *int {
	var id *int
	if s.decode(key, &id) && id != nil && (*id < 0 || *id >= vocab) {
		s.fail(fault.OutOfBounds, "%s is %d in a vocabulary of %d", key, *id, vocab)
	}
	return id
}

// optional requires a member to be absent or to have one value, as JSON.
func (s *settings) optional(key, want string) {
	s.read[key] = true
	if text, ok := s.members[key]; ok && string(text) != want {
		s.fail(fault.Setting, "%s is %.80s; the forward pass knows %s only", key, text, want)
	}
}

// exactly requires a member to be there and to have one value, as JSON.
func (s *settings) exactly(key, want string) {
	if _, ok := s.members[key]; !ok {
		s.fail(fault.Missing, "%s is missing", key)
	}
	s.optional(key, want)
}

// number reads a positive number, which may be missing.
func (s *settings) number(key string, missing float64) float64 {
	if _, ok := s.members[key]; !ok {
		return missing
	}
	return s.positive(key)
}

// harmless names members that do not change what the model computes in
// evaluation mode.
func (s *settings) harmless(keys ...string) {
	for _, key := range keys {
		s.read[key] = true
	}
}

// common reads what all architectures share, and returns the class, which is to
// be one of those given.
func (s *settings) common(known ...string) string {
	var classes []string
	if !s.decode("architectures", &classes) || len(classes) != 1 || !slices.Contains(known, classes[0]) {
		s.fail(fault.Setting, "architectures is %q, not one of %q", classes, known)
		classes = []string{""}
	}
	s.optional("add_cross_attention", "false")
	s.optional("is_encoder_decoder", "false")
	s.harmless("transformers_version", "initializer_range", "use_cache", "tie_word_embeddings",
		"eos_token_id")
	return classes[0]
}

// dtype reads the type in which transformers computes: that of the configuration, by
// either of its names, or else that of the tensors. All tensors are to be of it:
// others would be converted.
func (s *settings) dtype(all *tensors) network.Type {
	var names []string
	for _, key := range []string{"dtype", "torch_dtype"} {
		var name *string
		if s.decode(key, &name) && name != nil {
			names = append(names, *name)
		}
	}
	if names = slices.Compact(names); len(names) > 1 {
		s.fail(fault.Disagreeing, "dtype is %q and torch_dtype %q", names[0], names[1])
	}
	for _, t := range network.Types() {
		if len(names) > 0 && names[0] == t.String() || len(names) == 0 && all.have(t) {
			return t
		}
	}
	if len(names) > 0 {
		s.fail(fault.Setting, "dtype is %q; the forward pass knows %q", names[0], network.Types())
	}
	return network.Float32
}

// Names are what a configuration says of ids beside the network.
type Names struct {
	BOS, PAD *int           // nil where it says nothing
	Labels   []string       // texts of the outputs, in the order of the logits; nil for a language model
	IDs      map[string]int // of these texts; nil where it says nothing
}

// names reads the names of vocab ids. A language model has no labels.
func (s *settings) names(vocab int, next bool) Names {
	n := Names{BOS: s.token("bos_token_id", vocab), PAD: s.token("pad_token_id", vocab)}
	if next {
		s.untied()
		s.harmless("id2label", "label2id", "num_labels")
		return n
	}
	n.Labels = s.labels()
	s.decode("label2id", &n.IDs)
	return n
}

// untied refuses tied weights: those of the embedding would stand in for the
// head, whatever the file holds.
func (s *settings) untied() {
	var tied *bool
	if !s.decode("tie_word_embeddings", &tied) || tied == nil || *tied {
		s.fail(fault.Setting, "tie_word_embeddings is not false: the embedding would stand in for the head")
	}
}

// labels reads id2label, whose length is the number of outputs.
func (s *settings) labels() []string {
	var byID map[string]string
	if !s.decode("id2label", &byID) || len(byID) == 0 {
		s.fail(fault.Missing, "id2label is missing or empty")
		return []string{""}
	}
	labels := make([]string, len(byID))
	for i := range labels {
		label, ok := byID[strconv.Itoa(i)]
		if !ok {
			s.fail(fault.Missing, "id2label has %d labels but none for %d", len(byID), i)
		}
		labels[i] = label
	}
	s.optional("num_labels", strconv.Itoa(len(labels)))
	return labels
}

// finish returns the first error, which may be a member nobody has read.
func (s *settings) finish() error {
	var unknown []string
	for key := range s.members {
		if !s.read[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	if len(unknown) > 0 {
		s.fail(fault.Setting, "unknown settings, which might change the computation: %q", unknown)
	}
	return s.err
}
