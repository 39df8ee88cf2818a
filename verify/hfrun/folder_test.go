package hfrun_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/hfrun"
)

// sharded writes a small model with several tensors a file and returns the
// folder.
func sharded(t testing.TB, m *decoder.Model) string {
	t.Helper()
	dir := t.TempDir()
	if start := writeFolder(t, dir, m, manifest.Categorical, hf.Options{ShardSize: 200}); start != hfrun.IndexFile {
		t.Fatalf("the weights are found by %s", start)
	}
	return dir
}

func small(causal bool) *decoder.Model {
	return random(rand.New(rand.NewPCG(9, 9)), shape{Tokens: 2, MaxLen: 3, Layers: 1, Heads: 1, DModel: 5, DHead: 2, DMLP: 4, Outputs: 2, Causal: causal})
}

// TestShardsAreTheSameModel compares a sharded folder with one that is not.
func TestShardsAreTheSameModel(t *testing.T) {
	for _, causal := range []bool{true, false} {
		m := small(causal)
		split, err := hfrun.Open(sharded(t, m))
		if err != nil {
			t.Fatal(err)
		}
		whole := export(t, m, manifest.Categorical)
		if split.Weights() != hfrun.IndexFile || whole.Weights() != hfrun.WeightsFile {
			t.Errorf("found by %s and %s", split.Weights(), whole.Weights())
		}
		ids, mask, _ := inputs(rand.New(rand.NewPCG(1, 1)), m, 5)
		got, err := split.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		want, err := whole.Run(ids, mask)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("causal %v: %s", causal, diff)
		}
	}
}

// firstShard returns the path of the shard that holds the embedding.
func firstShard(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, hfrun.IndexFile))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, index.WeightMap["transformer.wte.weight"])
}

// move renames a file.
func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedFolders changes what is in a sharded folder.
func TestDamagedFolders(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir, shard string)
		want   string
	}{
		"a whole file beside the index": {func(t *testing.T, dir, _ string) {
			_, weights := contents(t, true)
			write(t, filepath.Join(dir, hfrun.WeightsFile), weights)
		}, "both model.safetensors and model.safetensors.index.json"},
		"a dangling link beside the index": {func(t *testing.T, dir, _ string) {
			link(t, "nowhere", filepath.Join(dir, hfrun.WeightsFile))
		}, "both"},
		"a shard is missing": {func(t *testing.T, _, shard string) {
			if err := os.Remove(shard); err != nil {
				t.Fatal(err)
			}
		}, "model-00001-of-"},
		"a shard is a folder": {func(t *testing.T, dir, shard string) {
			move(t, shard, filepath.Join(dir, "away"))
			if err := os.Mkdir(shard, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file"},
		"a shard is a link out of the folder": {func(t *testing.T, _, shard string) {
			outside := filepath.Join(t.TempDir(), "shard")
			move(t, shard, outside)
			link(t, outside, shard)
		}, "escapes"},
		"a shard is cut": {func(t *testing.T, _, shard string) {
			if err := os.Truncate(shard, 100); err != nil {
				t.Fatal(err)
			}
		}, "model-00001-of-"},
		"a shard in the place of another": {func(t *testing.T, dir, shard string) {
			data, err := os.ReadFile(shard)
			if err != nil {
				t.Fatal(err)
			}
			others, err := filepath.Glob(filepath.Join(dir, "model-00002-of-*"))
			if err != nil || len(others) != 1 {
				t.Fatal(others, err)
			}
			write(t, others[0], data)
		}, "does not place it there"},
		"the index is a folder": {func(t *testing.T, dir, _ string) {
			path := filepath.Join(dir, hfrun.IndexFile)
			move(t, path, filepath.Join(dir, "away"))
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "not a regular file"},
		"the index is a link out of the folder": {func(t *testing.T, dir, _ string) {
			path, outside := filepath.Join(dir, hfrun.IndexFile), filepath.Join(t.TempDir(), "index")
			move(t, path, outside)
			link(t, outside, path)
		}, "escapes"},
		"the index is huge": {func(t *testing.T, dir, _ string) {
			if err := os.Truncate(filepath.Join(dir, hfrun.IndexFile), 1<<40); err != nil {
				t.Fatal(err)
			}
		}, "longer than"},
		"the index is cut": {func(t *testing.T, dir, _ string) {
			if err := os.Truncate(filepath.Join(dir, hfrun.IndexFile), 100); err != nil {
				t.Fatal(err)
			}
		}, "not JSON"},
		"no index": {func(t *testing.T, dir, _ string) {
			if err := os.Remove(filepath.Join(dir, hfrun.IndexFile)); err != nil {
				t.Fatal(err)
			}
		}, hfrun.WeightsFile},
	} {
		t.Run(name, func(t *testing.T) {
			dir := sharded(t, small(true))
			c.damage(t, dir, firstShard(t, dir))
			if _, err := hfrun.Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

// TestLinksInsideTheFolder are followed: they lead to files of the folder.
func TestLinksInsideTheFolder(t *testing.T) {
	dir := sharded(t, small(true))
	shard := firstShard(t, dir)
	move(t, shard, filepath.Join(dir, "blob"))
	link(t, "blob", shard)
	if _, err := hfrun.Open(dir); err != nil {
		t.Error(err)
	}
}

// TestShardsOfAnotherArchitecture names the shard of a tensor that is not the
// model's, and the index where one is missing.
func TestShardsOfAnotherArchitecture(t *testing.T) {
	for want, change := range map[string]map[string]any{
		"-of-":          {"n_layer": 0}, // the layer's tensors are too many
		hfrun.IndexFile: {"n_layer": 2},
	} {
		dir := sharded(t, small(true))
		path := filepath.Join(dir, hfrun.ConfigFile)
		config, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, edit(t, config, change))
		if _, err := hfrun.Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want %q", change, err, want)
		}
	}
}

// TestMissingShardIsMissing keeps the kind of the system's error.
func TestMissingShardIsMissing(t *testing.T) {
	dir := sharded(t, small(false))
	shards, err := filepath.Glob(filepath.Join(dir, "model-*-of-*.safetensors"))
	if err != nil || len(shards) < 2 {
		t.Fatal(shards, err)
	}
	if err := os.Remove(shards[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := hfrun.Open(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}
