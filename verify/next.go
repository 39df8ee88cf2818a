package verify

import (
	"cmp"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// nextFits compares what the outputs of a language model mean to stock code with
// what they mean by the manifest.
func nextFits(m *hfrun.Model, man *manifest.Manifest) error {
	return cmp.Or(idsFit(man), endFits(m.EOS(), man.Output.EOS))
}

// idsFit wants the output with the number of a token to be that token, and no
// other to be one.
func idsFit(man *manifest.Manifest) error {
	vocab, labels := man.Options.Vocab, man.Output.Labels
	const specials = 2
	if len(labels) != len(vocab)+specials {
		return fault.New(fault.Disagreeing, "%s has %d labels for %d token ids", manifest.FileName, len(labels), len(vocab)+specials)
	}
	id := map[string]int{}
	for i, a := range vocab {
		id[a.Kind+" "+a.Exact] = i
	}
	for i, a := range labels {
		if at, ok := id[a.Kind+" "+a.Exact]; ok != (i < len(vocab)) || ok && at != i {
			return fault.New(fault.Disagreeing, "output %d is %q by %s, which is not what the token id stands for", i, a.Text, manifest.FileName)
		}
	}
	return nil
}

// endFits compares the tokens with which texts end.
func endFits(folder, listed *int) error {
	if (folder == nil) != (listed == nil) || folder != nil && *folder != *listed {
		return fault.New(fault.Disagreeing, "%s and %s differ in the token with which texts end", hfrun.GenerationFile, manifest.FileName)
	}
	return nil
}
