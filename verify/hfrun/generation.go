package hfrun

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/strictjson"
)

// GenerationFile says how stock code continues texts with a language model.
const GenerationFile = "generation_config.json"

// readGeneration reads GenerationFile, if the folder has one. It is an error if
// texts would go on with another token than that with the largest logit, or
// beyond the positions of the model.
func (m *Model) readGeneration(dir string) error {
	text, err := fault.ReadFile(filepath.Join(dir, GenerationFile), maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.Under(dir, m.parseGeneration(text))
}

// parseGeneration is readGeneration on the content of the file.
func (m *Model) parseGeneration(text []byte) error {
	members, err := strictjson.Object(text)
	if err != nil {
		return fault.In(GenerationFile, err)
	}
	s := &settings{file: GenerationFile, members: members, read: map[string]bool{}}
	s.optional("do_sample", "false")
	s.optional("num_beams", "1")
	var most int
	if s.decode("max_length", &most) && most > m.sizes.positions {
		s.fail(fault.OutOfBounds, "max_length is %d, the model has %d positions", most, m.sizes.positions)
	}
	m.eos = s.token("eos_token_id", m.sizes.vocab)
	s.token("pad_token_id", m.sizes.vocab)
	s.harmless("bos_token_id", "use_cache", "output_attentions", "output_hidden_states", "transformers_version", "_from_model_config")
	return s.finish()
}
