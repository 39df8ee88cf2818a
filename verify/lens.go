package verify

import (
	"context"
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
	return l, fault.In(filepath.Join(dir, hfrun.LensFolder, hfrun.ConfigFile), lensFits(l, man))
}

// Lens verifies what TransformerLens loads while it is in memory: the contents of
// config.json and of model.safetensors, of which the manifest speaks. Options.Formats is
// of no account.
func Lens(ctx context.Context, man *manifest.Manifest, config, weights []byte, o Options) (*Report, error) {
	s, err := newSubject(man, o.Program)
	if err != nil {
		return nil, err
	}
	l, err := hfrun.ParseLens(config, weights)
	if err != nil {
		return nil, err
	}
	if err := lensFits(l, man); err != nil {
		return nil, fault.In(hfrun.ConfigFile, err)
	}
	file := openedLens(l, path.Join(hfrun.LensFolder, hfrun.WeightsFile), man)
	return s.report(ctx, []opened{file}, o)
}

// openedLens is the runner of a HookedTransformer.
func openedLens(l *hfrun.Lens, name string, man *manifest.Manifest) opened {
	net, err := l.Network(man.Tokens.BOS)
	return checked(opened{Runner: l, file: name, name: l.Arch()}, net, err)
}

// lensFits holds the tokens and the labels, by which users read a model, to the
// manifest's.
func lensFits(l *hfrun.Lens, man *manifest.Manifest) error {
	err := sameValues("token", l.Tokens, man.Options.Vocab)
	if err == nil {
		err = sameValues("label", l.Labels, man.Output.Labels)
	}
	if t := man.Tokens; err == nil && (l.BOS != t.BOS || l.PAD != t.PAD) {
		err = fault.New(fault.Disagreeing, "BOS and PAD are %d and %d, in %s %d and %d", l.BOS, l.PAD, manifest.FileName, t.BOS, t.PAD)
	}
	return err
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
