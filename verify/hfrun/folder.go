package hfrun

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/network"
)

// tensors are the weights of a folder.
type tensors struct {
	start string          // the file that readers start from: WeightsFile or IndexFile
	in    map[string]file // the file of each tensor, by the tensor's name
}

// file is a file of tensors with its name.
type file struct {
	name string
	tensorFile
}

// tensorFile is a file of tensors.
type tensorFile interface {
	// Names returns the names of all tensors, sorted.
	Names() []string
	// Has reports whether some tensor is of a type.
	Has(stfile.Type) bool
	// Values returns the elements of a tensor of the given type and shape, row by row.
	Values(name string, as stfile.Type, shape ...int) ([]float32, error)
}

// have reports whether there is a tensor of a type.
func (all *tensors) have(t network.Type) bool {
	for _, f := range all.in {
		if f.Has(stored(t)) {
			return true
		}
	}
	return false
}

// single returns the tensors of an unsharded folder.
func single(f *stfile.File) *tensors { return allIn(WeightsFile, f) }

// allIn returns the tensors of one file.
func allIn(start string, f tensorFile) *tensors {
	all := &tensors{start: start, in: map[string]file{}}
	for _, name := range f.Names() {
		all.in[name] = file{start, f}
	}
	return all
}

// openTensors opens the weights of dir. A folder with both a file and an index
// is refused: transformers reads the file then, other readers the index.
func openTensors(dir string) (*tensors, error) {
	_, noFile := os.Lstat(filepath.Join(dir, WeightsFile))
	_, noIndex := os.Lstat(filepath.Join(dir, IndexFile))
	switch {
	case noFile == nil && noIndex == nil:
		return nil, fault.In(dir, fault.New(fault.Disagreeing, "the folder has both %s and %s, of which readers take one or the other: remove the one that is not meant", WeightsFile, IndexFile))
	case noIndex == nil:
		return openShards(dir)
	case !errors.Is(noIndex, fs.ErrNotExist):
		return nil, noIndex
	}
	f, err := stfile.Open(filepath.Join(dir, WeightsFile))
	if err != nil {
		return nil, err
	}
	return single(f), nil
}

// openShards opens the weights of a folder with an index. No file is read that
// is outside the folder, wherever links lead.
func openShards(dir string) (*tensors, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	all, err := readShards(root)
	if err != nil {
		return nil, fault.Under(dir, err)
	}
	return all, nil
}

// maxIndex bounds the bytes of the index; a tensor takes about a hundred.
const maxIndex = 8 << 20

// readShards reads the index of a folder and the files that it names.
func readShards(root *os.Root) (*tensors, error) {
	text, err := fault.ReadIn(root, IndexFile, maxIndex)
	if err != nil {
		return nil, err
	}
	return parseShards(text, func(name string) (*stfile.File, error) { return stfile.OpenIn(root, name) })
}
