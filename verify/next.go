package verify

import (
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
)

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
	switch {
	case folder == nil && listed == nil, folder != nil && listed != nil && *folder == *listed:
		return nil
	case folder == nil:
		return fault.New(fault.Missing, "eos_token_id is missing; by %s texts end with %d", manifest.FileName, *listed)
	case listed == nil:
		return fault.New(fault.Disagreeing, "eos_token_id is %d, by %s no token ends texts", *folder, manifest.FileName)
	}
	return fault.New(fault.Disagreeing, "eos_token_id is %d, by %s texts end with %d", *folder, manifest.FileName, *listed)
}
