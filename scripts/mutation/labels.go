package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
)

// renameLabel renames what the model gives or takes: in the manifest, in the
// weights, or in the files that stock runtimes read the names from.
func renameLabel(ctx context.Context, s *subject, rng *rand.Rand) (*mutant, error) {
	m, err := s.manifest()
	if err != nil {
		return nil, err
	}
	kinds := []func(context.Context, *subject, *manifest.Manifest, *rand.Rand) (*mutant, error){renameInManifest, exchangeOutputs}
	if s.format == raspc.FormatSafetensors {
		kinds = append(kinds, renameInConfig, renameToken)
	}
	return one(rng, kinds...)(ctx, s, m, rng)
}

// two chooses two different numbers below n, which is at least two.
func two(rng *rand.Rand, n int) (int, int) {
	i, j := rng.IntN(n), rng.IntN(n-1)
	if j >= i {
		j++
	}
	return i, j
}

// renameInManifest gives a label another value, or exchanges two, in the manifest
// and, where there is one, in config.json.
func renameInManifest(_ context.Context, s *subject, m *manifest.Manifest, rng *rand.Rand) (*mutant, error) {
	labels := m.Output.Labels
	if len(labels) < 2 {
		return nil, nil
	}
	i, j := two(rng, len(labels))
	what := fmt.Sprintf("the labels %s and %s are exchanged", labels[i].Text, labels[j].Text)
	if rng.IntN(2) == 0 {
		labels[i], labels[j] = labels[j], labels[i]
	} else {
		what = fmt.Sprintf("the label %s is renamed", labels[i].Text)
		labels[i] = other(labels[i])
	}
	files := map[string][]byte{}
	var err error
	if files[manifest.FileName], err = encodeManifest(m); err != nil {
		return nil, err
	}
	if config, ok := s.files[configFile]; ok {
		files[configFile], err = edited(config, func(members map[string]any) {
			byText := map[string]any{}
			for i, text := range m.Output.Spelled() {
				members["id2label"].(map[string]any)[strconv.Itoa(i)] = text
				byText[text] = i
			}
			members["label2id"] = byText
		})
	}
	return &mutant{what: what, files: files}, err
}

// other is a value of an atom's kind that is no label.
func other(a manifest.Atom) manifest.Atom {
	if a.Kind == "string" {
		return manifest.Atom{Kind: a.Kind, Text: a.Text + "'", Exact: a.Exact + "'"}
	}
	return manifest.Atom{Kind: "int", Text: "1000", Exact: "1000"}
}

// exchangeOutputs exchanges the weights of two labels.
func exchangeOutputs(ctx context.Context, s *subject, m *manifest.Manifest, rng *rand.Rand) (*mutant, error) {
	if len(m.Output.Labels) < 2 {
		return nil, nil
	}
	i, j := two(rng, len(m.Output.Labels))
	return onWeights(func(w *weights, rng *rand.Rand) string {
		if t := w.named("unembed.weight"); t != nil {
			exchange(t, t, 1, i, j)
		} else {
			for _, name := range []string{"classifier.weight", "classifier.bias"} {
				t := w.named(name)
				exchange(t, t, 0, i, j)
			}
		}
		return fmt.Sprintf("the weights of the outputs %d and %d are exchanged", i, j)
	})(ctx, s, rng)
}

// renameInConfig renames a label in config.json alone.
func renameInConfig(_ context.Context, s *subject, m *manifest.Manifest, rng *rand.Rand) (*mutant, error) {
	i := rng.IntN(max(1, len(m.Output.Labels)))
	data, err := edited(s.files[configFile], func(members map[string]any) {
		members["id2label"].(map[string]any)[strconv.Itoa(i)] = "renamed"
	})
	return &mutant{what: fmt.Sprintf("%s renames the label %d", configFile, i), files: map[string][]byte{configFile: data}}, err
}

// renameToken exchanges two tokens in tokenizer.json.
func renameToken(_ context.Context, s *subject, m *manifest.Manifest, rng *rand.Rand) (*mutant, error) {
	i, j := two(rng, len(m.Tokens.Vocab))
	a, b := m.Tokens.Vocab[i], m.Tokens.Vocab[j]
	data, err := edited(s.files[tokenizerFile], func(members map[string]any) {
		vocab := members["model"].(map[string]any)["vocab"].(map[string]any)
		vocab[a], vocab[b] = vocab[b], vocab[a]
	})
	return &mutant{what: fmt.Sprintf("%s exchanges %s and %s", tokenizerFile, a, b), files: map[string][]byte{tokenizerFile: data}}, err
}
