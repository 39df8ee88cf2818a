package raspc

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/card"
	"github.com/raspc/raspc/export/gguf"
	"github.com/raspc/raspc/export/graft"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/onnx"
	"github.com/raspc/raspc/export/transformerlens"
	"github.com/raspc/raspc/internal/staged"
)

// move gives the staged files their places, raspc.json last, and takes away what an
// older export left and this one does not have: its manifest first, so that not even a
// process that is killed leaves one beside new files.
func move(stage *staged.Folder, dir string, files []artifact.File) error {
	old, err := leftBehind(dir, files)
	if err != nil {
		return err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	return stage.Commit(old, names)
}

// filesBelow are the files that an export may leave in a folder of the given name
// inside its own.
func filesBelow(name string) []string {
	switch name {
	case transformerlens.Format:
		return transformerlens.Files()
	case gguf.Format:
		return gguf.Files()
	}
	return nil
}

// leftBehind returns what has to go from a folder before files get their names
// there: the manifest of an older export and that export's files, but for those
// that are replaced. A folder without a manifest is not an export, and nothing
// in it has to go.
func leftBehind(dir string, files []artifact.File) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var old []string
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
			for _, below := range filesBelow(name) {
				if info, err := os.Lstat(filepath.Join(dir, below)); err == nil && !info.IsDir() && !has(files, below) {
					old = append(old, below)
				}
			}
		case name == manifest.FileName:
			old = slices.Insert(old, 0, name)
		case exported(name) && !has(files, name):
			old = append(old, name)
		}
	}
	if len(old) == 0 || old[0] != manifest.FileName {
		return nil, nil
	}
	return old, nil
}

func has(files []artifact.File, name string) bool {
	return slices.ContainsFunc(files, func(f artifact.File) bool { return f.Name == name })
}

// exported reports whether an export may leave a file of this name in its
// folder.
func exported(name string) bool {
	return name == manifest.FileName || name == card.FileName || name == onnx.ModelFile || name == onnx.DataFile || name == graft.FrozenFile || hf.IsFile(name)
}

// checkPlaces looks for what stops an export half-way, or what it would
// replace, before anything is written.
func checkPlaces(dir string, files []artifact.File, force bool) error {
	var there []string
	for _, f := range files {
		place := filepath.Join(dir, f.Name)
		if below := filepath.Dir(place); path.Dir(f.Name) != "." {
			// A link to a folder would lead out of dir.
			if info, err := os.Lstat(below); err == nil && !info.IsDir() {
				return &os.PathError{Op: "write into", Path: below, Err: syscall.ENOTDIR}
			}
		}
		if info, err := os.Lstat(place); err == nil && info.IsDir() {
			return &os.PathError{Op: "replace", Path: place, Err: syscall.EISDIR}
		} else if err == nil {
			there = append(there, f.Name)
		}
	}
	if err := checkRival(dir, files); err != nil || len(there) == 0 || force {
		return err
	}
	err := fmt.Errorf("%s holds %s already", dir, strings.Join(there, ", "))
	if slices.Contains(there, manifest.FileName) {
		err = fmt.Errorf("%s holds an export already", dir)
	}
	return &ChoiceError{err, "replace it with --force, or write into another folder"}
}

// checkRival refuses weights that no export left where the new ones get
// another name: loaders that find a file and an index read one of them only,
// and it need not be the new one. It refuses what they read besides, too.
func checkRival(dir string, files []artifact.File) error {
	for _, name := range hf.Rivals() {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil && has(files, hf.ConfigFile) {
			return &ChoiceError{
				fmt.Errorf("%s has a %s that belongs to no export; stock classes would read it, too", dir, name),
				"remove it, or write into another folder",
			}
		}
	}
	place, rival := hf.WeightsFile, hf.IndexFile
	if has(files, hf.IndexFile) {
		place, rival = rival, place
	}
	info, err := os.Lstat(filepath.Join(dir, rival))
	if err != nil || !has(files, place) {
		return nil
	}
	if _, err := os.Lstat(filepath.Join(dir, manifest.FileName)); err == nil && !info.IsDir() {
		return nil // an older export's, which is removed
	}
	return &ChoiceError{
		fmt.Errorf("%s has a %s that belongs to no export; beside %s it might be read in its place", dir, rival, place),
		"remove it, or write into another folder",
	}
}
