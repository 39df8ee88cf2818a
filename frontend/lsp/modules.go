package lsp

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// modules returns what finds the files that the view loads. Each is read once.
func (v *view) modules() modules { return v.loaded() }

func (v *view) newModules() modules {
	read := v.reader()
	var mu sync.Mutex
	known := map[string]*index{v.src.Name(): v.parsed().index}
	open := func(path string) (*index, error) {
		mu.Lock()
		defer mu.Unlock()
		if x, ok := known[path]; ok {
			return x, nil
		}
		text, err := read(path)
		if err != nil {
			return nil, err
		}
		known[path] = parse(diag.NewSource(path, text)).index
		return known[path], nil
	}
	return func(st *syntax.Load) *index {
		for _, path := range loadPaths(st.Span().Source.Name(), st.Path.Value) {
			switch x, err := open(path); {
			case err == nil:
				return x
			case !errors.Is(err, fs.ErrNotExist):
				return nil
			}
		}
		return nil
	}
}

// loadPaths are the files that a load statement may mean, as the resolver tries
// them.
func loadPaths(from, name string) []string {
	name += extension
	if filepath.IsAbs(name) {
		return []string{filepath.Clean(name)}
	}
	return []string{filepath.Join(filepath.Dir(from), name), filepath.Clean(name)}
}

// extension is what `load` adds to a name.
const extension = ".rasp"
