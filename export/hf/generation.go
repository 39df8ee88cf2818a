package hf

import "github.com/raspc/raspc/backend/decoder"

// generation is generation_config.json: how generate() continues a text unless
// it is told otherwise. Each time it takes the token with the largest logit.
type generation struct {
	BOS       int  `json:"bos_token_id"`
	EOS       *int `json:"eos_token_id"`
	PAD       int  `json:"pad_token_id"`
	DoSample  bool `json:"do_sample"`
	MaxLength int  `json:"max_length"`
	UseCache  bool `json:"use_cache"`
}

// newGeneration returns the settings for a model: texts end behind the token eos
// or with as many tokens, BOS included, as the model has positions.
func newGeneration(c decoder.Config, l labels) generation {
	return generation{BOS: c.BOS, EOS: l.eos, PAD: c.PAD, MaxLength: c.Positions, UseCache: true}
}
