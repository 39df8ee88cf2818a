package hf

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shards are the names of the weights of identity("a", "b") in files of at most
// 100 bytes.
var shards = []string{
	"model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", IndexFile,
}

func TestShardedFolder(t *testing.T) {
	m, man := identity("a", "b")
	files, order := contents(t, m, man, Options{ShardSize: 100})
	want := append(slices.Clone(shards), TokenizerFile, TokenizerConfigFile, ConfigFile)
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal([]byte(files[IndexFile]), &index); err != nil {
		t.Fatal(err)
	}
	for tensor, name := range index.WeightMap {
		if !strings.Contains(files[name], `"`+tensor+`":`) {
			t.Errorf("%s lacks %s", name, tensor)
		}
	}
	for _, name := range shards[:3] {
		for _, text := range []string{`"arch":"gpt2"`, `"format":"pt"`, `"program_sha256":"abc"`} {
			if !strings.Contains(files[name], text) {
				t.Errorf("the metadata of %s lacks %s", name, text)
			}
		}
	}
	whole, _ := contents(t, m, man, Options{})
	for name, text := range whole {
		if name != WeightsFile && files[name] != text {
			t.Errorf("%s differs where the weights are sharded", name)
		}
	}
}

// TestShardSize reads the bound as the bytes of the tensors, all of which one
// file holds.
func TestShardSize(t *testing.T) {
	m, man := identity("a", "b")
	all := int64(4 * (4*4 + 5*4 + 4 + 4 + 2*4 + 2)) // embeddings, ln_f, classifier
	for _, c := range []struct {
		size int64
		want string
	}{{0, WeightsFile}, {all, WeightsFile}, {all - 1, IndexFile}, {1, IndexFile}} {
		folder, err := Plan(m, man, Options{ShardSize: c.size})
		if err != nil {
			t.Fatal(err)
		}
		if folder.Weights != c.want {
			t.Errorf("%d bytes a shard: readers start from %s, not %s", c.size, folder.Weights, c.want)
		}
	}
	if _, err := Plan(m, man, Options{ShardSize: -1}); err == nil || !strings.Contains(err.Error(), "-1 bytes") {
		t.Errorf("a negative size: %v", err)
	}
}

func TestShardsOnAFullDisk(t *testing.T) {
	m, man := identity("a", "b")
	folder, err := Plan(m, man, Options{ShardSize: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folder.Files {
		if err := f.Write(full{}); !errors.Is(err, errFull) {
			t.Errorf("%s: error is %v", f.Name, err)
		}
	}
}

func TestIsFile(t *testing.T) {
	for name, want := range map[string]bool{
		ConfigFile: true, TokenizerFile: true, TokenizerConfigFile: true, WeightsFile: true, IndexFile: true,
		"model-00001-of-00002.safetensors": true, "model-100000-of-100000.safetensors": true,
		"": false, "vocab.txt": false, "model-0001-of-0002.safetensors": false, "model-00001-of-00002.safetensors.index.json": false,
		"amodel-00001-of-00002.safetensors": false, "model-00001-of-00002xsafetensors": false, "model-00001-of-00002.safetensors\n": false,
	} {
		if IsFile(name) != want {
			t.Errorf("%q is a file of a folder: %v", name, !want)
		}
	}
}
