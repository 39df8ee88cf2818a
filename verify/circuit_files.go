package verify

import (
	"path/filepath"
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// hostFits compares the ids of BOS and PAD that config.json tells users' runtimes with
// those at which the program's stand in a host, whose description fits the weights.
func hostFits(m *hfrun.Model, h *manifest.Host) error {
	n, names := len(h.Tokens), m.Names()
	for _, t := range []struct {
		key  string
		got  *int
		want int
	}{{"bos_token_id", names.BOS, h.Tokens[n-2]}, {"pad_token_id", names.PAD, h.Tokens[n-1]}} {
		if t.got == nil || *t.got != t.want {
			return fault.New(fault.Disagreeing, "%s is not %d, as by %s", t.key, t.want, manifest.FileName)
		}
	}
	return nil
}

// checkHostTokenizer verifies that the tokenizer of a host, which must be there where it is
// listed, makes of a text of the program's tokens the ids at which these stand. It may have
// others.
func checkHostTokenizer(dir string, m *manifest.Manifest, listed bool) error {
	var t tokenizer
	var c tokenizerConfig
	there, err := readTokenizer(filepath.Join(dir, tokenizerFile), listed, &t)
	if err != nil || !there {
		return err
	}
	also, err := readTokenizer(filepath.Join(dir, tokenizerConfigFile), listed, &c)
	if err != nil {
		return err
	}
	if err := t.fitsHost(m); err != nil || !also {
		return fault.In(filepath.Join(dir, tokenizerFile), err)
	}
	return fault.In(filepath.Join(dir, tokenizerConfigFile), c.fitsHost(&t, m))
}

// fitsHost compares the tokenizer's ids with those of the program's tokens in a host.
func (t *tokenizer) fitsHost(m *manifest.Manifest) error {
	ids, n := m.Host.Tokens, len(m.Tokens.Vocab)
	for i, text := range m.Tokens.Vocab {
		if got, ok := t.Model.Vocab[text]; !ok || got != ids[i] {
			return fault.New(fault.Disagreeing, "the token %q does not have the id %d, as by %s", text, ids[i], manifest.FileName)
		}
	}
	if t.special(ids[n]) == "" || t.special(ids[n+1]) == "" {
		return fault.New(fault.Disagreeing, "the ids %d and %d are not those of special tokens", ids[n], ids[n+1])
	}
	if _, ok := t.Model.Vocab[t.Model.Unknown]; ok || t.Model.Unknown == "" {
		return fault.New(fault.Setting, "unknown tokens are read as %q", t.Model.Unknown)
	}
	return t.reads(manifest.Tokens{Vocab: t.inOrder(), BOS: ids[n], PAD: ids[n+1]})
}

// inOrder lists the tokens by their ids.
func (t *tokenizer) inOrder() []string {
	all := make([]string, 0, len(t.Model.Vocab))
	for text := range t.Model.Vocab {
		all = append(all, text)
	}
	slices.SortFunc(all, func(a, b string) int { return t.Model.Vocab[a] - t.Model.Vocab[b] })
	return all
}

// fitsHost compares the configuration with its tokenizer and the host.
func (c *tokenizerConfig) fitsHost(t *tokenizer, m *manifest.Manifest) error {
	n := len(m.Tokens.Vocab)
	if least := m.Options.MaxLen + 1; c.MaxLen != 0 && c.MaxLen < float64(least) {
		return fault.New(fault.Disagreeing, "model_max_length is %g, the program's longest input has %d tokens with BOS", c.MaxLen, least)
	}
	as := *m
	as.Tokens.BOS, as.Tokens.PAD = m.Host.Tokens[n], m.Host.Tokens[n+1]
	own := *c
	own.MaxLen = 0
	return own.fits(t, &as)
}
