package verify

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun"
)

// openLens opens the folder for TransformerLens, whose weights have the given
// name, and holds its tokens and labels, by which users read it, to the
// manifest's.
func openLens(dir, name string, man *manifest.Manifest) (*hfrun.Lens, error) {
	if want := path.Join(hfrun.LensFolder, hfrun.WeightsFile); name != want {
		return nil, fmt.Errorf("the weights for TransformerLens are in %s, not in %s", want, name)
	}
	l, err := hfrun.OpenLens(dir)
	if err != nil {
		return nil, err
	}
	err = sameValues("token", l.Tokens, man.Options.Vocab)
	if err == nil {
		err = sameValues("label", l.Labels, man.Output.Labels)
	}
	if t := man.Tokens; err == nil && (l.BOS != t.BOS || l.PAD != t.PAD) {
		err = fault.New(fault.Disagreeing, "BOS and PAD are %d and %d, in %s %d and %d", l.BOS, l.PAD, manifest.FileName, t.BOS, t.PAD)
	}
	return l, fault.In(filepath.Join(dir, hfrun.LensFolder, hfrun.ConfigFile), err)
}

// sameValues compares values with those of the manifest, as JSON has them: fractions as
// the doubles that stand for them.
func sameValues(what string, have []json.RawMessage, want []manifest.Atom) error {
	if len(have) != len(want) {
		return fault.New(fault.Disagreeing, "%d %ss, in %s %d", len(have), what, manifest.FileName, len(want))
	}
	for i, atom := range want {
		v, err := atom.Value()
		if err != nil {
			return err
		}
		got, err := value.FromJSON(have[i])
		if err != nil {
			return fault.New(fault.WrongType, "%s %d: %w", what, i, err)
		}
		if !value.Equal(got, v) && inJSON(got) != inJSON(v) {
			return fault.New(fault.Disagreeing, "%s %d is %s, in %s %s", what, i, got.Repr(), manifest.FileName, v.Repr())
		}
	}
	return nil
}

func inJSON(v value.Value) string {
	text, err := v.MarshalJSON()
	if err != nil {
		panic("verify: a value that JSON does not have: " + err.Error())
	}
	return string(text)
}
