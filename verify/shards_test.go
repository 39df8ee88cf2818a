package verify_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify"
)

// exportShards compiles a program into a folder of shards.
func exportShards(t *testing.T, text string) string {
	t.Helper()
	m, err := raspc.Compile("test.rasp", text, raspc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := m.Export(dir, raspc.ExportOptions{Formats: []string{raspc.FormatSafetensors}, ShardSize: 500}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestShardsAreVerified(t *testing.T) {
	dir := exportShards(t, reverse)
	r, err := verify.Folder(t.Context(), dir, verify.Options{})
	if err != nil || r.Result != verify.Equivalent || len(r.Files) != 1 || r.Files[0].File != "model.safetensors.index.json" {
		t.Errorf("got %+v, %v", r, err)
	}
	m, err := verify.OpenModel(dir, raspc.FormatSafetensors)
	if err != nil {
		t.Fatal(err)
	}
	input := m.Vocab()
	got, err := m.Run(input)
	if err != nil || len(got) != 2 || got[0] != input[1] || got[1] != input[0] {
		t.Errorf("the reverse of %v is %v, %v", input, got, err)
	}
}

// TestShardsAndManifestDisagree has loaders find the weights elsewhere than
// the manifest says.
func TestShardsAndManifestDisagree(t *testing.T) {
	lie := func(name string) func(t *testing.T, dir string) {
		return manifestLie(func(m *manifest.Manifest) { m.Files[len(m.Files)-1].Name = name })
	}
	for name, tt := range map[string]struct {
		dir  string
		lie  func(t *testing.T, dir string)
		want string
	}{
		"an index that is not named": {exportShards(t, reverse), lie("model.safetensors"), "find the weights by model.safetensors.index.json"},
		"an index that is not there": {export(t, reverse), lie("model.safetensors.index.json"), "find the weights by model.safetensors"},
		"a shard for the index":      {exportShards(t, reverse), lie("model-00001-of-00002.safetensors"), "that model.safetensors.index.json names"},
		"both": {exportShards(t, reverse), func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "model.safetensors"), get(t, filepath.Join(export(t, reverse), "model.safetensors")))
		}, "has both"},
		"neither": {exportShards(t, reverse), func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "model.safetensors.index.json")); err != nil {
				t.Fatal(err)
			}
		}, "model.safetensors"},
	} {
		tt.lie(t, tt.dir)
		if _, err := verify.Folder(t.Context(), tt.dir, verify.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", name, err, tt.want)
		}
	}
}

// TestDamagedShards turns the signs of all numbers of a shard. Some shard has
// weights that matter.
func TestDamagedShards(t *testing.T) {
	dir := exportShards(t, reverse)
	shards, err := filepath.Glob(filepath.Join(dir, "model-*-of-*.safetensors"))
	if err != nil || len(shards) < 2 {
		t.Fatal(shards, err)
	}
	different := 0
	for _, path := range shards {
		good := get(t, path)
		bad := bytes.Clone(good)
		for i := 8 + int(binary.LittleEndian.Uint64(bad)); i < len(bad); i += 4 {
			bad[i+3] ^= 0x80
		}
		put(t, path, bad)
		r, err := verify.Folder(t.Context(), dir, verify.Options{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if r.Result == verify.Different {
			different++
		}
		put(t, path, good)
	}
	if different == 0 {
		t.Error("no damaged shard was noticed")
	}
}
