package verify

import (
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// configFits compares what config.json tells users' runtimes, beside the network,
// with the manifest: the labels and the ids of BOS and PAD. The files are run on
// ids and give numbers of labels, so that nothing else would show a wrong one.
func configFits(m *hfrun.Model, man *manifest.Manifest) error {
	names := m.Names()
	if err := specialsFit(names, spellingOf(man)); err != nil {
		return err
	}
	if m.NextTokens() != (man.Output.Task == manifest.CausalLM) {
		return fault.New(fault.Disagreeing, "of this file and %s one has outputs that are token ids, and the other has not", manifest.FileName)
	}
	if m.NextTokens() {
		return idsFit(man)
	}
	return labelsFit(names, man.Output.Spelled())
}

// specialsFit compares the ids of BOS and PAD.
func specialsFit(names hfrun.Names, want spelling) error {
	for _, t := range []struct {
		key  string
		got  *int
		want int
	}{{"bos_token_id", names.BOS, want.bos}, {"pad_token_id", names.PAD, want.pad}} {
		if t.got == nil {
			return fault.New(fault.Missing, "%s is missing; %s has %d", t.key, manifest.FileName, t.want)
		}
		if *t.got != t.want {
			return fault.New(fault.Disagreeing, "%s is %d, %s has %d", t.key, *t.got, manifest.FileName, t.want)
		}
	}
	return nil
}

// labelsFit compares the labels in both directions.
func labelsFit(names hfrun.Names, want []string) error {
	if len(names.Labels) != len(want) {
		return fault.New(fault.Disagreeing, "id2label has %d labels, %s has %d", len(names.Labels), manifest.FileName, len(want))
	}
	for i, text := range want {
		if names.Labels[i] != text {
			return fault.New(fault.Disagreeing, "id2label calls output %d %q, by %s it is %q", i, names.Labels[i], manifest.FileName, text)
		}
		if id, ok := names.IDs[text]; names.IDs != nil && (!ok || id != i) {
			return fault.New(fault.Disagreeing, "label2id does not give %q the id %d, as id2label and %s do", text, i, manifest.FileName)
		}
	}
	if names.IDs != nil && len(names.IDs) != len(want) {
		return fault.New(fault.Disagreeing, "label2id has %d labels, id2label has %d", len(names.IDs), len(want))
	}
	return nil
}
