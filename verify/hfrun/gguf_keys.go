package hfrun

import (
	"strings"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/ggfile"
)

// keys reads the settings of a GGUF file. The first error stays; later reads return
// zeros. Every key that may change what llama.cpp computes has to be read.
type keys struct {
	file *ggfile.File
	read map[string]bool
	err  error
}

// fail keeps the first error.
func (s *keys) fail(k fault.Kind, format string, args ...any) {
	if s.err == nil {
		s.err = fault.New(k, format, args...)
	}
}

// key reads a required value by one of the methods of values.
func key[T any](s *keys, name string, of func(ggfile.Value) (T, error)) T {
	var zero T
	s.read[name] = true
	if s.err != nil {
		return zero
	}
	v, err := s.file.Setting(name)
	if err == nil {
		var t T
		if t, err = of(v); err == nil {
			return t
		}
		err = fault.New(fault.WrongType, "%s is %w", name, err)
	}
	s.err = err
	return zero
}

func (s *keys) text(name string) string   { return key(s, name, ggfile.Value.Text) }
func (s *keys) flag(name string) bool     { return key(s, name, ggfile.Value.Bool) }
func (s *keys) float(name string) float32 { return key(s, name, ggfile.Value.Float32) }

// size reads a number of things, or an id.
func (s *keys) size(name string, least uint32) int {
	n := key(s, name, ggfile.Value.Uint32)
	if s.err == nil && (n < least || n > maxSize) {
		s.fail(fault.TooLarge, "%s is %d, outside %d to %d", name, n, least, maxSize)
	}
	if s.err != nil {
		return int(max(least, 1))
	}
	return int(n)
}

// tokenizer reads how text becomes ids, and how many there are.
func (s *keys) tokenizer() (*GGUFTokenizer, int) {
	const at = "tokenizer.ggml."
	t := &GGUFTokenizer{Model: s.text(at + "model")}
	if t.Model == "none" {
		return nil, s.size("gpt2.vocab_size", 1)
	}
	t.Texts = key(s, at+"tokens", ggfile.Value.Texts)
	t.Types = key(s, at+"token_type", ggfile.Value.Int32s)
	t.Scores = key(s, at+"scores", ggfile.Value.Float32s)
	t.BOS, t.EOS = s.size(at+"bos_token_id", 0), s.size(at+"eos_token_id", 0)
	t.PAD, t.Unknown = s.size(at+"padding_token_id", 0), s.size(at+"unknown_token_id", 0)
	t.AddBOS, t.AddEOS = s.flag(at+"add_bos_token"), s.flag(at+"add_eos_token")
	t.AddSpace, t.MergeSpaces = s.flag(at+"add_space_prefix"), s.flag(at+"remove_extra_whitespaces")
	if n := len(t.Texts); s.err == nil && (n == 0 || len(t.Types) != n || len(t.Scores) != n) {
		s.fail(fault.Disagreeing, "%d tokens with %d types and %d scores", n, len(t.Types), len(t.Scores))
	}
	return t, len(t.Texts)
}

// finish returns the first error, which may be a key nobody has read. Those of
// general and raspc describe the file.
func (s *keys) finish() error {
	for _, name := range s.file.Keys() {
		if !s.read[name] && !strings.HasPrefix(name, "general.") && !strings.HasPrefix(name, "raspc.") {
			s.fail(fault.Setting, "the setting %q is unknown, which might change the computation", name)
		}
	}
	return s.err
}
